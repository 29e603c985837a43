namespace KernelGen.Formats.Tests.Golden;

/// <summary>The planes of TQ1_0, checked element by element: formats.md A5.</summary>
public class TernaryBlocks
{
    [Fact]
    public void A_block_has_the_layout_of_ggml()
    {
        var random = new Random(1);
        float[] weights = [.. Enumerable.Range(0, 256).Select(_ => 0.75f * random.Next(-1, 2))],
            back = new float[256];
        byte[] block = new byte[54];
        Tq1_0.Pack(weights, 1, 256, block);
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
        Tq1_0.Unpack(block, 1, 256, back);
        Assert.Equal(weights, back);
    }

    [Fact]
    public void A_block_of_zeros_and_one_of_a_single_weight()
    {
        float[] weights = new float[256],
            back = new float[256];
        byte[] block = new byte[54];
        Tq1_0.Pack(weights, 1, 256, block);
        Tq1_0.Unpack(block, 1, 256, back);
        Assert.Equal(weights, back);
        weights[255] = -3f;
        Tq1_0.Pack(weights, 1, 256, block);
        Tq1_0.Unpack(block, 1, 256, back);
        Assert.Equal(weights, back);
    }
}
