namespace KernelGen.Formats.Tests.Laws;

/// <summary>
/// Damaged bytes mean one thing: products, repacked or not, in float32 and in integers, are those of the weights that the reference
/// unpacks.
/// </summary>
public class DamageLaws
{
    /// <summary>Bytes that are damaged at once, kept where every weight stays near the size of legal ones.</summary>
    private const int Stretch = 4,
        Stretches = 400;

    public static TheoryData<string> Names => Formats.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_kernel_reads_damaged_bytes_as_the_reference_does(string name)
    {
        CompressedFormat format = Formats.All[name];
        foreach ((int rows, int columns) in Formats.IsSlow(format) ? [(1, 300)] : new[] { (3, 300), (67, 256) })
        {
            byte[] packed = Damaged(format, rows, columns);
            float[] expected = new float[rows * columns],
                unpacked = new float[rows * columns];
            format.ReferenceUnpack(packed, rows, columns, expected);
            format.Unpack(packed, rows, columns, unpacked, Parallelism.Single);
            Assert.Equal(expected, unpacked);

            var basis = new RotatedBasis(format, columns);
            float[] weights = basis.Weights(packed, rows),
                x = Activations(columns),
                multiplied = basis.Activations(x),
                y = new float[rows];
            format.AsPacked(packed, rows, columns).MatMul(x, 1, y, MatVecPrecision.Float, Parallelism.Single);
            Check("packed", weights, multiplied, y);
            if (format.Repack(packed, rows, columns) is not { } repacked)
            {
                continue;
            }
            repacked.MatMul(x, 1, y, MatVecPrecision.Float, Parallelism.Single);
            Check("repacked", weights, multiplied, y);
            if (repacked.HasIntegers && format.Info.Rotation == 0)
            {
                repacked.MatMul(x, 1, y, MatVecPrecision.Int8, Parallelism.Single);
                Check("int8", weights, multiplied, y);
            }
        }
    }

    private static byte[] Damaged(CompressedFormat format, int rows, int columns)
    {
        byte[] packed = new byte[format.Info.PackedBytes(rows, columns)];
        int header = format.Info.TensorHeaderBytes,
            rowBytes = format.Info.RowBytes(columns);
        float[] weights = Formats.Make("normal", rows * columns),
            row = new float[columns];
        format.Pack(weights, rows, columns, packed, Parallelism.Single);
        var random = new Random(rows);
        byte[] one = [.. packed.AsSpan(0, header), .. new byte[rowBytes]];
        for (int damage = 0; damage < Stretches; damage++)
        {
            Span<byte> bytes = packed.AsSpan(header + random.Next(rows) * rowBytes, rowBytes),
                stretch = one.AsSpan(header + random.Next(rowBytes - Math.Min(Stretch, rowBytes) + 1), Math.Min(Stretch, rowBytes));
            bytes.CopyTo(one.AsSpan(header));
            random.NextBytes(stretch);
            if (damage % 4 == 0)
            {
                stretch.Fill(0xFF); // codes that no encoder writes, too many marks
            }
            format.ReferenceUnpack(one, 1, columns, row);
            if (row.All(value => MathF.Abs(value) < 100f))
            {
                one.AsSpan(header).CopyTo(bytes);
            }
        }
        return packed;
    }

    /// <summary>Integers, the largest of every 32 being 127: rounding to int8 does not change them.</summary>
    private static float[] Activations(int columns)
    {
        var random = new Random(columns);
        return [.. Enumerable.Range(0, columns).Select(i => i % 32 == 0 ? 127f : random.Next(-127, 128))];
    }

    private static void Check(string kernel, float[] weights, float[] x, float[] y)
    {
        int columns = weights.Length / y.Length;
        for (int row = 0; row < y.Length; row++)
        {
            double sum = 0,
                activations = 0,
                largest = 0;
            for (int i = 0; i < columns; i++)
            {
                sum += (double)weights[row * columns + i] * x[i];
                activations += Math.Abs(x[i]);
                largest = Math.Max(largest, Math.Abs(weights[row * columns + i]));
            }
            // as for any product, with room for a scale and an offset that cancel
            Assert.True(Math.Abs(sum - y[row]) <= 1e-5 * activations * largest + 1e-6, $"{kernel}, row {row}: {y[row]} is not {sum}");
        }
    }
}
