using System.Reflection;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Products;

namespace KernelGen.Formats.Tests.Laws;

/// <summary>Integer dot products: exact over the rounded activations, and as near to the real ones as the rounding allows.</summary>
public class IntegerLaws
{
    public static TheoryData<string> Names => Formats.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Integer_products_are_those_of_the_rounded_activations(string name)
    {
        CompressedFormat format = Formats.All[name];
        Invoke(nameof(CheckAll), format);
    }

    /// <summary>
    /// A power of two in the activations is one in the products, to the bit, as far as the range that is promised: nothing overflows or
    /// vanishes on the way.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Products_scale_with_the_activations(string name) => Invoke(nameof(CheckRange), Formats.All[name]);

    [Fact]
    public void Formats_that_ought_to_have_integer_kernels_have_them()
    {
        foreach (
            string name in new[]
            {
                "q4_0",
                "q4_1",
                "q5_0",
                "q5_1",
                "q8_0",
                "mxfp4",
                "nvfp4",
                "nvfp4-ggml",
                "int4-g128",
                "int2-g32",
                "int8-g128",
                "mxint8",
                "e2m1",
                "int4",
                "iq4_nl",
                "q2_k",
                "q3_k",
                "q4_k",
                "q5_k",
                "q6_k",
                "iq4_xs",
                "tq1_0",
                "tq2_0",
                "q1_0",
                "q2_0",
                "sparse24-int4",
                "sparse24-int8",
                "sparse50-int4-block",
                "sparse48pair-int4",
                "e8p",
                "e8p3",
                "e8p4",
                "sparse50-int4",
                "sparse75-int4",
                "int3-g32-outliers1",
                "int3-g32-outliers1-block",
            }
        )
        {
            Assert.True((bool)Invoke(nameof(Has), Formats.All[name])!, name);
        }
        Assert.False((bool)Invoke(nameof(Has), Formats.All["nf4-g64"])!);
        Assert.False((bool)Invoke(nameof(Has), Formats.All["f16"])!);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Integer_products_allocate_nothing_in_steady_state(int threads)
    {
        var matrix = CompressedMatrix<KernelGen.Formats.Q4_0>.Pack(Formats.Make("normal", 512 * 512), 512, 512);
        float[] x = Formats.Make("normal", 40 * 512),
            y = new float[40 * 512];
        var parallelism = new Parallelism { Threads = threads };
        long allocated = long.MaxValue;
        for (int attempt = 0; attempt < 50 && allocated > 0; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            matrix.MatMul(x, 1, y, MatVecPrecision.Int8, parallelism);
            matrix.MatMul(x, 20, y, MatVecPrecision.Int8TwoDigits, parallelism);
            matrix.MatMul(x, 40, y, MatVecPrecision.Int8, parallelism);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.Equal(0, allocated);
    }

    /// <summary>
    /// Rows of a matrix that no core's caches hold have scales of 16 bits, and a kernel that takes one block of them at a time.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Rows_of_a_large_matrix_give_the_bits_of_a_small_one(string name) => Invoke(nameof(CheckLarge), Formats.All[name]);

    private static object? Invoke(string method, CompressedFormat format) =>
        typeof(IntegerLaws)
            .GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(format.Declaration)
            .Invoke(null, []);

    private static bool Has<TFormat>()
        where TFormat : struct, ICompressedFormat<TFormat> =>
        CompressedMatrix<TFormat>.Pack(Formats.Make("normal", 5 * 64), 5, 64).HasIntegerKernels;

    private static void CheckAll<TFormat>()
        where TFormat : struct, ICompressedFormat<TFormat>
    {
        foreach ((int rows, int columns) in Formats.ShapesOf(Formats.All[TFormat.Info.Name]))
        {
            foreach (string data in rows * columns > 5000 ? ["normal"] : new[] { "normal", "outliers", "zeros", "all negative" })
            {
                float[] weights = Formats.Make(data, rows * columns, columns);
                CompressedMatrix<TFormat> matrix = CompressedMatrix<TFormat>.Pack(weights, rows, columns);
                if (!matrix.HasIntegerKernels)
                {
                    Assert.Throws<NotSupportedException>(() => matrix.MatMul(new float[columns], 1, new float[rows], MatVecPrecision.Int8));
                }
                if (Formats.All[TFormat.Info.Name].Repack(matrix.Packed.Span, rows, columns) is null)
                {
                    continue; // its products are those that the laws of all formats are about
                }
                var basis = new RotatedBasis(Formats.All[TFormat.Info.Name], columns);
                float[] decoded = basis.Weights(matrix.Packed.Span, rows),
                    two = Formats.Make("normal", 2 * columns, 7);
                Check(matrix, decoded, two, 2, MatVecPrecision.Float, basis.Activations(two), 0);
                if (!matrix.HasIntegerKernels)
                {
                    continue;
                }
                foreach (int batch in rows == 3 ? [1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 131] : new[] { 1, 6, 8, 12 })
                {
                    float[] x = Formats.Make("normal", batch * columns, batch),
                        multiplied = basis.Activations(x);
                    Check(matrix, decoded, x, batch, MatVecPrecision.Int8, Rounded(multiplied, batch, multiplied.Length / batch), 0);
                    // two digits: 15 bits of the largest of 32 activations
                    Check(matrix, decoded, x, batch, MatVecPrecision.Int8TwoDigits, multiplied, 1.0 / 30000);
                }
            }
        }
    }

    private static void CheckRange<TFormat>()
        where TFormat : struct, ICompressedFormat<TFormat>
    {
        (int rows, int columns) = Formats.ShapesOf(Formats.All[TFormat.Info.Name]).First(shape => shape.Item2 >= 32);
        CompressedMatrix<TFormat> matrix = CompressedMatrix<TFormat>.Pack(Formats.Make("normal", rows * columns, columns), rows, columns);
        if (!matrix.HasIntegerKernels)
        {
            return; // refused, which another law is about
        }
        foreach (MatVecPrecision precision in new[] { MatVecPrecision.Int8, MatVecPrecision.Int8TwoDigits })
        {
            foreach (int batch in new[] { 1, 4, 12 })
            {
                float[] x = Formats.Make("normal", batch * columns, batch),
                    y = new float[batch * rows],
                    scaled = new float[batch * rows];
                matrix.MatMul(x, batch, y, precision, Parallelism.Single);
                foreach (float power in new[] { MathF.ScaleB(1, 111), MathF.ScaleB(1, -90) })
                {
                    matrix.MatMul(Array.ConvertAll(x, value => value * power), batch, scaled, precision, Parallelism.Single);
                    Assert.Equal(Array.ConvertAll(y, value => value * power), scaled);
                }
            }
        }
    }

    private static void CheckLarge<TFormat>()
        where TFormat : struct, ICompressedFormat<TFormat>
    {
        const int few = 64,
            columns = 2048;
        CompressedFormat format = Formats.All[TFormat.Info.Name];
        if (
            TFormat.Info.TensorHeaderBytes > 0
            || Formats.IsSlow(format)
            || format.Repack(new byte[format.Info.PackedBytes(few, columns)], few, columns) is not { } empty
        )
        {
            return; // rows are copied below, so a header would stand in their way; and what has no repacked rows is none of this law's
        }
        int many = Math.Max(2304, (int)(((2 << 20) / empty.Bytes + 2) * few));
        byte[] packed = new byte[format.Info.PackedBytes(few, columns)],
            repeated = new byte[format.Info.PackedBytes(many, columns)];
        format.Pack(Formats.Make("normal", few * columns), few, columns, packed);
        for (int at = 0; at < repeated.Length; at += packed.Length)
        {
            packed.CopyTo(repeated, at);
        }
        ProductMatrix small = format.Repack(packed, few, columns)!,
            large = format.Repack(repeated, many, columns)!;
        Assert.True(large.Bytes > 2 << 20);
        foreach (MatVecPrecision precision in small.HasIntegers ? Enum.GetValues<MatVecPrecision>() : [MatVecPrecision.Float])
        {
            // without vectors there is one kernel for all, and it takes its time
            foreach (int batch in Vector128.IsHardwareAccelerated ? [1, 2, 6, 9, 13] : (int[])[1])
            {
                float[] x = Formats.Make("normal", batch * columns, batch),
                    y = new float[batch * few],
                    yLarge = new float[batch * many];
                small.MatMul(x, batch, y, precision);
                large.MatMul(x, batch, yLarge, precision);
                for (int b = 0; b < batch; b++)
                {
                    Assert.Equal(y.AsSpan(b * few, few), yLarge.AsSpan(b * many, few));
                    Assert.Equal(y.AsSpan(b * few, few), yLarge.AsSpan(b * many + many - few, few));
                }
            }
        }
    }

    private static void Check<TFormat>(
        CompressedMatrix<TFormat> matrix,
        float[] decoded,
        float[] x,
        int batch,
        MatVecPrecision precision,
        float[] reference,
        double rounding
    )
        where TFormat : struct, ICompressedFormat<TFormat>
    {
        int rows = matrix.Rows,
            columns = decoded.Length / rows;
        float[] y = new float[batch * rows],
            threaded = new float[batch * rows];
        matrix.MatMul(x, batch, y, precision, Parallelism.Single);
        matrix.MatMul(x, batch, threaded, precision, new Parallelism { Threads = 2 });
        Assert.Equal(y, threaded);
        for (int b = 0; b < batch; b++)
        {
            for (int r = 0; r < rows; r++)
            {
                double sum = 0,
                    magnitude = 0,
                    coarse = 0;
                for (int k = 0; k < columns; k++)
                {
                    double w = decoded[r * columns + k];
                    sum += w * reference[b * columns + k];
                    magnitude += Math.Abs(w * reference[b * columns + k]);
                    coarse += Math.Abs(w);
                }
                // offsets and zero points are sums of their own, so the magnitude that rounding acts on is that of the levels
                double bound = 4 * Math.Sqrt(columns) * Math.Pow(2, -24) * (magnitude + 8 * coarse) + rounding * 4 * coarse + 1e-44;
                Assert.True(
                    Math.Abs(y[b * rows + r] - sum) <= bound,
                    $"{typeof(TFormat).Name} {rows}×{columns} batch {batch} {precision}: y[{b},{r}] = {y[b * rows + r]:R}, expected "
                        + $"{sum:R}, bound {bound:G3}"
                );
            }
        }
    }

    /// <summary>Activations after rounding to bytes in groups of 32, one at a time.</summary>
    private static float[] Rounded(float[] x, int batch, int columns)
    {
        float[] rounded = new float[x.Length];
        for (int b = 0; b < batch; b++)
        {
            for (int first = 0; first < columns; first += 32)
            {
                Span<float> group = x.AsSpan(b * columns + first, Math.Min(32, columns - first));
                float max = 0;
                foreach (float value in group)
                {
                    max = MathF.Max(max, MathF.Abs(value));
                }
                // twelve significant bits, rounded up
                float scale = max / 127f,
                    unit = scale > 0 ? MathF.ScaleB(1, Math.Max(MathF.ILogB(scale), -126) - 11) : 1;
                scale = MathF.Ceiling(scale / unit) * unit;
                for (int i = 0; i < group.Length; i++)
                {
                    rounded[b * columns + first + i] = scale > 0 ? MathF.Round(group[i] * (1f / scale)) * scale : 0f;
                }
            }
        }
        return rounded;
    }
}
