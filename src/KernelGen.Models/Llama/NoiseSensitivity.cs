namespace KernelGen.Models;

/// <summary>
/// Measures how the loss grows with the relative squared error of each matrix, as HIGGS does (arXiv 2411.17525, §4.2): one
/// matrix at a time gets Gaussian noise of t times its own norm, and α = (loss with noise − loss) / t².
/// </summary>
/// <param name="model">The model; it is as before afterwards.</param>
/// <param name="catalog">Formats, of which binary32 holds the noisy matrices.</param>
/// <param name="context">Tokens of a window.</param>
public sealed class NoiseSensitivity(LlamaModel model, FormatCatalog catalog, int context)
{
    /// <summary>Size of the noise where none is chosen: about that of a 3-bit format, small enough for the loss to be linear in t².</summary>
    public const double DefaultNoise = 0.15;

    /// <summary>Measures every matrix.</summary>
    /// <param name="tokens">The text.</param>
    /// <param name="noise">t.</param>
    /// <param name="seed">Seed of the noise.</param>
    /// <param name="progress">Hears of each matrix: how many so far, and the name.</param>
    /// <returns>α by name, 0 where noise did not raise the loss.</returns>
    public IReadOnlyList<KeyValuePair<string, double>> Measure(
        int[] tokens,
        double noise = DefaultNoise,
        int seed = 0,
        Action<int, string>? progress = null
    )
    {
        var evaluation = new LlamaEvaluation(model, context);
        double loss = evaluation.Score(tokens).Loss.Mean;
        CompressedFormat plain = WeightMatrix.Plain(catalog, SafetensorsDtype.F32);
        List<KeyValuePair<string, double>> found = [];
        foreach (string name in model.Matrices.Keys.Order(StringComparer.Ordinal).ToArray())
        {
            progress?.Invoke(found.Count, name);
            WeightMatrix before = model.Matrices[name];
            model.Replace(name, Noisy(before, noise, new Random(HashCode(name, seed)), plain));
            try
            {
                double grown = evaluation.Score(tokens).Loss.Mean - loss;
                found.Add(new(name, Math.Max(0, grown) / (noise * noise)));
            }
            finally
            {
                model.Replace(name, before);
            }
        }
        return found;
    }

    private static WeightMatrix Noisy(WeightMatrix matrix, double noise, Random random, CompressedFormat plain)
    {
        float[] values = matrix.Values();
        double deviation = noise * TensorStatistics.Measure(values).Rms;
        for (int i = 0; i < values.Length; i++)
        {
            double gaussian = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            values[i] += (float)(deviation * gaussian);
        }
        return WeightMatrix.Of(values, matrix.Rows, matrix.Columns, plain);
    }

    /// <summary>The same in every process, unlike the hash of a string.</summary>
    private static int HashCode(string name, int seed) => name.Aggregate(seed, (hash, character) => unchecked(hash * 31 + character));
}
