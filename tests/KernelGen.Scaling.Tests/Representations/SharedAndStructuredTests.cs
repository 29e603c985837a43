namespace KernelGen.Scaling.Tests;

public sealed class SharedAndStructuredTests
{
    private static readonly FormatCatalog NoFormats = new();

    private static float[] Gaussian(int count)
    {
        var values = new float[count];
        ValueSource.Gaussian.Fill(11, 0, values);
        return values;
    }

    private static float[] Held(string text, float[] values, int rows)
    {
        var held = new float[values.Length];
        Representation.Parse(text, NoFormats).RoundTrip(values, rows, values.Length / rows, held);
        return held;
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(10)]
    public void The_error_of_sharing_is_exact(int ratio)
    {
        Representation shared = Representation.Parse($"shared{ratio}", NoFormats);
        RepresentationResult result = shared.Measure(new ProbeOptions { Samples = 1 << 20, Threads = 1 });
        Assert.Equal(1 - 1.0 / ratio, result.Weights.ExactGmse!.Value, 1e-12);
        Assert.InRange((result.Gmse - (1 - 1.0 / ratio)) / result.Weights.StandardError!.Value, -4, 4);
        Assert.Equal(16.0 / ratio, shared.Bits);
        Assert.Equal(16.0 * ((1000 + ratio - 1) / ratio), shared.MatrixBits(10, 100));
        Assert.False(shared.HasFusedKernel);
        Assert.Equal(ratio, shared.Sharing);
        Assert.Equal($"shared{ratio}", shared.Name);
    }

    [Theory]
    [InlineData(1, 1, 2)]
    [InlineData(7, 1, 3)]
    [InlineData(32, 64, 4)]
    [InlineData(17, 59, 10)]
    public void Every_value_has_its_share_of_weights(int rows, int columns, int ratio)
    {
        float[] values = Gaussian(rows * columns),
            held = Held($"shared{ratio}", values, rows);
        int[] members = [.. held.GroupBy(Math.Abs).Select(value => value.Count())];
        Assert.Equal((values.Length + ratio - 1) / ratio, members.Length);
        Assert.True(members.Max() - members.Min() <= 1);
        // The mean of weights with their signs, and a projection: held again it stays.
        Assert.All(held.Zip(Held($"shared{ratio}", held, rows)), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
        double product = values.Zip(held, (x, y) => (double)x * y).Sum(),
            square = held.Sum(y => (double)y * y);
        Assert.Equal(square, product, 1e-4 * Math.Max(1, square));
        if (values.Length > 100)
        {
            Assert.InRange(held.Count(x => x < 0) / (double)held.Length, 0.4, 0.6);
        }
    }

    [Fact]
    public void Neighbours_do_not_share_more_than_chance()
    {
        float[] held = Held("shared4", Gaussian(1 << 14), 128);
        int neighbours = Enumerable.Range(1, held.Length - 1).Count(i => Math.Abs(held[i]) == Math.Abs(held[i - 1]));
        Assert.InRange(neighbours, 0, 20); // 3 of 16384 others share a value: 3 expected
    }

    [Theory]
    [InlineData("rows50%", 8, 8, 4, 8)]
    [InlineData("rows25", 8, 8, 6, 8)]
    [InlineData("columns50%", 8, 10, 8, 5)]
    [InlineData("columns90%", 3, 4, 3, 1)]
    public void Structured_masks_keep_those_of_largest_norm(string text, int rows, int columns, int keptRows, int keptColumns)
    {
        float[] values = Gaussian(rows * columns);
        for (int i = 0; i < values.Length; i++)
        {
            // Norms fall to the right and down, so the first are kept.
            values[i] = MathF.CopySign(1, values[i]) * (100 - i / columns - i % columns);
        }
        float[] held = Held(text, values, rows);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal(i / columns < keptRows && i % columns < keptColumns ? values[i] : 0, held[i]);
        }
        Representation mask = Representation.Parse(text, NoFormats);
        Assert.Equal((keptRows, keptColumns), mask.Mask!.KeptShape(rows, columns));
        Assert.Equal(16.0 * keptRows * keptColumns + (keptRows < rows ? rows : columns), mask.MatrixBits(rows, columns));
        Assert.Equal(CapacityFamily.Sparse.Name, mask.Family);
    }

    [Fact]
    public void A_format_behind_a_structured_mask_sees_the_smaller_matrix()
    {
        float[] values = Gaussian(16 * 32),
            mask = Held("columns50%", values, 16);
        float[] held = new float[values.Length];
        Representation.Parse("columns50%", NoFormats).Then(Representation.UniformAbsMax(8, ScaleGroup.Row)).RoundTrip(values, 16, 32, held);
        Assert.Equal(mask.Select(x => x != 0), held.Select(x => x != 0));
        Assert.All(mask.Zip(held), pair => Assert.Equal(pair.First, pair.Second, 0.02));
    }

    /// <summary>Norms of long Gaussian rows are nearly equal: choosing among them is worth little.</summary>
    [Fact]
    public void Gaussian_rows_are_nearly_alike()
    {
        ProbeOptions options = new() { Samples = 1 << 20, Threads = 1 };
        double rows = Representation.Parse("rows50%", NoFormats).Measure(options).Gmse,
            values = Representation.Parse("sparse50%", NoFormats).Measure(options).Gmse;
        Assert.InRange(rows, 0.45, 0.5);
        Assert.InRange(values, 0.06, 0.08);
    }

    [Theory]
    [InlineData("shared1", "1 weights share a value; it must be 2 to 1024")]
    [InlineData("shared2000", "it must be 2 to 1024")]
    [InlineData("rows0%", "0 % zeros")]
    [InlineData("columns100", "100 % zeros")]
    [InlineData("shared4+2:4", "a format ends the chain")]
    [InlineData("rows50%+2:4", "one mask")]
    [InlineData("dense x shared4", "for matrices of weights")]
    [InlineData("dense x columns50%", "for matrices of weights")]
    [InlineData("share4", "neither a format nor a mask")]
    public void What_is_wrong_is_named(string text, string words) =>
        Assert.Contains(
            words,
            Assert.Throws<FormatException>(() => Representation.Parse(text, NoFormats)).Message,
            StringComparison.Ordinal
        );
}
