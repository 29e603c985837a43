namespace KernelGen.Training.Tests;

/// <summary>AdamW and AMSGrad against their formulas, written down in double as the papers have them.</summary>
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
    public void Rates_of_tensors_have_factors_that_decay_does_not_have()
    {
        float[] plain = [.. Enumerable.Repeat(1f, Layout.Length)],
            half = [.. plain],
            gradient = [.. Enumerable.Repeat(0.5f, Layout.Length)];
        new GradientOptimizer(Layout, Decay, false).Step(plain, gradient, 1, 0.01);
        new GradientOptimizer(Layout, Decay, false, tensor => tensor.Kind == ParameterKind.Linear ? 0.5 : 1).Step(half, gradient, 1, 0.01);
        foreach (ParameterTensor tensor in Layout.Tensors)
        {
            // The first step of Adam is as long as the rate.
            double keep = tensor.Kind == ParameterKind.Norm ? 1 : 1 - 0.01 * Decay;
            Assert.Equal(keep - 0.01, plain[tensor.Offset], 1e-6);
            Assert.Equal(keep - (tensor.Kind == ParameterKind.Linear ? 0.005 : 0.01), half[tensor.Offset], 1e-6);
        }
    }

    [Fact]
    public void The_norm_is_that_of_all_values()
    {
        float[] values = [.. Enumerable.Range(1, 10_000).Select(i => i * 1e-3f)];
        Assert.Equal(Math.Sqrt(values.Sum(x => (double)x * x)), GradientOptimizer.Norm(values), 1e-3);
    }
}
