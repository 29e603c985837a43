namespace KernelGen.Gpu.Tests;

/// <summary>
/// Bytes that no packing wrote give the bits of the CPU's kernels on a device: NaN and infinite scales, masks of any number of weights,
/// any code.
/// </summary>
public sealed class DamagedBytesTests
{
    public static TheoryData<string> Names => Subjects.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Damaged_matrices_unpack_as_on_the_CPU(string name)
    {
        CompressedFormat format = Subjects.Formats[name];
        const int rows = 3;
        int columns = format.Info.Block + 13;
        var packed = new byte[format.Info.PackedBytes(rows, columns)];
        new Random(columns).NextBytes(packed);
        RequireSame(format, packed, rows, columns, "random bytes");
        Array.Fill(packed, (byte)0xFF);
        RequireSame(format, packed, rows, columns, "bytes of ones");
        // the greatest finite numbers, infinities and negative zeros of most types of scale
        for (int i = 0; i < packed.Length; i++)
        {
            packed[i] = (byte)(
                i % 3 == 0 ? 0x7F
                : i % 3 == 1 ? 0x80
                : 0x7C
            );
        }
        RequireSame(format, packed, rows, columns, "extreme bytes");
    }

    private static void RequireSame(CompressedFormat format, byte[] packed, int rows, int columns, string what)
    {
        float[] expected = new float[rows * columns],
            actual = new float[expected.Length];
        format.Unpack(packed, rows, columns, expected);
        using var matrix = new GpuMatrix(Subjects.Device, format, packed, rows, columns);
        matrix.Unpack(actual);
        SameBits.Require(expected, actual, $"{format} {rows}×{columns} {what}");
    }
}
