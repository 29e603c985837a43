namespace KernelGen.Formats.Tests.Laws;

/// <summary>Every format the suite runs over, and the shapes and data it uses.</summary>
public static class Formats
{
    public static FormatCatalog All { get; } = KernelGen.Formats.DeclaredFormats.Catalog.With(Corners.DeclaredFormats.Catalog);

    /// <summary>One row of theory data per format.</summary>
    public static TheoryData<string> Names => [.. All.All.Select(format => format.Info.Name)];

    /// <summary>Rows × columns: single values, less than a block, blocks and a rest, long rows.</summary>
    public static (int Rows, int Columns)[] Shapes { get; } =
    [(1, 1), (3, 7), (2, 32), (5, 64), (17, 33), (3, 129), (2, 256), (4, 517), (64, 4101)];

    /// <summary>The shapes for formats that search among many candidates for every weight: the same corners, few blocks.</summary>
    private static readonly (int Rows, int Columns)[] s_fewBlocks = [(1, 1), (3, 7), (2, 300), (1, 517)];

    /// <summary>Whether a format takes milliseconds to pack a block.</summary>
    public static bool IsSlow(CompressedFormat format) => format.Info.CandidatesPerWeight > 1000;

    /// <summary>The shapes to run a format on.</summary>
    public static (int Rows, int Columns)[] ShapesOf(CompressedFormat format) => IsSlow(format) ? s_fewBlocks : Shapes;

    /// <summary>Data by name.</summary>
    public static (string Name, Func<Random, int, float> Value)[] Data { get; } =
    [
        ("normal", (random, _) => Normal(random)),
        ("outliers", (random, i) => Normal(random) * (i % 97 == 5 ? 50f : 1f)),
        ("zeros", (_, _) => 0f),
        ("negative zeros and zeros", (_, i) => i % 2 == 0 ? -0f : 0f),
        ("constant", (_, _) => 0.7f),
        ("all negative", (random, _) => -1f - random.NextSingle()),
        ("ties", (random, _) => random.Next(-16, 17) * 0.25f),
        ("subnormal", (random, _) => Normal(random) * 1e-41f),
        ("tiny", (random, _) => Normal(random) * 1e-30f),
        ("huge", (random, _) => Normal(random) * 5e37f),
        ("mixed magnitudes", (random, _) => Normal(random) * MathF.Pow(2f, random.Next(-60, 60))),
        ("one value per 32", (random, i) => i % 32 == 11 ? Normal(random) : 0f),
    ];

    public static float[] Make(string name, int count, int seed = 1)
    {
        var random = new Random(seed);
        Func<Random, int, float> value = Data.Single(data => data.Name == name).Value;
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = value(random, i);
        }
        return values;
    }

    public static float Normal(Random random)
    {
        double u = 1 - random.NextDouble(),
            v = random.NextDouble();
        return (float)(Math.Sqrt(-2 * Math.Log(u)) * Math.Cos(2 * Math.PI * v));
    }
}
