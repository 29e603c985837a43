namespace KernelGen.Tests;

/// <summary>Seeded unit Gaussian samples, and statistics over them.</summary>
internal static class Gaussian
{
    public static float[] Samples(int count, int seed)
    {
        var random = new Random(seed);
        var samples = new float[count];
        for (int i = 0; i < count; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            samples[i] = (float)(radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }
        return samples;
    }

    /// <summary>Mean and standard error of independent numbers.</summary>
    public static (double Mean, double Error) Mean(IReadOnlyList<double> numbers)
    {
        double mean = numbers.Average();
        double variance = numbers.Sum(n => (n - mean) * (n - mean)) / (numbers.Count - 1);
        return (mean, Math.Sqrt(variance / numbers.Count));
    }

    public static double SquaredError(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        }
        return sum;
    }

    /// <summary>Fails unless two spans hold the same bits, so that −0 and NaN count.</summary>
    public static void AssertSameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToUInt32Bits(expected[i]) != BitConverter.SingleToUInt32Bits(actual[i]))
            {
                Assert.Fail($"Element {i}: expected {expected[i]:R}, got {actual[i]:R}.");
            }
        }
    }
}
