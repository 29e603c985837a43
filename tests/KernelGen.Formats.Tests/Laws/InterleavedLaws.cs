using KernelGen.Kernels.Products;

namespace KernelGen.Formats.Tests.Laws;

/// <summary>
/// Float32 products of rows that are interleaved in memory: the bound of all float32 products holds for any number of rows and columns.
/// </summary>
public class InterleavedLaws
{
    public static TheoryData<string> Names => Formats.Names;

    /// <summary>Less than a block of rows, blocks of 16 and of 64 and a rest, more rows than share a table.</summary>
    private static readonly (int Rows, int Columns)[] s_shapes = [(1, 5), (17, 300), (48, 7), (67, 517), (130, 300), (4200, 9)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Float32_products_of_interleaved_rows_keep_the_bound(string name)
    {
        CompressedFormat format = Formats.All[name];
        foreach ((int rows, int columns) in s_shapes)
        {
            // a few rows in turn, as some formats take long to pack one
            int header = format.Info.TensorHeaderBytes,
                rowBytes = format.Info.RowBytes(columns),
                few = Math.Min(rows, Formats.IsSlow(format) ? 2 : 5);
            byte[] source = new byte[format.Info.PackedBytes(few, columns)],
                packed = new byte[format.Info.PackedBytes(rows, columns)];
            format.Pack(Formats.Make("normal", few * columns), few, columns, source);
            source.AsSpan(0, header).CopyTo(packed);
            for (int row = 0; row < rows; row++)
            {
                source.AsSpan(header + row % few * rowBytes, rowBytes).CopyTo(packed.AsSpan(header + row * rowBytes));
            }
            if (format.Repack(packed, rows, columns) is not { HasIntegers: false } repacked)
            {
                continue; // others have laws of their own
            }
            float[] x = Formats.Make("normal", 3 * columns, 5);
            var basis = new RotatedBasis(format, columns);
            var bound = format.Info.Rotation > 0 ? new RotatedBound(format, source, few, columns) : null;
            Check(name, repacked, basis.Weights(source, few), basis.Activations(x), few, x, bound);
        }
    }

    private static void Check(
        string name,
        ProductMatrix matrix,
        float[] weights,
        float[] multiplied,
        int few,
        float[] x,
        RotatedBound? rotated
    )
    {
        int rows = matrix.Rows,
            columns = matrix.Columns,
            padded = weights.Length / few;
        float[] y = new float[3 * rows],
            threaded = new float[3 * rows],
            single = new float[rows];
        matrix.MatMul(x, 3, y, MatVecPrecision.Float, Parallelism.Single);
        matrix.MatMul(x, 3, threaded, MatVecPrecision.Float, new Parallelism { Threads = 2 });
        Assert.Equal(y, threaded);
        for (int v = 0; v < 3; v++)
        {
            matrix.MatMul(x.AsMemory(v * columns, columns), 1, single, MatVecPrecision.Float, Parallelism.Single);
            Assert.Equal(y.AsSpan(v * rows, rows), single.AsSpan());
            for (int row = 0; row < rows; row++)
            {
                double sum = 0,
                    magnitude = 0;
                for (int k = 0; k < padded; k++)
                {
                    double product = (double)weights[row % few * padded + k] * multiplied[v * padded + k];
                    sum += product;
                    magnitude += Math.Abs(product);
                }
                double bound = rotated?.Of(row % few, x.AsSpan(v * columns, columns))
                    ?? 4 * Math.Sqrt(padded) * Math.Pow(2, -24) * magnitude + 1e-44;
                Assert.True(
                    Math.Abs(single[row] - sum) <= bound,
                    $"{name} {rows}×{columns}: y[{v},{row}] = {single[row]:R}, expected {sum:R}, bound {bound:G3}"
                );
            }
        }
    }
}
