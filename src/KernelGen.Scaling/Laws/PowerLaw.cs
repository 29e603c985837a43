namespace KernelGen.Scaling;

/// <summary>A plain power law, <c>k · Π x^p</c>: the shape of the laws of learning rate and batch.</summary>
public abstract class PowerLaw : ScalingLaw
{
    /// <inheritdoc/>
    public override bool PredictsLoss => false;

    /// <summary>The logarithms of what the exponents (parameters 1, 2, …) are exponents of.</summary>
    /// <param name="input">Sizes.</param>
    /// <param name="logs">Receives one logarithm per exponent.</param>
    protected abstract void Logs(LawInput input, Span<double> logs);

    /// <summary>The coefficient.</summary>
    /// <param name="low">Least starting value.</param>
    /// <param name="high">Largest starting value.</param>
    protected static LawParameter Coefficient(double low, double high) =>
        LawParameter.Positive("k", low, high, "value where the bases are 1");

    /// <summary>An exponent of either sign.</summary>
    /// <param name="name">Name.</param>
    /// <param name="of">What it is the exponent of.</param>
    protected static LawParameter Power(string name, string of) => new(name, -4, 4, -1, 1, $"exponent of {of}");

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p) => Traced.Exp(LogPrediction(input, p));

    /// <inheritdoc/>
    protected override Traced LogPrediction(LawInput input, ReadOnlySpan<Traced> p)
    {
        Span<double> logs = stackalloc double[p.Length - 1];
        Logs(input, logs);
        Traced log = Traced.Log(p[0]);
        for (int i = 0; i < logs.Length; i++)
        {
            log += p[i + 1] * logs[i];
        }
        return log;
    }
}
