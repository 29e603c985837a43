using KernelGen.Kernels.Coding;

namespace KernelGen.Formats.Tests.Laws;

/// <summary>
/// Matvec and matmul against double precision over the reference decoder, within 4·√K·2⁻²⁴ of Σ|w·x|; of a rotated format
/// within (4·√K + 2·log2 s + 4)·2⁻²⁴ of Σ‖w‖·‖x‖ over rotations of s columns, as derived at <see cref="RotatedKernels{TInner}"/>.
/// </summary>
public class ProductLaws
{
    public static TheoryData<string> Names => Formats.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void MatVec_and_MatMul_are_within_the_bound(string name)
    {
        CompressedFormat format = Formats.All[name];
        foreach ((int rows, int columns) in Formats.ShapesOf(format))
        {
            foreach (string data in rows * columns > 5000 ? ["normal"] : new[] { "normal", "outliers", "mixed magnitudes", "zeros" })
            {
                foreach (int batch in rows * columns > 5000 || Formats.IsSlow(format) ? [1, 5, 12] : new[] { 1, 2, 3, 4, 7, 8, 9, 16, 33 })
                {
                    Check(format, rows, columns, batch, data, repacks: false);
                    Check(format, rows, columns, batch, data, repacks: true);
                }
            }
        }
    }

    [Theory]
    [InlineData("q4_0")]
    [InlineData("nvfp4")]
    [InlineData("int8")]
    public void MatMul_takes_large_batches(string name) => Check(Formats.All[name], 33, 1100, 512, "normal", repacks: false);

    private static void Check(CompressedFormat format, int rows, int columns, int batch, string data, bool repacks)
    {
        float[] weights = Formats.Make(data, rows * columns, columns),
            x = Formats.Make("normal", batch * columns, batch);
        if (data == "mixed magnitudes")
        {
            // products of 2^±60 with activations stay far inside float32
            x = [.. x.Select(value => value * 1e-3f)];
        }
        byte[] packed = new byte[format.Info.PackedBytes(rows, columns)];
        format.Pack(weights, rows, columns, packed);
        float[] decoded = new float[rows * columns],
            y = new float[batch * rows],
            threaded = new float[batch * rows];
        format.ReferenceUnpack(packed, rows, columns, decoded);
        bool apart =
            repacks
            && rows >= 16
            && format.Info.Stages.Any(stage => stage.Text.Contains("offset", StringComparison.OrdinalIgnoreCase) || stage.Kind == "Offset");
        RotatedBound? rotated = format.Info.Rotation > 0 ? new(format, packed, rows, columns) : null;
        Array.Fill(y, float.NaN);
        CompressedMatrix matrix = format.Matrix(packed, rows, columns);
        matrix.Repacks = repacks;
        matrix.MatMul(x, batch, y, Parallelism.Single);
        matrix.MatMul(x, batch, threaded, new Parallelism { Threads = 2 });
        Assert.Equal(y, threaded);
        for (int b = 0; b < batch; b++)
        {
            for (int r = 0; r < rows; r++)
            {
                double sum = 0,
                    magnitude = 0;
                for (int k = 0; k < columns; k++)
                {
                    double product = (double)decoded[r * columns + k] * x[b * columns + k];
                    sum += product;
                    magnitude += Math.Abs(product);
                }
                magnitude += apart ? OffsetsApart(format, decoded.AsSpan(r * columns, columns), x.AsSpan(b * columns, columns)) : 0;
                if (!double.IsFinite(sum))
                {
                    Assert.False(float.IsFinite(y[b * rows + r])); // binary16 rounded a weight to infinity
                    continue;
                }
                double bound =
                    (rotated?.Of(r, x.AsSpan(b * columns, columns)) ?? 4 * Math.Sqrt(columns) * Math.Pow(2, -24) * magnitude) + 1e-44;
                Assert.True(
                    Math.Abs(y[b * rows + r] - sum) <= bound,
                    $"{format} {rows}×{columns} batch {batch} {data}: y[{b},{r}] = {y[b * rows + r]:R}, exact {sum:R}, bound {bound:G3}"
                );
            }
        }
    }

