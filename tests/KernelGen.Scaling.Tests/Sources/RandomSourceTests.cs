using KernelGen;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Vectors;
using MathNet.Numerics.Distributions;

namespace KernelGen.Scaling.Tests;

public class RandomSourceTests
{
    private const int Chunk = 1 << 16;

    public static TheoryData<string> Names => ["gaussian", "logistic", "laplace", "student-t:5", "student-t:3", "student-t:12.5"];

    private static double Cdf(string name, double x) =>
        name.Split(':') switch
        {
            ["gaussian"] => GaussianGrid.Cdf(x),
            ["logistic"] => 1 / (1 + Math.Exp(-x * Math.PI / Math.Sqrt(3))),
            ["laplace"] => x < 0 ? 0.5 * Math.Exp(Math.Sqrt(2) * x) : 1 - 0.5 * Math.Exp(-Math.Sqrt(2) * x),
            [_, var nu] => StudentT.CDF(
                0,
                Math.Sqrt(
                    (double.Parse(nu, System.Globalization.CultureInfo.InvariantCulture) - 2)
                        / double.Parse(nu, System.Globalization.CultureInfo.InvariantCulture)
                ),
                double.Parse(nu, System.Globalization.CultureInfo.InvariantCulture),
                x
            ),
            _ => throw new ArgumentException(name),
        };

    [Theory, MemberData(nameof(Names))]
    public void Values_follow_the_exact_distribution(string name)
    {
        // Kolmogorov–Smirnov over 2^20 values: P(√n·D > 1.95) = 0.001.
        const int count = 1 << 20;
        var values = new float[count];
        for (int c = 0; c < count / Chunk; c++)
        {
            ValueSource.Parse(name).Fill(11, c, values.AsSpan(c * Chunk, Chunk));
        }
        Array.Sort(values);
        double distance = 0;
        for (int i = 0; i < count; i += 7)
        {
            double cdf = Cdf(name, values[i]);
            distance = Math.Max(distance, Math.Max(Math.Abs(cdf - (double)i / count), Math.Abs(cdf - (i + 1.0) / count)));
        }
        Assert.True(Math.Sqrt(count) * distance < 1.95, $"{name}: √n·D = {Math.Sqrt(count) * distance}");
    }

    [Theory]
    [InlineData("gaussian", 3)]
    [InlineData("logistic", 4.2)]
    [InlineData("laplace", 6)]
    [InlineData("student-t:12.5", 3 + 6 / 8.5)]
    public void Moments_are_those_of_unit_variance(string name, double fourthMoment)
    {
        double sum = 0,
            squares = 0,
            cubes = 0,
            fourths = 0,
            eighths = 0;
        const int chunks = 200;
        var values = new float[Chunk];
        for (int c = 0; c < chunks; c++)
        {
            ValueSource.Parse(name).Fill(5, c, values);
            foreach (double x in values)
            {
                double square = x * x,
                    fourth = square * square;
                sum += x;
                squares += square;
                cubes += square * x;
                fourths += fourth;
                eighths += fourth * fourth;
            }
        }
        double n = (double)chunks * Chunk;
        Assert.InRange(sum / n, -4 / Math.Sqrt(n), 4 / Math.Sqrt(n));
        Assert.InRange(squares / n - 1, -4 * Math.Sqrt((fourthMoment - 1) / n), 4 * Math.Sqrt((fourthMoment - 1) / n));
        double thirdError = 4 * Math.Sqrt(squares / n * fourths / n * 20 / n);
        Assert.InRange(cubes / n, -thirdError, thirdError);
        double fourthError = 4 * Math.Sqrt(eighths / n / n);
        Assert.InRange(fourths / n - fourthMoment, -fourthError, fourthError);
    }

    [Fact]
    public void Gaussian_tails_have_the_right_weight()
    {
        const int chunks = 3000; // 1.97e8 values
        double[] limits = [3, 4, 4.5, 5];
        var counts = new long[limits.Length];
        var gate = new Lock();
        Parallel.For(
            0,
            chunks,
            () => (Values: new float[Chunk], Counts: new long[limits.Length]),
            (c, _, local) =>
            {
                ValueSource.Gaussian.Fill(3, c, local.Values);
                foreach (float x in local.Values)
                {
                    if (Math.Abs(x) > 3)
                    {
                        for (int k = 0; k < limits.Length; k++)
                        {
                            local.Counts[k] += Math.Abs(x) > limits[k] ? 1 : 0;
                        }
                    }
                }
                return local;
            },
            local =>
            {
                lock (gate)
                {
                    for (int k = 0; k < limits.Length; k++)
                    {
                        counts[k] += local.Counts[k];
                    }
                }
            }
        );
        for (int k = 0; k < limits.Length; k++)
        {
            double expected = 2 * GaussianGrid.Cdf(-limits[k]) * chunks * Chunk;
            Assert.InRange(counts[k], expected - 4 * Math.Sqrt(expected), expected + 4 * Math.Sqrt(expected));
        }
    }

