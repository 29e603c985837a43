namespace KernelGen.Training;

/// <summary>Sequences of tokens to train on, by number, and others to score a model on.</summary>
internal abstract class TrainingData
{
    private static readonly string[] Languages = [TrainingSpec.SyntheticData, TrainingSpec.QuantaData];

    /// <summary>Number of different tokens.</summary>
    public abstract int Vocabulary { get; }

    /// <summary>Number of held-out sequences.</summary>
    public abstract int HeldOutSequences { get; }

    /// <summary>Entropy in nats per token, if it is known.</summary>
    public virtual double? Entropy => null;

    /// <summary>A training sequence; the same number gives the same tokens.</summary>
    /// <param name="index">Number of the sequence, 0 or more.</param>
    /// <param name="tokens">Receives context + 1 tokens: each but the first is to be predicted.</param>
    public abstract void Sequence(long index, Span<int> tokens);

    /// <summary>A held-out sequence.</summary>
    /// <param name="index">Number of the sequence, below <see cref="HeldOutSequences"/>.</param>
    /// <param name="tokens">Receives context + 1 tokens.</param>
    public abstract void HeldOut(int index, Span<int> tokens);

    /// <summary>
    /// What a held-out sequence costs the distribution that wrote it, −ln p summed over its predicted tokens; 0 where that
    /// distribution is not known. A model's loss beyond it varies far less from sequence to sequence than the loss itself.
    /// </summary>
    /// <param name="index">Number of the sequence.</param>
    public virtual double TrueCost(int index) => 0;

    /// <summary>The data of a run.</summary>
    /// <param name="spec">The run.</param>
    /// <exception cref="ArgumentException">There is no such language and no such file, or the text is too short.</exception>
    /// <exception cref="IOException">The text cannot be read.</exception>
    public static TrainingData Of(TrainingSpec spec) =>
        spec.Data switch
        {
            TrainingSpec.SyntheticData => new SyntheticData(spec.Context, spec.Seed),
            TrainingSpec.QuantaData => new QuantaData(spec.Context, spec.Seed),
            _ => ByteCorpus.Read(Text(spec.Data), spec.Context, spec.Seed),
        };

    /// <summary>Says so if data are neither a language nor a file.</summary>
    /// <param name="data">Name of a language, or a path.</param>
    /// <exception cref="ArgumentException">They are not.</exception>
    public static void RequireKnown(string data)
    {
        if (!Languages.Contains(data))
        {
            Text(data);
        }
    }

    private static string Text(string path) =>
        File.Exists(path)
            ? path
            : throw new ArgumentException(
                $"Data is '{path}': there is no such language and no such file. {NearestName.Sentence(path, Languages)}",
                nameof(TrainingSpec.Data)
            );
}
