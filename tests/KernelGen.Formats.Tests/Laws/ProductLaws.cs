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
                    Check(format, rows, columns, batch, data);
                }
            }
        }
    }

    [Theory]
    [InlineData("q4_0")]
    [InlineData("nvfp4")]
    [InlineData("int8")]
    public void MatMul_takes_large_batches(string name) => Check(Formats.All[name], 9, 1100, 512, "normal");

    private static void Check(CompressedFormat format, int rows, int columns, int batch, string data)
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
        RotatedBound? rotated = format.Info.Rotation > 0 ? new(format, packed, rows, columns) : null;
        Array.Fill(y, float.NaN);
        format.MatMul(packed, rows, columns, x, batch, y, Parallelism.Single);
        format.MatMul(packed, rows, columns, x, batch, threaded, new Parallelism { Threads = 2 });
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

    [Theory]
    [MemberData(nameof(Names))]
    public void MatVec_allocates_nothing(string name)
    {
        CompressedFormat format = Formats.All[name];
        Steady.RequireNoAllocation(format);
    }
}
