using KernelGen.Formats.Tests.Laws;

namespace KernelGen.Gpu.Tests;

/// <summary>
/// Every format's kernels, both variants, on odd shapes: unpacking bit for bit, products within the bounds of the CPU kernels.
/// </summary>
public sealed class KernelTests
{
    /// <summary>Batches that take all four matvec kernels, 6 that of 4 and then that of 2; batches of tiles.</summary>
    private static readonly int[] s_vectors = [1, 3, 6],
        s_tiles = [16, 33];

    public static TheoryData<string> Names => Subjects.Names;

    [Fact]
    public void Every_format_has_kernels_built_in_ones_and_corners() =>
        Assert.Empty(Subjects.Formats.All.Select(format => Subjects.Kernels.WhyNot(format.Info.Name)?.Message).OfType<string>());

    [Theory]
    [MemberData(nameof(Names))]
    public void Unpack_gives_the_bits_of_the_CPU(string name)
    {
        CompressedFormat format = Subjects.Formats[name];
        GpuDevice device = Subjects.Device;
        int cut = format.Info.Block + 13,
            twoGroups = GpuKernels.GroupSize * GpuShape.Unit / cut + 2;
        (int Rows, int Columns)[] shapes = !Subjects.MeetsSlowly
            ? [.. new[] { 1, 3, 129 }.SelectMany(rows => new[] { 1, 45, cut }.Select(columns => (rows, columns)))]
            : [(1, 1), (3, 45), (format.Info.Rotation > 0 ? 3 : twoGroups, cut)];
        foreach ((int rows, int columns) in shapes)
        {
            byte[] packed = Subjects.Pack(format, rows, columns);
            RequireSame(device, format, packed, rows, columns);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Products_are_within_the_bound_with_shuffles(string name) =>
        CheckProducts(name, Subjects.DeviceKind == "opencl" ? GpuReduction.Automatic : GpuReduction.Shuffle);

    [Theory]
    [MemberData(nameof(Names))]
    public void Products_are_within_the_bound_without_shuffles(string name) => CheckProducts(name, GpuReduction.Shared);

    private static void RequireSame(GpuDevice device, CompressedFormat format, byte[] packed, int rows, int columns)
    {
        float[] expected = new float[rows * columns],
            actual = new float[expected.Length];
        format.ReferenceUnpack(packed, rows, columns, expected);
        using var matrix = new GpuMatrix(device, format, packed, rows, columns);
        matrix.Unpack(actual);
        SameBits.Require(expected, actual, $"{format} {rows}×{columns}");
    }

    private static void CheckProducts(string name, GpuReduction reduction)
    {
        CompressedFormat format = Subjects.Formats[name];
        GpuDevice device = Subjects.Device;
        // the last unit and the last block of a row are cut; in the longest row warps go round twice; the most rows are several
        // groups and a rest
        int cut = format.Info.Block + 13,
            twice = Math.Max(1101, cut);
        if (Subjects.MeetsSlowly)
        {
            CheckProducts(device, format, 5, twice, reduction, s_vectors);
            CheckProducts(device, format, 1, 45, reduction, [2]);
            if (reduction == GpuReduction.Shared) // tiles have one form
            {
                // a rotated vector is a group that meets for every factor of two of its block
                int tiles = format.Info.Rotation > 0 ? GpuKernels.TileBatch / 2 : GpuKernels.TileBatch + 1;
                CheckProducts(device, format, GpuKernels.TileRows + 3, 77, reduction, [tiles]);
            }
            return;
        }
        CheckProducts(device, format, 1, 45, reduction, s_vectors);
        CheckProducts(device, format, 3, twice, reduction, s_vectors);
        CheckProducts(device, format, 129, cut, reduction, s_vectors);
        if (reduction == GpuReduction.Shared)
        {
            CheckProducts(device, format, 1, 45, reduction, s_tiles);
            CheckProducts(device, format, 3, twice, reduction, s_tiles);
            CheckProducts(device, format, 129, cut, reduction, s_tiles);
        }
    }

    private static void CheckProducts(
        GpuDevice device,
        CompressedFormat format,
        int rows,
        int columns,
        GpuReduction reduction,
        int[] batches
    )
    {
        byte[] packed = Subjects.Pack(format, rows, columns);
        float[] decoded = new float[rows * columns];
        format.ReferenceUnpack(packed, rows, columns, decoded);
        RotatedBound? rotated = format.Info.Rotation > 0 ? new(format, packed, rows, columns) : null;
        using var matrix = new GpuMatrix(device, format, packed, rows, columns, reduction) { Precision = GpuPrecision.Float };
        foreach (int batch in batches)
        {
            float[] x = Subjects.Normal(batch * columns, batch),
                y = new float[batch * rows];
            Array.Fill(y, float.NaN);
            matrix.MatMul(x, batch, y);
            Check(format, decoded, x, y, rows, columns, batch, rotated);
        }
    }

    private static void Check(
        CompressedFormat format,
        float[] decoded,
        float[] x,
        float[] y,
        int rows,
        int columns,
        int batch,
        RotatedBound? rotated
    )
    {
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
                double bound =
                    (rotated?.Of(r, x.AsSpan(b * columns, columns)) ?? 4 * Math.Sqrt(columns) * Math.Pow(2, -24) * magnitude) + 1e-44;
                Assert.True(
                    Math.Abs(y[b * rows + r] - sum) <= bound,
                    $"{format} {rows}×{columns} batch {batch}: y[{b},{r}] = {y[b * rows + r]:R}, exact {sum:R}, bound {bound:G3}"
                );
            }
        }
    }
}
