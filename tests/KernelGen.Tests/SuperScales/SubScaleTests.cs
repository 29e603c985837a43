using KernelGen.Kernels.Elements;

namespace KernelGen.Tests.SuperScales;

/// <summary>Packings of integer scales against the definitions of formats.md A5, and back.</summary>
public class SubScaleTests
{
    [Theory]
    [InlineData(ScaleType.UInt4, SubScaleOrder.Split, 32)]
    [InlineData(ScaleType.UInt4, SubScaleOrder.Neighbours, 6)]
    [InlineData(ScaleType.UInt6, SubScaleOrder.Split, 8)]
    [InlineData(ScaleType.UInt6, SubScaleOrder.Neighbours, 12)]
    [InlineData(ScaleType.UInt6, SubScaleOrder.Folded, 16)]
    [InlineData(ScaleType.Int6, SubScaleOrder.Split, 16)]
    [InlineData(ScaleType.Int6, SubScaleOrder.Neighbours, 8)]
    [InlineData(ScaleType.Int6, SubScaleOrder.Folded, 4)]
    [InlineData(ScaleType.UInt8, SubScaleOrder.Split, 5)]
    [InlineData(ScaleType.Int8, SubScaleOrder.Split, 16)]
    public void Entries_survive_packing_and_fill_every_bit(ScaleType type, SubScaleOrder order, int count)
    {
        var random = new Random(count);
        int low = SubScales.Lowest(type),
            high = SubScales.Highest(type);
        byte[] bytes = new byte[count * SubScales.Bits(type) / 8];
        for (int run = 0; run < 50; run++)
        {
            int[] entries = [.. Enumerable.Range(0, count).Select(_ => run == 0 ? high : random.Next(low, high + 1))],
                back = new int[count];
            Array.Fill(bytes, (byte)0xA5);
            SubScales.Pack(type, order, entries, bytes);
            SubScales.Unpack(type, order, bytes, back);
            Assert.Equal(entries, back);
            // As many bit patterns as entries can have: arbitrary bytes come back too.
            byte[] other = new byte[bytes.Length];
            random.NextBytes(other);
            SubScales.Unpack(type, order, other, back);
            SubScales.Pack(type, order, back, bytes);
            Assert.Equal(other, bytes);
        }
    }

    [Fact]
    public void Split_of_4_bits_is_the_scale_byte_of_Q2_K()
    {
        byte[] bytes = Random(16);
        int[] entries = Unpack(ScaleType.UInt4, SubScaleOrder.Split, bytes, 32);
        for (int j = 0; j < 16; j++)
        {
            Assert.Equal((bytes[j] & 15, bytes[j] >> 4), (entries[j], entries[16 + j]));
        }
    }

    [Fact]
    public void Split_of_6_bits_is_that_of_Q3_K()
    {
        byte[] s = Random(12);
        int[] entries = Unpack(ScaleType.Int6, SubScaleOrder.Split, s, 16);
        for (int j = 0; j < 16; j++)
        {
            int low = j < 8 ? s[j] & 15 : s[j - 8] >> 4,
                high = s[8 + j % 4] >> 2 * (j / 4) & 3;
            Assert.Equal((low | high << 4) - 32, entries[j]);
        }
    }

    [Fact]
    public void Folded_is_that_of_Q4_K()
    {
        byte[] s = Random(12);
        int[] entries = Unpack(ScaleType.UInt6, SubScaleOrder.Folded, s, 16);
        for (int j = 0; j < 8; j++)
        {
            (int scale, int min) =
                j < 4 ? (s[j] & 63, s[j + 4] & 63) : (s[j + 4] & 15 | s[j - 4] >> 6 << 4, s[j + 4] >> 4 | s[j] >> 6 << 4);
            Assert.Equal((scale, min), (entries[j], entries[8 + j]));
        }
    }

    [Fact]
    public void Neighbours_of_6_bits_are_those_of_IQ4_XS()
    {
        byte[] s = Random(6);
        int[] entries = Unpack(ScaleType.Int6, SubScaleOrder.Neighbours, s, 8);
        int high = s[0] | s[1] << 8;
        for (int j = 0; j < 8; j++)
        {
            Assert.Equal((s[2 + j / 2] >> 4 * (j % 2) & 15 | (high >> 2 * j & 3) << 4) - 32, entries[j]);
        }
    }

    [Fact]
    public void Bytes_are_twos_complement_or_plain()
    {
        Assert.Equal([0, 127, -128, -1], Unpack(ScaleType.Int8, SubScaleOrder.Split, [0, 127, 128, 255], 4));
        Assert.Equal([0, 127, 128, 255], Unpack(ScaleType.UInt8, SubScaleOrder.Split, [0, 127, 128, 255], 4));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => SubScales.Pack(ScaleType.UInt6, SubScaleOrder.Split, [64, 0, 0, 0], new byte[3]));
        Assert.Throws<ArgumentException>(() => SubScales.Pack(ScaleType.UInt4, SubScaleOrder.Split, [-1, 0], new byte[1]));
        Assert.Throws<ArgumentException>(() => SubScales.Pack(ScaleType.UInt6, SubScaleOrder.Split, [1, 2, 3], new byte[3]));
        Assert.Throws<ArgumentException>(() => SubScales.Bits(ScaleType.Float16));
    }

    [Theory]
    [InlineData(4, 0, CodeOrder.Split, 64)]
    [InlineData(2, 4, CodeOrder.Split, 128)]
    [InlineData(1, 4, CodeOrder.Split, 256)]
    [InlineData(1, 2, CodeOrder.LowFirst, 256)]
    [InlineData(2, 0, CodeOrder.HighFirst, 256)]
    [InlineData(8, 0, CodeOrder.LowFirst, 256)]
    public void Planes_hold_their_bits_of_every_code(int bits, int shift, CodeOrder order, int span)
    {
        byte[] codes = Random(256),
            plane = new byte[32 * bits],
            back = new byte[256];
        SpanPlanes.Write(codes, bits, shift, order, span, plane);
        SpanPlanes.Read(plane, bits, shift, order, span, back);
        int mask = (1 << bits) - 1 << shift;
        Assert.Equal(codes.Select(code => code & mask), back.Select(code => (int)code));
        if (order == CodeOrder.Split)
        {
            int stride = span * bits / 8;
            Assert.Equal(codes[stride + 3] >> shift & (1 << bits) - 1, plane[3] >> bits & (1 << bits) - 1);
        }
    }

    private static int[] Unpack(ScaleType type, SubScaleOrder order, byte[] bytes, int count)
    {
        int[] entries = new int[count];
        SubScales.Unpack(type, order, bytes, entries);
        return entries;
    }

    private static byte[] Random(int count)
    {
        byte[] bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}