    [Fact]
    public void Gaussians_reach_far_beyond_six_sigma_and_follow_the_bits_there()
    {
        // The smallest uniform is 2^-41: radius √(82·ln 2) = 7.54.
        GaussianSampler.Transform(Lanes128.OfBits(0), Lanes128.OfBits(1u << 29), out Lanes128 x, out Lanes128 y);
        Span<float> a = stackalloc float[4],
            b = stackalloc float[4];
        x.Store(ref a[0]);
        y.Store(ref b[0]);
        double radius = Math.Sqrt((double)a[0] * a[0] + (double)b[0] * b[0]);
        Assert.Equal(Math.Sqrt(-2 * Math.Log(Math.Pow(2, -41))), radius, 1e-5);
        Assert.True(Math.Max(Math.Abs(a[0]), Math.Abs(b[0])) > 7);
    }

    [Fact]
    public void Functions_of_lanes_agree_with_double_precision()
    {
        var random = new Random(1);
        Span<float> input = stackalloc float[4],
            output = stackalloc float[4],
            second = stackalloc float[4];
        for (int trial = 0; trial < 20_000; trial++)
        {
            uint high = (uint)random.NextInt64(1L << 32) >> random.Next(32),
                low = (uint)random.NextInt64(1L << 32);
            double uniform = ((high >> 1) + ((low & 0x1FF) + 0.5) / 512) / 2147483648.0;
            Lanes128 u = LaneMath.Uniform(Lanes128.OfBits(high), Lanes128.OfBits(low));
            u.Store(ref input[0]);
            Assert.Equal(uniform, input[0], uniform * 1.2e-7);
            LaneMath.Log(u).Store(ref output[0]);
            double log = Math.Log(input[0]);
            Assert.Equal(log, output[0], Math.Abs(log) * 3e-7);

            float y = (float)(random.NextDouble() * Math.Pow(10, random.Next(-6, 2)));
            LaneMath.ExpMinusOne(Lanes128.Of(y)).Store(ref output[0]);
            double grown = Math.Exp(y) - 1;
            Assert.Equal(y < 1e-3 ? y + (double)y * y / 2 + (double)y * y * y / 6 : grown, output[0], grown * 5e-7);

            LaneMath.OnCircle(Lanes128.OfBits(low), out Lanes128 cosine, out Lanes128 sine);
            cosine.Store(ref output[0]);
            sine.Store(ref second[0]);
            double angle = ((low >> 9 & 0x1FFFFF) + 0.5 - (1 << 20)) * Math.PI / 2 / (1 << 21);
            double c = (low & 1u << 30) != 0 ? -Math.Cos(angle) : Math.Cos(angle),
                s = Math.Sin(angle);
            if ((low & 1u << 31) != 0)
            {
                (c, s) = (s, c);
            }
            Assert.Equal(c, output[0], 2e-7);
            Assert.Equal(s, second[0], 2e-7);
        }
    }

    [Fact]
    public void Generator_is_xoshiro128_plus_plus()
    {
        // Reference step of Blackman and Vigna's C code in plain integers.
        var states = new uint[64];
        SampleDriver.Start(42, 7, states);
        uint[] s = [states[5], states[21], states[37], states[53]];
        var lanes = new RandomLanes<Lanes128>(states, 4);
        var output = new uint[4];
        for (int i = 0; i < 100; i++)
        {
            uint expected = uint.RotateLeft(s[0] + s[3], 7) + s[0];
            uint t = s[1] << 9;
            s[2] ^= s[0];
            s[3] ^= s[1];
            s[1] ^= s[2];
            s[0] ^= s[3];
            s[2] ^= t;
            s[3] = uint.RotateLeft(s[3], 11);
            lanes.Next().Store(ref output[0]);
            Assert.Equal(expected, output[1]);
        }
    }

