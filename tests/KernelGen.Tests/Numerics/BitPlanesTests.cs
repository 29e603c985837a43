using KernelGen.Kernels.Elements;

namespace KernelGen.Tests;

/// <summary>Planes of bits, written and read many codes at a time, against one code after the other.</summary>
public sealed class BitPlanesTests
{
    [Theory]
    [InlineData(1, CodeOrder.Split)]
    [InlineData(1, CodeOrder.LowFirst)]
    [InlineData(1, CodeOrder.HighFirst)]
    [InlineData(2, CodeOrder.Split)]
    [InlineData(2, CodeOrder.LowFirst)]
    [InlineData(2, CodeOrder.HighFirst)]
    [InlineData(4, CodeOrder.Split)]
    [InlineData(4, CodeOrder.LowFirst)]
    [InlineData(4, CodeOrder.HighFirst)]
    public void Writing_and_reading_agree_with_single_codes(int bits, CodeOrder order)
    {
        var random = new Random(bits);
        foreach (int count in new[] { 1, 7, 8, 13, 16, 24, 32, 48, 64, 100, 128, 256 })
        {
            for (int shift = 0; shift + bits <= 8; shift++)
            {
                byte[] codes = new byte[count],
                    expected = new byte[BitPlanes.Bytes(count, bits)],
                    plane = new byte[expected.Length],
                    back = new byte[count];
                random.NextBytes(codes);
                for (int i = 0; i < count; i++)
                {
                    BitPlanes.Set(expected, i, bits, order, codes[i] >> shift);
                }
                random.NextBytes(plane);
                BitPlanes.Write(codes, shift, bits, order, plane);
                Assert.Equal(expected, plane);

                byte mask = (byte)((1 << bits) - 1 << shift);
                byte[] others = [.. codes.Select(code => (byte)(code & ~mask))];
                others.CopyTo(back, 0);
                BitPlanes.Read(plane, shift, bits, order, back);
                Assert.Equal(codes, back);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(100)]
    public void Levels_become_codes(int count)
    {
        float[] levels = [.. Enumerable.Range(0, count).Select(i => i % 16 * 0.5f - 3.75f)];
        byte[] codes = new byte[count];
        GroupMath.ToCodes(levels, 2f, 7.5f, codes);
        Assert.Equal(Enumerable.Range(0, count).Select(i => (byte)(i % 16)), codes);
    }
}
