using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;

namespace KernelGen.Gpu.Tests;

/// <summary>
/// Integer products: activations become the bytes of the CPU, sums of groups are its integers, and results are within the bound of float32.
/// </summary>
public sealed class Int8Tests
{
    public static TheoryData<string> Names => [.. Subjects.Chosen.Concat(["q4_0", "q8_0", "q5_0", "q6_k"]).Distinct().Where(Has)];

    private static bool Has(string name) => Subjects.Kernels[name].HasIntegers;

    [Fact]
    public void Formats_of_integers_have_integer_kernels()
    {
        string[] without =
        [
            .. new[] { "q4_0", "q4_1", "q4_k", "q5_0", "q6_k", "q8_0", "int4-g128", "int8-g128", "tq2_0" }.Where(name => !Has(name)),
        ];
        Assert.Empty(without);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Products_are_those_of_the_bytes(string name)
    {
        CompressedFormat format = Subjects.Formats[name];
        // several groups, warps that go round twice, a row whose end is cut, all four kernels
        Check(format, 5, Math.Max(1101, format.Info.Block + 13), [1, 3, 6], 1);
        Check(format, 3, 45, [4], 1e20f);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Sums_of_a_group_are_the_integers_of_the_CPU(string name)
    {
        CompressedFormat format = Subjects.Formats[name];
        if (format.Info.Rotation > 0)
        {
            return; // whole activations do not stay whole
        }
        const int rows = 7,
            columns = 32;
        byte[] packed = Subjects.Pack(format, rows, columns);
        // whole activations with 127 among them have the scale 1, and are their own bytes
        float[] x = [.. Enumerable.Range(0, columns).Select(i => i == 3 ? 127f : i * 37 % 255 - 127f)],
            weights = new float[rows * columns],
            y = new float[rows];
        format.ReferenceUnpack(packed, rows, columns, weights);
        using var matrix = new GpuMatrix(Subjects.Device, format, packed, rows, columns) { Precision = GpuPrecision.Int8 };
        matrix.MatVec(x, y);
        for (int row = 0; row < rows; row++)
        {
            double exact = 0,
                largest = 0;
            for (int k = 0; k < columns; k++)
            {
                exact += (double)weights[row * columns + k] * x[k];
                largest = Math.Max(largest, Math.Abs(weights[row * columns + k]));
            }
            // one rounding a run: an integer that is wrong by 1 is at least 1 / 255 of the largest weight
            Assert.Equal(exact, y[row], 1e-6 * (Math.Abs(exact) + largest * columns));
        }
    }

    [Fact]
    public void Activations_become_the_bytes_of_the_CPU()
    {
        const int columns = 32 * 37 + 5;
        float[] x = Subjects.Normal(columns, 8);
        x[40] = 1e-44f;
        x[70] = 3e30f;
        CompressedFormat format = Subjects.Formats["q8_0"];
        using var matrix = new GpuMatrix(Subjects.Device, format, Subjects.Pack(format, 1, columns), 1, columns)
        {
            Precision = GpuPrecision.Int8,
        };
        using GpuActivations staged = matrix.Stage(x, 1);
        (sbyte[] codes, float[] scales) = Read(staged, interleaved: false);
        var padded = new float[(columns + 31) / 32 * 32];
        x.CopyTo(padded, 0);
        for (int group = 0; group < padded.Length / 32; group++)
        {
            ref float values = ref padded[32 * group];
            float scale = Int8Quantiser.Scale(Int8Quantiser.Largest(ref values));
            var expected = new sbyte[32];
            Int8Quantiser.One(ref values, ScaleCodec.Reciprocal(scale), ref expected[0]);
            Int8Quantiser.One(ref padded[32 * group + 16], ScaleCodec.Reciprocal(scale), ref expected[16]);
            Assert.Equal(scale, scales[group]);
            Assert.Equal(expected, codes[(32 * group)..(32 * group + 32)]);
        }
    }

    [Fact]
    public void A_format_without_integers_says_so()
    {
        CompressedFormat format = Subjects.Formats["nf4-g64"];
        using var matrix = new GpuMatrix(Subjects.Device, format, Subjects.Pack(format, 1, 64), 1, 64) { Precision = GpuPrecision.Int8 };
        GpuException e = Assert.Throws<GpuException>(() => matrix.MatVec(new float[64], new float[1]));
        Assert.Contains("nf4-g64 has no integer kernels", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Bytes in the order of columns, and scales, of the first vector.</summary>
    private static (sbyte[] Codes, float[] Scales) Read(GpuActivations staged, bool interleaved, int vector = 0)
    {
        int units = (int)(staged.Groups!.Length / staged.Batch);
        U4[] records = new U4[staged.Codes!.Length],
            groups = new U4[staged.Groups.Length];
        staged.Codes.Download(Subjects.Device.Accelerator.DefaultStream, records);
        staged.Groups.Download(Subjects.Device.Accelerator.DefaultStream, groups);
        var codes = new sbyte[32 * units];
        for (int i = 0; i < codes.Length; i++)
        {
            int place = !interleaved ? i % 32 : i % 32 / 8 * 8 + i % 2 * 4 + i % 8 / 2;
            U4 record = records[vector * units * 2 + i / 1024 * 64 + i / 32 % 32 + place / 16 * 32];
            uint word = new[] { record.X, record.Y, record.Z, record.W }[place % 16 / 4];
            codes[i] = (sbyte)(word >> (8 * (place % 4)));
        }
        return (codes, [.. groups.Skip(vector * units).Take(units).Select(group => BitConverter.UInt32BitsToSingle(group.X))]);
    }

    private static void Check(CompressedFormat format, int rows, int columns, int[] batches, float size)
    {
        byte[] packed = Subjects.Pack(format, rows, columns);
        var bound = new HalfBound(format, packed, rows, columns, levels: true);
        using var matrix = new GpuMatrix(Subjects.Device, format, packed, rows, columns) { Precision = GpuPrecision.Int8 };
        bool interleaved = Subjects.Kernels[format.Info.Name].Layout.Fields[0].Bits < 8;
        foreach (int batch in batches)
        {
            float[] x = [.. Subjects.Normal(batch * columns, batch).Select(value => value * size)],
                y = new float[batch * rows];
            using GpuActivations staged = matrix.Stage(x, batch);
            using GpuResults results = matrix.NewResults(batch);
            matrix.MatMul(staged, results);
            results.Download(y);
            for (int b = 0; b < batch; b++)
            {
                (sbyte[] codes, float[] scales) = Read(staged, interleaved, b);
                double[] bytes = [.. codes.Select((code, i) => (double)code * scales[i / 32])];
                for (int r = 0; r < rows; r++)
                {
                    (double sum, double most) = bound.OfRounded(r, bytes);
                    Assert.True(
                        Math.Abs(y[b * rows + r] - sum) <= most,
                        $"{format} {rows}×{columns} batch {batch}: y[{b},{r}] = {y[b * rows + r]:R}, exact {sum:R}, bound {most:G3}"
                    );
                }
            }
        }
    }
}