    /// <summary>
    /// A weight of 0 that is a level and an offset which cancel, under an activation of 10³⁰: the two bounds of docs/cpu.md.
    /// </summary>
    [Theory]
    [InlineData("q4_1")]
    [InlineData("q4_k")]
    [InlineData("q5_k")]
    public void Products_with_offsets_keep_the_bound_that_is_documented_for_them(string name)
    {
        const int rows = 16,
            columns = 256;
        CompressedFormat format = Formats.All[name];
        float[] weights = [.. Enumerable.Range(0, rows * columns).Select(i => (i % 16 - 8) * 0.125f)],
            x = [.. Enumerable.Range(0, columns).Select(i => i == 8 ? 1e30f : 1f)],
            decoded = new float[rows * columns],
            y = new float[rows];
        byte[] packed = new byte[format.Info.PackedBytes(rows, columns)];
        format.Pack(weights, rows, columns, packed);
        format.ReferenceUnpack(packed, rows, columns, decoded);
        CompressedMatrix matrix = format.Matrix(packed, rows, columns);
        foreach (bool repacks in new[] { true, false })
        {
            matrix.Repacks = repacks;
            matrix.MatVec(x, y, Parallelism.Single);
            for (int r = 0; r < rows; r++)
            {
                double sum = 0,
                    magnitude = 0;
                for (int k = 0; k < columns; k++)
                {
                    sum += (double)decoded[r * columns + k] * x[k];
                    magnitude += Math.Abs((double)decoded[r * columns + k] * x[k]) + (repacks ? 3.0 * x[k] : 0);
                }
                Assert.True(Math.Abs(y[r] - sum) <= 4 * Math.Sqrt(columns) * Math.Pow(2, -24) * magnitude, $"{repacks}: {y[r]} for {sum}");
            }
        }
    }

    /// <summary>
    /// Matrices of few rows are not repacked, nor are those of callers who forbid it; the first product gives the bits of all later ones.
    /// </summary>
    [Fact]
    public void Products_repack_when_they_may_and_never_differ_from_call_to_call()
    {
        const int columns = 256;
        foreach (int rows in new[] { 1, 15, 16, 40 })
        {
            var matrix = CompressedMatrix<Q4_0>.Pack(Formats.Make("normal", rows * columns), rows, columns);
            foreach (int batch in new[] { 1, 3, 4, 20 })
            {
                float[] x = Formats.Make("normal", batch * columns, batch),
                    first = new float[batch * rows],
                    later = new float[batch * rows];
                matrix.DropRepacked();
                Assert.Equal(0, matrix.RepackedBytes);
                matrix.MatMul(x, batch, first);
                Assert.Equal(rows >= 16, matrix.RepackedBytes > 0);
                matrix.MatMul(x, batch, later);
                Assert.Equal(first, later);
            }
            Assert.InRange(matrix.RepackedBytes, 0, 2 * 16 * matrix.Packed.Length / Math.Min(16, rows));
            matrix.DropRepacked();
            matrix.Repacks = false;
            matrix.MatVec(Formats.Make("normal", columns), new float[rows]);
            Assert.Equal(0, matrix.RepackedBytes);
            Assert.Contains(
                "Repacks",
                Assert
                    .Throws<NotSupportedException>(() => matrix.MatMul(new float[columns], 1, new float[rows], MatVecPrecision.Int8))
                    .Message,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public void Parallelism_needs_a_thread() =>
        Assert.Equal("Threads", Assert.Throws<ArgumentOutOfRangeException>(() => new Parallelism { Threads = 0 }).ParamName);

    /// <summary>Offsets are at most as large as the largest weight of a block, and levels times their scale twice as large.</summary>
    private static double OffsetsApart(CompressedFormat format, ReadOnlySpan<float> weights, ReadOnlySpan<float> x)
    {
        double magnitude = 0;
        for (int start = 0; start < x.Length; start += format.Info.Block)
        {
            int count = Math.Min(format.Info.Block, x.Length - start);
            double largest = 0;
            foreach (float weight in weights.Slice(start, count))
            {
                largest = Math.Max(largest, Math.Abs(weight));
            }
            foreach (float activation in x.Slice(start, count))
            {
                magnitude += 3 * largest * Math.Abs(activation);
            }
        }
        return magnitude;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void MatVec_allocates_nothing(string name)
    {
        CompressedFormat format = Formats.All[name];
        Steady.RequireNoAllocation(format);
    }
}
