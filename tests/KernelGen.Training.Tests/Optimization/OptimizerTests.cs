namespace KernelGen.Training.Tests;

/// <summary>AdamW, AMSGrad and the schedule against their formulas, written down in double as the papers have them.</summary>
public sealed class OptimizerTests
{
    private const double Beta1 = 0.9,
        Beta2 = 0.95,
        Epsilon = 1e-8,
        Decay = 0.1;

    private static readonly ParameterLayout Layout = new(
        new TrainingSpec
        {
            Layers = 1,
            Width = 6,
            Heads = 1,
            Hidden = 7,
            Tokens = 1,
            LearningRate = 0.1,
        },
        vocabulary: 5
    );

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Steps_follow_the_formulas(bool largest)
    {
        var random = new Random(3);
        var optimizer = new GradientOptimizer(Layout, Decay, largest);
        float[] x = [.. Enumerable.Range(0, Layout.Length).Select(_ => (float)(random.NextDouble() - 0.5))];
        double[] wanted = [.. x.Select(value => (double)value)],
            m = new double[x.Length],
            v = new double[x.Length],
            top = new double[x.Length];
        bool[] decays = new bool[x.Length];
        foreach (ParameterTensor tensor in Layout.Tensors)
        {
            decays.AsSpan(tensor.Range).Fill(tensor.Kind is ParameterKind.Linear or ParameterKind.Embedding);
        }
        bool everHeld = false;
        for (int step = 1; step <= 30; step++)
        {
            // Gradients that die away: second moments fall, which AMSGrad does not follow. Half of every one is clipped away.
            float[] gradient = [.. x.Select(_ => (float)((random.NextDouble() - 0.5) / step))];
            double rate = 0.01 * step,
                clip = 0.5;
            optimizer.Step(x, gradient, (float)clip, rate);
            for (int i = 0; i < x.Length; i++)
            {
                double g = gradient[i] * clip;
                m[i] = Beta1 * m[i] + (1 - Beta1) * g;
                v[i] = Beta2 * v[i] + (1 - Beta2) * g * g;
                top[i] = Math.Max(top[i], v[i]);
                everHeld |= top[i] > v[i];
                double first = m[i] / (1 - Math.Pow(Beta1, step)),
                    second = (largest ? top[i] : v[i]) / (1 - Math.Pow(Beta2, step));
                wanted[i] = wanted[i] * (decays[i] ? 1 - rate * Decay : 1) - rate * first / (Math.Sqrt(second) + Epsilon);
                Assert.Equal(wanted[i], x[i], 1e-4);
            }
        }
        Assert.True(everHeld);
    }

    [Fact]
    public void The_rate_rises_for_a_tenth_and_falls_as_a_cosine()
    {
        var schedule = new CosineSchedule(0.5, 200);
        Assert.Equal(0.5 / 20, schedule.Rate(0), 1e-12);
        Assert.Equal(0.25, schedule.Rate(9), 1e-12);
        Assert.Equal(0.5, schedule.Rate(19), 1e-12);
        for (long step = 20; step < 200; step++)
        {
            Assert.Equal(0.25 * (1 + Math.Cos(Math.PI * (step - 20) / 180)), schedule.Rate(step), 1e-12);
        }
        Assert.Equal(0, schedule.Rate(200), 1e-12);
        Assert.Equal(1, new CosineSchedule(1, 3).Rate(0));
    }

    [Fact]
    public void The_norm_is_that_of_all_values()
    {
        float[] values = [.. Enumerable.Range(1, 10_000).Select(i => i * 1e-3f)];
        Assert.Equal(Math.Sqrt(values.Sum(x => (double)x * x)), GradientOptimizer.Norm(values), 1e-3);
    }
}