    [Fact]
    public void Every_vector_width_gives_the_same_bits()
    {
        Check(new GaussianSampler());
        Check(new LogisticSampler());
        Check(new LaplaceSampler());
        Check(new StudentTSampler(5));

        static void Check<TSampler>(TSampler sampler)
            where TSampler : struct, ISampler
        {
            var values = new float[4096];
            SampleDriver.Fill(sampler, 9, 4, values);
            var narrow = new float[4096];
            Span<uint> states = stackalloc uint[64];
            SampleDriver.Start(9, 4, states);
            SampleDriver.Run256(sampler, states, narrow);
            Assert.Equal(values, narrow);
            SampleDriver.Start(9, 4, states);
            SampleDriver.Run128(sampler, states, narrow);
            Assert.Equal(values, narrow);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Shorter_spans_are_beginnings_of_longer_ones(string name)
    {
        RandomSource source = ValueSource.Parse(name);
        var whole = new float[200];
        source.Fill(1, 2, whole);
        for (int length = 0; length <= 200; length += 13)
        {
            var part = new float[length];
            source.Fill(1, 2, part);
            Assert.Equal(whole[..length], part);
        }
    }

    [Fact]
    public void Chunks_seeds_and_lanes_are_uncorrelated()
    {
        const int count = 1 << 18;
        float[] One(ulong seed, long chunk)
        {
            var values = new float[count];
            ValueSource.Gaussian.Fill(seed, chunk, values);
            return values;
        }
        float[] a = One(0, 0);
        double limit = 4.5 / Math.Sqrt(count);
        foreach (float[] b in new[] { One(0, 1), One(0, 2), One(1, 0), One(1, 1), One(ulong.MaxValue, 0), One(0, long.MaxValue) })
        {
            Assert.InRange(Correlation(a, b, 0), -limit, limit);
            Assert.InRange(Correlation([.. a.Select(x => x * x - 1)], [.. b.Select(x => x * x - 1)], 0), -2 * limit, 2 * limit);
        }
        // Neighbouring lanes, the two values of one lane, and successive steps of a lane; also of the squares.
        foreach (int lag in new[] { 1, 2, 3, 8, 15, 16, 17, 31, 32, 33, 64 })
        {
            Assert.InRange(Correlation(a, a, lag), -limit, limit);
            Assert.InRange(Correlation([.. a.Select(x => x * x - 1)], [.. a.Select(x => x * x - 1)], lag), -2 * limit, 2 * limit);
        }

        static double Correlation(float[] x, float[] y, int lag)
        {
            double sum = 0;
            for (int i = 0; i + lag < x.Length; i++)
            {
                sum += (double)x[i] * y[i + lag];
            }
            return sum / (x.Length - lag);
        }
    }

    [Fact]
    public void Values_are_pinned()
    {
        var values = new float[33];
        ValueSource.Gaussian.Fill(1, 0, values);
        Assert.Equal(PinnedGaussian, (values[0], values[1], values[15], values[16], values[32]));
        ValueSource.Gaussian.Fill(1, 1, values);
        Assert.Equal(PinnedSecondChunk, values[0]);
        ValueSource.StudentT(5).Fill(1, 0, values);
        Assert.Equal(PinnedStudent, values[0]);
    }

    private static (float, float, float, float, float) PinnedGaussian => (1.0782465f, -0.70034677f, 0.8939115f, -0.071024984f, 0.92489886f);

    private static float PinnedSecondChunk => -0.70617723f;

    private static float PinnedStudent => 0.88642555f;

    [Theory]
    [InlineData("gausian", "gaussian")]
    [InlineData("student-t:2", "above 2")]
    [InlineData("student-t:x", "above 2")]
    public void Wrong_names_are_explained(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => ValueSource.Parse(text)).Message);

    [Theory]
    [InlineData(2)]
    [InlineData(double.NaN)]
    [InlineData(-1)]
    [InlineData(2e6)]
    public void Student_needs_a_variance(double degrees) => Assert.Throws<ArgumentOutOfRangeException>(() => ValueSource.StudentT(degrees));

    [Fact]
    public void Names_are_read_back()
    {
        foreach (
            RandomSource source in new[] { ValueSource.Gaussian, ValueSource.Laplace, ValueSource.Logistic, ValueSource.StudentT(2.5) }
        )
        {
            Assert.Equal(source.Name, ValueSource.Parse(source.Name).Name);
        }
    }

    [Fact]
    public void Tensor_refuses_wrong_shapes_and_values()
    {
        Assert.Throws<ArgumentException>(() => new TensorSource("t", new float[5], 2, 3));
        string message = Assert
            .Throws<ArgumentException>(() => new TensorSource("t", new float[] { 1, 2, 3, float.NaN, 5, 6 }, 2, 3))
            .Message;
        Assert.Contains("row 1, column 0", message);
    }
}
