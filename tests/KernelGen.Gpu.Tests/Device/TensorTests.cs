namespace KernelGen.Gpu.Tests;

/// <summary>
/// Products on tensor units: within the bound of <see cref="GpuTensor"/>, by the instruction on CUDA devices, by shuffles in the same
/// places elsewhere.
/// </summary>
public sealed class TensorTests
{
    public static TheoryData<string> Names => Subjects.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Products_are_within_the_bound(string name)
    {
        CompressedFormat format = Subjects.Formats[name];
        if (Subjects.MeetsSlowly)
        {
            // a warp meets 192 times a step of 64 columns; further steps and ends of tiles are asked of two formats below
            Check(Subjects.Device, format, 19, 45, [9]);
            return;
        }
        CheckTiles(format);
    }

    /// <summary>One format of which levels are multiplied, and one of which weights are.</summary>
    [Theory]
    [InlineData("int4-g128")]
    [InlineData("nf4-g64")]
    public void Products_are_within_the_bound_where_tiles_end(string name) => CheckTiles(Subjects.Formats[name]);

    private static void CheckTiles(CompressedFormat format)
    {
        Check(Subjects.Device, format, 67, 77, [33]);
        Check(Subjects.Device, format, 19, format.Info.Block + 13, [8, 64]);
        Check(Subjects.Device, format, 1, 45, [8]);
    }

    [Fact]
    public void Large_and_small_activations_keep_their_precision()
    {
        CompressedFormat format = Subjects.Formats["q8_0"];
        foreach (float size in new[] { 1e-30f, 1e6f, 1e30f })
        {
            Check(Subjects.Device, format, 3, 45, [8], size);
        }
    }

    [Fact]
    public void Eight_vectors_or_more_go_to_tensor_units_where_there_are_some()
    {
        CompressedFormat format = Subjects.Formats["q4_0"];
        using var matrix = new GpuMatrix(Subjects.Device, format, Subjects.Pack(format, 5, 64), 5, 64);
        foreach (int batch in new[] { 7, 8 })
        {
            float[] x = Subjects.Normal(batch * 64, batch),
                automatic = new float[batch * 5],
                exact = new float[batch * 5],
                half = new float[batch * 5];
            matrix.MatMul(x, batch, automatic);
            matrix.Precision = GpuPrecision.Float;
            matrix.MatMul(x, batch, exact);
            matrix.Precision = GpuPrecision.Half;
            matrix.MatMul(x, batch, half);
            matrix.Precision = GpuPrecision.Automatic;
            Assert.NotEqual(exact, half);
            Assert.Equal(batch >= GpuMatrix.TensorBatch && Subjects.Device.HasTensorUnits ? half : exact, automatic);
        }
    }

    [Fact]
    public void Rounding_to_binary16_is_that_of_the_processor()
    {
        for (int bits = 0; bits < 1 << 16; bits++)
        {
            float value = (float)BitConverter.UInt16BitsToHalf((ushort)bits);
            RequireSame(value);
            if (float.IsFinite(value))
            {
                // the middle to the next number, and what lies around it
                float next = (float)BitConverter.UInt16BitsToHalf((ushort)(bits + 1)),
                    middle = float.IsFinite(next) ? (value + next) / 2 : value * (1 + 1f / 4096);
                RequireSame(middle);
                RequireSame(MathF.BitIncrement(middle));
                RequireSame(MathF.BitDecrement(middle));
            }
        }
        RequireSame(float.MaxValue);
        RequireSame(float.Epsilon);
    }

    private static void RequireSame(float value)
    {
        uint actual = GpuNumbers.ToHalf(value),
            expected = BitConverter.HalfToUInt16Bits((Half)value);
        bool nan = float.IsNaN(value) && (actual & 0x7FFF) > 0x7C00;
        Assert.True(nan || actual == expected, $"{value:R} becomes {actual:X4}, not {expected:X4}");
    }

    private static void Check(GpuDevice device, CompressedFormat format, int rows, int columns, int[] batches, float size = 1)
    {
        byte[] packed = Subjects.Pack(format, rows, columns);
        var bound = new HalfBound(format, packed, rows, columns, Subjects.Kernels[format.Info.Name].HasHalfLevels);
        using var matrix = new GpuMatrix(device, format, packed, rows, columns) { Precision = GpuPrecision.Half };
        foreach (int batch in batches)
        {
            float[] x = [.. Subjects.Normal(batch * columns, batch).Select(value => value * size)],
                y = new float[batch * rows];
            Array.Fill(y, float.NaN);
            matrix.MatMul(x, batch, y);
            for (int b = 0; b < batch; b++)
            {
                double[] rotated = bound.Rotate(x.AsSpan(b * columns, columns));
                for (int r = 0; r < rows; r++)
                {
                    (double sum, double most) = bound.Of(r, rotated);
                    Assert.True(
                        Math.Abs(y[b * rows + r] - sum) <= most,
                        $"{format} {rows}×{columns} batch {batch}: y[{b},{r}] = {y[b * rows + r]:R}, exact {sum:R}, bound {most:G3}"
                    );
                }
            }
        }
    }
}
