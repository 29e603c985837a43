namespace KernelGen.Training;

/// <summary>A text read byte by byte. Its last twentieth is held out; training sequences begin anywhere before that.</summary>
internal sealed class ByteCorpus : TrainingData
{
    /// <summary>Share of the text that is held out, and at most so many tokens of it.</summary>
    private const int HeldOutShare = 20,
        MostHeldOut = 1 << 17;

    private readonly byte[] _text;
    private readonly int _context,
        _trained;
    private readonly ulong _seed;

    private ByteCorpus(byte[] text, int context, int trained, int seed)
    {
        (_text, _context, _trained, _seed) = (text, context, trained, (ulong)(uint)seed);
        HeldOutSequences = Math.Min(text.Length - trained - 1, MostHeldOut) / context;
    }

    public override int Vocabulary => 256;

    public override int HeldOutSequences { get; }

    /// <summary>Reads a text.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="context">Tokens of a sequence.</param>
    /// <param name="seed">Chooses the order of the sequences.</param>
    /// <exception cref="ArgumentException">It is too short to train on and to hold out two sequences.</exception>
    public static ByteCorpus Read(string path, int context, int seed)
    {
        byte[] text = File.ReadAllBytes(path);
        int held = text.Length / HeldOutShare,
            least = HeldOutShare * (2 * context + 1);
        if (held < 2 * context + 1)
        {
            throw new ArgumentException(
                $"Data is '{path}', of {text.Length} bytes; with a context of {context} it must have {least} or more, so that two "
                    + "sequences can be held out.",
                nameof(TrainingSpec.Data)
            );
        }
        return new(text, context, text.Length - held, seed);
    }

    public override void Sequence(long index, Span<int> tokens)
    {
        var random = new SplitMix(_seed, (ulong)index);
        Copy((int)random.NextBelow(_trained - _context), tokens);
    }

    public override void HeldOut(int index, Span<int> tokens) => Copy(_trained + index * _context, tokens);

    private void Copy(int start, Span<int> tokens)
    {
        for (int i = 0; i < tokens.Length; i++)
        {
            tokens[i] = _text[start + i];
        }
    }
}
