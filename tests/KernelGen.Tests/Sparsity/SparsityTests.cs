using System.Numerics;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Tests.Sparsity;

public class SparsityTests
{
    [Theory]
    [InlineData(1, 1, 1, 0)]
    [InlineData(1, 2, 2, 1)]
    [InlineData(2, 4, 6, 3)]
    [InlineData(4, 8, 70, 7)]
    [InlineData(3, 7, 35, 6)]
    [InlineData(8, 16, 12870, 14)]
    [InlineData(16, 16, 1, 0)]
    public void Subsets_are_numbered_without_gaps(int kept, int group, int count, int bits)
    {
        NmPattern pattern = NmPattern.Of(kept, group);
        Assert.Equal((count, bits), (pattern.Count, pattern.IndexBits));
        Assert.Same(pattern, NmPattern.Of(kept, group));
        for (int rank = 0; rank < count; rank++)
        {
            uint mask = pattern.Unrank(rank);
            Assert.Equal(kept, BitOperations.PopCount(mask));
            Assert.Equal(rank, pattern.Rank(mask));
            // The combinatorial number system.
            long sum = 0;
            for (int i = 0, nth = 1; i < group; i++)
            {
                if ((mask >> i & 1) != 0)
                {
                    sum += Binomial(i, nth++);
                }
            }
            Assert.Equal(sum, rank);
        }
        Assert.Throws<ArgumentException>(() => pattern.Rank(0));
        Assert.Throws<IndexOutOfRangeException>(() => pattern.Unrank(count));
    }

    private static long Binomial(int n, int k) =>
        k > n ? 0
        : k == 0 ? 1
        : Binomial(n - 1, k - 1) * n / k;

    [Theory]
    [InlineData(2, 4, 0)]
    [InlineData(2, 4, 1)]
    [InlineData(2, 4, 37)]
    [InlineData(4, 8, 11)]
    [InlineData(8, 16, 9)]
    [InlineData(3, 3, 5)]
    public void Numbers_survive_packing(int kept, int group, int groups)
    {
        NmPattern pattern = NmPattern.Of(kept, group);
        var random = new Random(groups);
        ushort[] ranks = Enumerable.Range(0, groups).Select(_ => (ushort)random.Next(pattern.Count)).ToArray(),
            back = new ushort[groups];
        byte[] bytes = new byte[pattern.IndexBytes(groups)];
        Array.Fill(bytes, (byte)255);
        pattern.PackRanks(ranks, bytes);
        pattern.UnpackRanks(bytes, back);
        Assert.Equal(ranks, back);
        Assert.Equal((groups * pattern.IndexBits + 7) / 8, bytes.Length);
    }

    [Fact]
    public void The_largest_are_kept_and_draws_go_to_the_lower_index()
    {
        NmPattern pattern = NmPattern.Of(2, 4);
        Assert.Equal(0b0011u, pattern.Select([1, -1, 1, 1]));
        Assert.Equal(0b1010u, pattern.Select([0, -5, 1, 1.5f]));
        Assert.Equal(0b0011u, pattern.Select([0, 0, 0, 0]));
        Assert.Equal(0b0101u, pattern.Select([float.MaxValue, 0, float.PositiveInfinity, -1]));
        Assert.Equal(0b0011u, pattern.Select([float.Epsilon, 2]));
        Assert.Equal(0b1001u, pattern.SelectPairs([3, 0, 1, 2, 2, 1, 0, -3]));
        float[] values = Gaussian.Samples(16 * 200, 1);
        foreach ((int kept, int group) in new[] { (1, 2), (2, 4), (5, 13), (8, 16) })
        {
            for (int i = 0; i + group <= values.Length; i += group)
            {
                float[] part = values[i..(i + group)];
                uint expected = 0;
                foreach (int index in Enumerable.Range(0, group).OrderByDescending(j => MathF.Abs(part[j])).Take(kept))
                {
                    expected |= 1u << index;
                }
                Assert.Equal(expected, NmPattern.Of(kept, group).Select(part));
            }
        }
    }

