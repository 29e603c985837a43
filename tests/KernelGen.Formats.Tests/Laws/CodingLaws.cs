using KernelGen.Kernels.Elements;

namespace KernelGen.Formats.Tests.Laws;

/// <summary>Packing, unpacking, round trip and probe against the scalar reference, for every format.</summary>
public class CodingLaws
{
    public static TheoryData<string> Names => Formats.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Pack_gives_the_bytes_of_the_reference(string name)
    {
        CompressedFormat format = Formats.All[name];
        foreach ((float[] weights, int rows, int columns, string what) in Cases(format))
        {
            byte[] expected = new byte[format.Info.PackedBytes(rows, columns)],
                actual = new byte[expected.Length];
            Array.Fill(actual, (byte)0xA5);
            format.ReferencePack(weights, rows, columns, expected);
            format.Pack(weights, rows, columns, actual);
            Assert.True(
                expected.AsSpan().SequenceEqual(actual),
                $"{name} {what}: byte {expected.AsSpan().CommonPrefixLength(actual)} differs"
            );
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Unpack_gives_the_bits_of_the_reference_for_packed_and_for_arbitrary_bytes(string name)
    {
        CompressedFormat format = Formats.All[name];
        foreach ((float[] weights, int rows, int columns, string what) in Cases(format))
        {
            byte[] packed = new byte[format.Info.PackedBytes(rows, columns)];
            format.Pack(weights, rows, columns, packed); // the bytes of the reference, as the law above says
            RequireSameUnpacked(format, packed, rows, columns, what);
            new Random(columns).NextBytes(packed);
            RequireSameUnpacked(format, packed, rows, columns, "arbitrary bytes of " + what);
        }
    }

    private static void RequireSameUnpacked(CompressedFormat format, byte[] packed, int rows, int columns, string what)
    {
        float[] expected = new float[rows * columns],
            actual = new float[expected.Length];
        format.ReferenceUnpack(packed, rows, columns, expected);
        format.Unpack(packed, rows, columns, actual);
        RequireSameBits(expected, actual, $"{format} {what}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void RoundTrip_is_unpack_of_pack(string name)
    {
        CompressedFormat format = Formats.All[name];
        foreach ((float[] weights, int rows, int columns, string what) in Cases(format))
        {
            byte[] packed = new byte[format.Info.PackedBytes(rows, columns)];
            float[] expected = new float[rows * columns],
                actual = new float[expected.Length];
            format.Pack(weights, rows, columns, packed);
            format.Unpack(packed, rows, columns, expected);
            format.RoundTrip(weights, rows, columns, actual);
            RequireSameBits(expected, actual, $"{name} {what}");
            float[] inPlace = [.. weights];
            format.RoundTrip(inPlace, rows, columns, inPlace);
            RequireSameBits(expected, inPlace, $"{name} {what} in place");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Probe_is_the_squared_error_of_the_round_trip(string name)
    {
        CompressedFormat format = Formats.All[name];
        foreach ((int rows, int columns) in Formats.ShapesOf(format))
        {
            float[] samples = Formats.Make("normal", rows * columns, columns),
                decoded = new float[samples.Length];
            format.RoundTrip(samples, rows, columns, decoded);
            double error = 0,
                square = 0;
            for (int i = 0; i < samples.Length; i++)
            {
                error += Math.Pow((double)samples[i] - decoded[i], 2);
                square += (double)samples[i] * samples[i];
            }
            ErrorSums sums = format.Probe(samples, rows, columns);
            Assert.Equal(samples.Length, sums.Count);
            Assert.InRange(sums.SquaredValue, square * (1 - 1e-5), square * (1 + 1e-5));
            Assert.True(
                Math.Abs(sums.SquaredError - error) <= 1e-5 * error + 1e-12 * square,
                $"{name} {rows}×{columns}: {sums.SquaredError} against {error}"
            );
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Threads_do_not_change_bytes(string name)
    {
        CompressedFormat format = Formats.All[name];
        int rows = Formats.IsSlow(format) ? 5 : 67,
            columns = 1031;
        float[] weights = Formats.Make("normal", rows * columns, 5);
        byte[] one = new byte[format.Info.PackedBytes(rows, columns)],
            three = new byte[one.Length];
        format.Pack(weights, rows, columns, one, Parallelism.Single);
        format.Pack(weights, rows, columns, three, new Parallelism { Threads = 3 });
        Assert.Equal(one, three);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void NonFinite_weights_are_refused_with_their_place_or_kept(string name)
    {
        CompressedFormat format = Formats.All[name];
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            foreach ((int row, int column) in new[] { (0, 0), (2, 31), (1, 100) })
            {
                const int rows = 3,
                    columns = 101;
                float[] weights = Formats.Make("normal", rows * columns);
                weights[row * columns + column] = bad;
                byte[] packed = new byte[format.Info.PackedBytes(rows, columns)];
                if (format.Info.HoldsNonFinite)
                {
                    float[] back = new float[weights.Length];
                    format.Pack(weights, rows, columns, packed);
                    format.Unpack(packed, rows, columns, back);
                    Assert.Equal(bad, back[row * columns + column]);
                    continue;
                }
                foreach (
                    Action act in new Action[]
                    {
                        () => format.Pack(weights, rows, columns, packed),
                        () => format.RoundTrip(weights, rows, columns, new float[weights.Length]),
                    }
                )
                {
                    NonFiniteWeightException e = Assert.Throws<NonFiniteWeightException>(act);
                    Assert.Equal((row, column), ((int)e.Row, (int)e.Column));
                    Assert.Contains(name, e.Message);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Sizes_are_counted_honestly(string name)
    {
        FormatInfo info = Formats.All[name].Info;
        Assert.Equal(8.0 * info.BlockBytes / info.Block + (info.RowOutliers?.BitsPerWeight ?? 0), info.BitsPerWeight);
        Assert.True(info.BitsPerWeight >= info.ElementBits);
        Assert.Equal(info.TensorHeaderBytes + 3L * info.RowBytes(1), info.PackedBytes(3, 1));
        Assert.Equal(info.RowHeaderBytes + (info.RowOutliers?.Bytes(info.Block) ?? 0) + info.BlockBytes, info.RowBytes(1));
        // what is said of large matrices is what their rows take
        long columns = 1000L * 256 * info.Block;
        Assert.InRange(8.0 * (info.RowBytes(columns) - info.RowHeaderBytes) / columns / info.BitsPerWeight, 1 - 1e-5, 1 + 1e-5);
        for (int blocks = 1; blocks < 100; blocks++)
        {
            Assert.Equal(blocks, info.BlocksIn(info.RowBytes(blocks * info.Block)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_segment_is_a_part_of_the_row(string name)
    {
        CompressedFormat format = Formats.All[name];
        int block = format.Info.Block,
            columns = 4 * block + Math.Min(3, block);
        float[] weights = Formats.Make("normal", columns),
            all = new float[columns];
        byte[] packed = new byte[format.Info.PackedBytes(1, columns)];
        format.Pack(weights, 1, columns, packed);
        format.Unpack(packed, 1, columns, all);
        Segments.Check(format, packed, all, block);
    }

    internal static void RequireSameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            bool same =
                BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i])
                || (float.IsNaN(expected[i]) && float.IsNaN(actual[i]));
            Assert.True(same, $"{what}: value {i} is {actual[i]:R}, the reference gives {expected[i]:R}");
        }
    }

    /// <summary>Every kind of data in every shape; normal data alone in the largest.</summary>
    private static IEnumerable<(float[] Weights, int Rows, int Columns, string What)> Cases(CompressedFormat format)
    {
        foreach ((int rows, int columns) in Formats.ShapesOf(format))
        {
            foreach ((string data, _) in Formats.Data)
            {
                if (rows * columns < 5000 || data == "normal")
                {
                    yield return (Formats.Make(data, rows * columns, rows + columns), rows, columns, $"{rows}×{columns} {data}");
                }
            }
        }
    }
}
