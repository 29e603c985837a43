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
    public virtual bool PredictsLoss => true;

    /// <inheritdoc/>
    public virtual LawSizes Sizes => LawSizes.Both;

    /// <inheritdoc/>
    public abstract IReadOnlyList<LawParameter> Parameters { get; }

    /// <inheritdoc/>
    public virtual IReadOnlyList<LawColumn> Columns => [];

    /// <inheritdoc/>
    public virtual IReadOnlyList<LawCoefficients> Published => [];

    /// <inheritdoc/>
    public virtual bool LogResiduals => true;

    /// <inheritdoc/>
    public virtual IScalingLaw For(LawCoefficients set) => this;

    /// <inheritdoc/>
    public virtual bool Knows(LawInput input, int part) => input.Part(part).IsDense;

    /// <inheritdoc/>
    public virtual double TotalParams(LawInput input) => input.Params;

    /// <inheritdoc/>
    public virtual double ActiveParams(LawInput input) => input.Params;

    /// <summary>The formula.</summary>
    /// <param name="input">Sizes and representations.</param>
    /// <param name="p">Values in the order of <see cref="Parameters"/>.</param>
    protected abstract Traced Prediction(LawInput input, ReadOnlySpan<Traced> p);

    /// <summary>The logarithm of the formula; a law that can say it without overflow overrides this.</summary>
    /// <param name="input">Sizes and representations.</param>
    /// <param name="p">Values in the order of <see cref="Parameters"/>.</param>
    protected virtual Traced LogPrediction(LawInput input, ReadOnlySpan<Traced> p) => Traced.Log(Prediction(input, p));

    /// <inheritdoc/>
    public double Predict(LawInput input, ReadOnlySpan<double> parameters, Span<double> gradient) =>
        Evaluate(input, parameters, gradient, log: false);

    /// <inheritdoc/>
    public double PredictLog(LawInput input, ReadOnlySpan<double> parameters, Span<double> gradient) =>
        LogResiduals
            ? Evaluate(input, parameters, gradient, log: true)
            : throw new NotSupportedException($"{Name} compares differences, not logarithms: what it predicts may be negative.");

    private double Evaluate(LawInput input, ReadOnlySpan<double> parameters, Span<double> gradient, bool log)
    {
        Trace trace = Trace.Rent();
        try
        {
            ReadOnlySpan<Traced> p = trace.Begin(parameters, !gradient.IsEmpty);
            Traced value = log ? LogPrediction(input, p) : Prediction(input, p);
            if (!gradient.IsEmpty)
            {
                value.Gradient(gradient);
            }
            return value.Value;
        }
        finally
        {
            trace.Return();
        }
    }

    /// <summary>A parameter table with the first set of <paramref name="published"/> as defaults, if it may be one.</summary>
    /// <param name="published">The published sets, best known first.</param>
    /// <param name="parameters">The parameters.</param>
    protected static IReadOnlyList<LawParameter> Table(
        IReadOnlyList<LawCoefficients> published,
        params IReadOnlyList<LawParameter> parameters
    )
    {
        if (published.Count == 0 || !published[0].Mark.IsDefault())
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
