using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Tests.Rotation;

public class HadamardTests
{
    public static TheoryData<int, int> Sizes =>
        new()
        {
            { 16, 1 },
            { 32, 3 },
            { 64, 5 },
            { 128, 2 },
            { 256, 1 },
            { 1024, 3 },
            { 4096, 1 },
        };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Every_width_gives_the_bits_of_the_reference(int size, int blocks)
    {
        float[] values = Gaussian.Samples(size * blocks, size);
        foreach (bool inverse in new[] { false, true })
        {
            float[] expected = [.. values];
            HadamardRotation.Reference(expected, size, 42, inverse);
            float[] actual = [.. values];
            HadamardRotation.Run<Simd512>(actual, size, 42, inverse);
            Gaussian.AssertSameBits(expected, actual);
            actual = [.. values];
            HadamardRotation.Run<Simd256>(actual, size, 42, inverse);
            Gaussian.AssertSameBits(expected, actual);
            actual = [.. values];
            HadamardRotation.Run<Simd128>(actual, size, 42, inverse);
            Gaussian.AssertSameBits(expected, actual);
            actual = [.. values];
            HadamardRotation.Run<Simd32>(actual, size, 42, inverse);
            Gaussian.AssertSameBits(expected, actual);
        }
    }

    [Fact]
    public void The_transform_is_the_definition()
    {
        const int size = 64;
        float[] values = Gaussian.Samples(size, 1),
            rotated = [.. values];
        HadamardRotation.Forward(rotated, size, 7);
        for (int row = 0; row < size; row++)
        {
            double sum = 0;
            for (int column = 0; column < size; column++)
            {
                int sign = (HadamardRotation.Signs(7, column / 32) >> column % 32 & 1) != 0 ? -1 : 1;
                sum += values[column] * sign * (1 - (System.Numerics.BitOperations.PopCount((uint)(row & column)) & 1) * 2);
            }
            Assert.Equal(sum / 8, rotated[row], 2e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Back_is_the_input_and_the_norm_stays(int size, int blocks)
    {
        float[] values = Gaussian.Samples(size * blocks, 2),
            rotated = [.. values];
        HadamardRotation.Forward(rotated, size, 9);
        Assert.Equal(values.Sum(v => (double)v * v), rotated.Sum(v => (double)v * v), 1e-4 * Math.Sqrt(size * blocks));
        Assert.True(Gaussian.SquaredError(values, rotated) > 0.5 * size);
        HadamardRotation.Inverse(rotated, size, 9);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal(values[i], rotated[i], 4e-6f);
        }
    }

    [Theory]
    [InlineData(16, 5)]
    [InlineData(64, 3)]
    public void A_segment_rotates_as_it_does_in_its_row(int size, int blocks)
    {
        float[] row = [.. Enumerable.Range(0, size * blocks).Select(i => MathF.Sin(i * 1.7f))],
            part = row[(2 * size)..],
            back = [.. part];
        HadamardRotation.Forward(row, size, 11);
        float[] reference = [.. part];
        HadamardRotation.Reference(reference, size, 11, inverse: false, firstColumn: 2 * size);
        HadamardRotation.Forward(part, size, 11, firstColumn: 2 * size);
        Assert.Equal(row[(2 * size)..], part);
        Assert.Equal(reference, part);
        HadamardRotation.Inverse(part, size, 11, firstColumn: 2 * size);
        Assert.All(back.Zip(part), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public void An_outlier_is_spread_evenly()
    {
        var values = new float[256];
        values[77] = 16f;
        HadamardRotation.Forward(values, 256, 1);
        Assert.All(values, v => Assert.Equal(1f, MathF.Abs(v)));
    }

    [Fact]
    public void Signs_are_a_fixed_function_of_the_seed()
    {
        // MurmurHash3's finaliser once more, in 64-bit arithmetic with explicit remainders.
        static uint Mix(ulong h)
        {
            h ^= h >> 16;
            h = h * 0x85EBCA6B % 4294967296;
            h ^= h >> 13;
            h = h * 0xC2B2AE35 % 4294967296;
            return (uint)(h ^ h >> 16);
        }
        Assert.Equal(Mix(0x9E3779B9), HadamardRotation.Signs(0, 0));
        Assert.Equal(Mix((5 + 0x9E3779B9ul * 4) % 4294967296), HadamardRotation.Signs(5, 3));
        int ones = Enumerable.Range(0, 10_000).Sum(w => System.Numerics.BitOperations.PopCount(HadamardRotation.Signs(3, w)));
        Assert.InRange(ones, 160_000 - 4 * 283, 160_000 + 4 * 283);
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(48, 48)]
    [InlineData(8192, 8192)]
    [InlineData(16, 24)]
    public void Other_sizes_are_refused(int size, int length) =>
        Assert.Throws<ArgumentException>(() => HadamardRotation.Forward(new float[length], size, 0));
}
