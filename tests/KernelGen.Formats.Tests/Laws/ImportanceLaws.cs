namespace KernelGen.Formats.Tests.Laws;

/// <summary>Importance of columns, for every format: it lowers the error that it weighs, or changes nothing at all.</summary>
public class ImportanceLaws
{
    public static TheoryData<string> Names => Formats.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Weighted_error_falls_where_the_encoder_searches_and_bytes_stay_where_it_does_not(string name)
    {
        CompressedFormat format = Formats.All[name];
        int rows = Formats.IsSlow(format) ? 1 : 6,
            columns = Formats.IsSlow(format) ? 256 + 16 : 3 * 256 + 40;
        float[] weights = Formats.Make("normal", rows * columns, 3);
        float[] importance = [.. Formats.Make("normal", columns, 4).Select((w, i) => i % 17 == 3 ? 0f : w * w * (i % 23 == 0 ? 40f : 1f))];
        byte[] plain = Pack(format, weights, rows, columns, default),
            weighted = Pack(format, weights, rows, columns, importance);
        if (!format.Info.HonoursImportance)
        {
            Assert.Equal(plain, weighted);
            return;
        }
        double before = WeightedError(format, weights, rows, columns, importance, plain);
        double after = WeightedError(format, weights, rows, columns, importance, weighted);
        Assert.True(after < before, $"{name}: weighted error {after} with importance, {before} without");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Equal_importance_is_none(string name)
    {
        CompressedFormat format = Formats.All[name];
        int rows = Formats.IsSlow(format) ? 1 : 3,
            columns = Formats.IsSlow(format) ? 256 : 517;
        float[] weights = Formats.Make("normal", rows * columns, 3);
        byte[] plain = Pack(format, weights, rows, columns, default);
        foreach (float value in new[] { 1f, 0.37f, 0f, float.MaxValue, float.Epsilon })
        {
            float[] importance = new float[columns];
            Array.Fill(importance, value);
            Assert.Equal(plain, Pack(format, weights, rows, columns, importance));
        }
    }

    [Theory]
    [InlineData("int4-g32")]
    [InlineData("q4_0")]
    [InlineData("q4_k")]
    [InlineData("int4-hadamard")]
    public void Importance_that_does_not_fit_is_refused_with_the_number(string name)
    {
        CompressedFormat format = Formats.All[name];
        const int rows = 2,
            columns = 64;
        float[] weights = Formats.Make("normal", rows * columns),
            importance = new float[columns];
        void Refuses(float[] given, params string[] parts)
        {
            ArgumentException e = Assert.ThrowsAny<ArgumentException>(() => Pack(format, weights, rows, columns, given));
            Assert.All([name, .. parts], part => Assert.Contains(part, e.Message));
        }
        Refuses(new float[63], "63 importance values", "64 columns");
        Refuses(new float[128], "128 importance values", "64 columns");
        foreach ((float bad, string text) in new[] { (float.NaN, "NaN"), (-0.5f, "-0.5"), (float.PositiveInfinity, "Infinity") })
        {
            Array.Clear(importance);
            importance[41] = bad;
            Refuses(importance, "column 41", text);
        }
    }

    [Fact]
    public void Both_kinds_of_format_are_there()
    {
        Assert.Contains(Formats.All.All, format => format.Info.HonoursImportance);
        Assert.Contains(Formats.All.All, format => !format.Info.HonoursImportance);
    }

    private static byte[] Pack(CompressedFormat format, float[] weights, int rows, int columns, float[]? importance)
    {
        byte[] packed = new byte[format.Info.PackedBytes(rows, columns)];
        format.Pack(weights, rows, columns, importance, packed);
        return packed;
    }

    private static double WeightedError(CompressedFormat format, float[] weights, int rows, int columns, float[] importance, byte[] packed)
    {
        float[] decoded = new float[weights.Length];
        format.Unpack(packed, rows, columns, decoded);
        return weights.Select((w, i) => importance[i % columns] * Math.Pow((double)w - decoded[i], 2)).Sum();
    }
}
