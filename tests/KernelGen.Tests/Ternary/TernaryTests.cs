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
    [InlineData(16, 4)]
    [InlineData(18, 5)]
    [InlineData(20, 5)]
    [InlineData(160, 5)]
    [InlineData(161, 5)]
    [InlineData(333, 3)]
    [InlineData(1000, 5)]
    [InlineData(77, 1)]
    public void Elements_survive_packing(int count, int digits)
    {
        var random = new Random(count);
        sbyte[] elements = Enumerable.Range(0, count).Select(_ => (sbyte)random.Next(-1, 2)).ToArray();
        float[] expected = Array.ConvertAll(elements, element => element * 0.37f),
            back = new float[count];
        byte[] bytes = new byte[TernaryPlane.Bytes(count, digits)];
        TernaryPlane.Pack(elements, digits, bytes);
        TernaryPlane.Decode(bytes, digits, 0.37f, back);
        Assert.Equal(expected, back);
        TernaryPlane.DecodeReference(bytes, digits, 0.37f, back);
        Assert.Equal(expected, back);
    }

    [Fact]
    public void All_bytes_decode_alike_by_vectors_and_by_definition()
    {
        byte[] bytes = Enumerable.Range(0, 256).Select(b => (byte)b).ToArray();
        float[] expected = new float[1280],
            actual = new float[1280];
        TernaryPlane.DecodeReference(bytes, 5, 1f, expected);
        TernaryPlane.Decode(bytes, 5, 1f, actual);
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

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => TernaryPlane.Pack([2], 5, new byte[1]));
        Assert.Throws<ArgumentException>(() => TernaryPlane.Pack([-2], 5, new byte[1]));
        Assert.Throws<ArgumentException>(() => TernaryPlane.Pack([1, 1], 5, new byte[2]));
        Assert.Throws<ArgumentException>(() => TernaryPlane.Decode(new byte[1], 6, 1f, new float[6]));
    }
}
