using KernelGen.Kernels.Elements;

namespace KernelGen.Tests.Ternary;

public class TernaryTests
{
    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 5)]
    [InlineData(4, 5)]
    [InlineData(5, 5)]
    [InlineData(79, 5)]
    [InlineData(80, 4)]
    [InlineData(160, 5)]
    [InlineData(161, 5)]
    [InlineData(333, 3)]
    [InlineData(1000, 5)]
    [InlineData(77, 1)]
    public void Elements_survive_packing(int count, int digits)
    {
        var random = new Random(count);
        sbyte[] elements = Enumerable.Range(0, count).Select(_ => (sbyte)random.Next(-1, 2)).ToArray(),
            back = new sbyte[count];
        byte[] bytes = new byte[TernaryPlane.Bytes(count, digits)];
        TernaryPlane.Pack(elements, digits, bytes);
        TernaryPlane.Unpack(bytes, digits, back);
        Assert.Equal(elements, back);
        TernaryPlane.UnpackReference(bytes, digits, back);
        Assert.Equal(elements, back);
    }

    [Fact]
    public void All_bytes_decode_alike_by_vectors_and_by_definition()
    {
        byte[] bytes = Enumerable.Range(0, 256).Select(b => (byte)b).ToArray();
        sbyte[] expected = new sbyte[1280],
            actual = new sbyte[1280];
        TernaryPlane.UnpackReference(bytes, 5, expected);
        TernaryPlane.Unpack(bytes, 5, actual);
        Assert.Equal(expected, actual);
        for (int value = 0; value < 243; value++)
        {
            // The five digits of a number below 243, by division.
            byte stored = (byte)((value * 256 + 242) / 243);
            for (int n = 0, power = 81; n < 5; n++, power /= 3)
            {
                Assert.Equal(value / power % 3 - 1, actual[stored + n * 256]);
            }
        }
    }

    [Fact]
    public void Rounding_is_halves_away_from_zero()
    {
        sbyte[] elements = new sbyte[7];
        TernaryPlane.Quantise([0.5f, -0.5f, 0.49999997f, 0f, 9f, -1e30f, -0.1f], 1f, elements);
        Assert.Equal([1, -1, 0, 0, 1, -1, 0], elements.Select(e => (int)e));
    }

    /// <summary>Planes of TQ1_0 as formats.md A5 gives them: element, byte, digit, checked one by one.</summary>
    [Fact]
    public void A_block_has_the_layout_of_ggml()
    {
        var random = new Random(1);
        float[] weights = Enumerable.Range(0, 256).Select(_ => 0.75f * random.Next(-1, 2)).ToArray(),
            back = new float[256];
        byte[] block = new byte[Tq1Block.Bytes];
        Tq1Block.Pack(weights, block);
        int[] powers = [1, 3, 9, 27, 81];
        for (int i = 0; i < 256; i++)
        {
            (int at, int n) =
                i < 160 ? (i % 32, i / 32)
                : i < 240 ? (32 + (i - 160) % 16, (i - 160) / 16)
                : (48 + (i - 240) % 4, (i - 240) / 4);
            int digit = (block[at] * powers[n] % 256 * 3) >> 8;
            Assert.Equal(weights[i], (digit - 1) * 0.75f);
        }
        Assert.Equal(0.75f, (float)BitConverter.ToHalf(block, 52));
        Tq1Block.Unpack(block, back);
        Assert.Equal(weights, back);
    }

    [Fact]
    public void A_block_of_zeros_and_one_of_a_single_weight()
    {
        float[] weights = new float[256],
            back = new float[256];
        byte[] block = new byte[Tq1Block.Bytes];
        Tq1Block.Pack(weights, block);
        Tq1Block.Unpack(block, back);
        Assert.Equal(weights, back);
        weights[255] = -3f;
        Tq1Block.Pack(weights, block);
        Tq1Block.Unpack(block, back);
        Assert.Equal(weights, back);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => TernaryPlane.Pack([2], 5, new byte[1]));
        Assert.Throws<ArgumentException>(() => TernaryPlane.Pack([-2], 5, new byte[1]));
        Assert.Throws<ArgumentException>(() => TernaryPlane.Pack([1, 1], 5, new byte[2]));
        Assert.Throws<ArgumentException>(() => TernaryPlane.Unpack(new byte[1], 6, new sbyte[6]));
    }
}