    [Fact]
    public void Nibbles_are_those_of_the_hardware()
    {
        Assert.Equal([0xE, 0x8, 0x9, 0x4, 0xE, 0x8, 0x9], Enumerable.Range(0, 7).Select(m => SparseTwoOfFour.Nibble((uint)m)));
        Assert.Equal([0xE, 0xC, 0xD], new[] { 8u, 9u, 10u }.Select(SparseTwoOfFour.Nibble));
        Assert.Equal(0xE, SparseTwoOfFour.Nibble(12));
        Assert.Throws<ArgumentOutOfRangeException>(() => SparseTwoOfFour.Nibble(7));
        foreach (uint mask in NmPattern.Of(2, 4).Masks)
        {
            Assert.Equal(mask, SparseTwoOfFour.Mask(SparseTwoOfFour.Nibble(mask)));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(12)]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(36)]
    [InlineData(1000)]
    public void Two_of_four_comes_back_in_every_width(int count)
    {
        float[] values = Gaussian.Samples(count, 2);
        for (int i = 0; i < count; i += 3)
        {
            values[i / 4 * 4 + i % 4] = 0; // groups with fewer than two values
        }
        float[] kept = new float[count / 2],
            expected = new float[count],
            actual = new float[count];
        byte[] nibbles = new byte[(count + 7) / 8];
        SparseTwoOfFour.Compress(values, kept, nibbles);
        SparseTwoOfFour.ExpandReference(kept, nibbles, expected);
        NmPattern pattern = NmPattern.Of(2, 4);
        for (int i = 0; i < count; i++)
        {
            bool isKept = (pattern.Select(values.AsSpan(i / 4 * 4, 4)) >> i % 4 & 1) != 0;
            Assert.Equal(isKept ? values[i] : 0f, expected[i]);
        }
        SparseTwoOfFour.Expand(kept, nibbles, actual);
        Gaussian.AssertSameBits(expected, actual);
        Array.Fill(actual, 9f);
        SparseTwoOfFour.Expand<Simd512>(kept, nibbles, actual);
        Gaussian.AssertSameBits(expected, actual);
        Array.Fill(actual, 9f);
        SparseTwoOfFour.Expand<Simd256>(kept, nibbles, actual);
        Gaussian.AssertSameBits(expected, actual);
        Assert.Throws<ArgumentException>(() => SparseTwoOfFour.Expand(kept, nibbles, new float[count + 4]));
    }

    [Theory]
    [InlineData(1, 1.0)]
    [InlineData(7, 0.01)]
    [InlineData(64, 0.5)]
    [InlineData(1000, 0.1)]
    [InlineData(131, 0.25)]
    [InlineData(200, 1.0)]
    public void A_row_keeps_its_largest(int columns, double density)
    {
        var random = new Random(columns);
        float[] row = Gaussian.Samples(columns, 3).Select(v => random.Next(3) == 0 ? MathF.Round(v) : v).ToArray(); // with draws
        int kept = SparseBitmap.Kept(columns, density);
        byte[] bitmap = new byte[SparseBitmap.Bytes(columns)];
        float threshold = SparseBitmap.Select(row, kept, bitmap);
        int[] expected = Enumerable.Range(0, columns).OrderByDescending(i => MathF.Abs(row[i])).Take(kept).Order().ToArray();
        Assert.Equal(expected, Enumerable.Range(0, columns).Where(i => (bitmap[i / 8] >> i % 8 & 1) != 0));
        Assert.Equal(expected.Min(i => MathF.Abs(row[i])), threshold);
        float[] values = new float[kept],
            back = new float[columns];
        Array.Fill(back, 5f);
        Assert.Equal(kept, SparseBitmap.Compress(row, bitmap, values));
        SparseBitmap.Expand(values, bitmap, back);
        Assert.Equal(row.Select((v, i) => expected.Contains(i) ? v : 0f), back);
    }

    [Fact]
    public void Densities_and_their_entropy()
    {
        Assert.Equal(1, SparseBitmap.Kept(100, 1e-9));
        Assert.Equal(50, SparseBitmap.Kept(100, 0.5));
        Assert.Equal(2, SparseBitmap.Kept(3, 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => SparseBitmap.Kept(100, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => SparseBitmap.Kept(100, double.NaN));
        Assert.Equal(Math.Log2(6) / 4, SparseBitmap.Entropy(4, 2), 1e-12);
        Assert.Equal(0, SparseBitmap.Entropy(9, 9));
        Assert.Equal(Math.Log2(84) / 9, SparseBitmap.Entropy(9, 6), 1e-12);
        Assert.Equal(float.PositiveInfinity, SparseBitmap.Select([1, 2], 0, new byte[1]));
        byte[] all = new byte[1];
        Assert.Equal(0f, SparseBitmap.Select([0, -0f, 3], 3, all));
        Assert.Equal(7, all[0]);
    }

    /// <summary>formats.md B3: the error of dropping alone, on unit Gaussians.</summary>
    [Theory]
    [InlineData(2, 4, 0.132201)]
    [InlineData(1, 2, 0.181410)]
    [InlineData(2000, 4000, 0.071169)]
    [InlineData(1000, 4000, 0.276160)]
    [InlineData(400, 4000, 0.560597)]
    public void Dropping_costs_what_theory_says(int kept, int group, double expected)
    {
        float[] values = Gaussian.Samples(400_000, 4);
        byte[] bitmap = new byte[SparseBitmap.Bytes(Math.Max(group, 8))];
        var errors = new List<double>();
        for (int i = 0; i < values.Length; i += group)
        {
            ReadOnlySpan<float> part = values.AsSpan(i, group);
            if (group > 16)
            {
                SparseBitmap.Select(part, kept, bitmap);
            }
            else
            {
                bitmap[0] = (byte)NmPattern.Of(kept, group).Select(part);
            }
            double error = 0;
            for (int j = 0; j < group; j++)
            {
                error += (bitmap[j / 8] >> j % 8 & 1) != 0 ? 0 : (double)part[j] * part[j];
            }
            errors.Add(error / group);
        }
        (double mean, double standardError) = Gaussian.Mean(errors);
        Assert.InRange(mean, expected - 4 * standardError, expected + 4 * standardError);
    }
}
