namespace KernelGen.Scaling;

/// <summary>What most laws share: a loss in nats, compared in logarithms, with no columns of its own.</summary>
public abstract class ScalingLaw : IScalingLaw
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract string Title { get; }

    /// <inheritdoc/>
    public abstract string Formula { get; }

    /// <inheritdoc/>
    public abstract string Citation { get; }

    /// <inheritdoc/>
    public virtual string Predicts => "loss (nats per token)";

    /// <inheritdoc/>
    public abstract IReadOnlyList<LawParameter> Parameters { get; }

    /// <inheritdoc/>
    public virtual IReadOnlyList<LawColumn> Columns => [];

    /// <inheritdoc/>
    public virtual IReadOnlyList<LawCoefficients> Published => [];

    /// <inheritdoc/>
    public virtual bool LogResiduals => true;

    /// <inheritdoc/>
    public abstract double Predict(LawInput input, ReadOnlySpan<double> parameters, Span<double> gradient);

    /// <inheritdoc/>
    public virtual double PredictLog(LawInput input, ReadOnlySpan<double> parameters, Span<double> gradient)
    {
        double value = Predict(input, parameters, gradient);
        for (int i = 0; i < gradient.Length; i++)
        {
            gradient[i] /= value;
        }
        return Math.Log(value);
    }

    /// <summary>A parameter table with the first set of <paramref name="published"/> as defaults, if it may be one.</summary>
    /// <param name="published">The published sets, best known first.</param>
    /// <param name="parameters">The parameters.</param>
    protected static IReadOnlyList<LawParameter> Table(
        IReadOnlyList<LawCoefficients> published,
        params IReadOnlyList<LawParameter> parameters
    )
    {
        if (published.Count == 0 || published[0].Mark is SourceMark.Secondary or SourceMark.Recalled)
        {
            return parameters;
        }
        LawCoefficients first = published[0];
        return
        [
            .. parameters.Select(
                (parameter, i) =>
                    parameter.Held && parameter.Default is not null
                        ? parameter
                        : parameter with
                        {
                            Default = first.Values[i],
                            Mark = first.Mark,
                        }
            ),
        ];
    }
}
