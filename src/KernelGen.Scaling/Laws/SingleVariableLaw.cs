namespace KernelGen.Scaling;

/// <summary>
/// A power law of one variable with a floor, <c>L = E + (x0/x)^a</c>, x parameters, tokens, compute or any column: the form of Hestness et
/// al. 2017, arXiv:1712.00409, Kaplan et al. 2020, arXiv:2001.08361 (E = 0) and Henighan et al. 2020, arXiv:2010.14701.
/// </summary>
public sealed class SingleVariableLaw : ScalingLaw, IShapedLaw
{
    /// <summary>The variable where none is named.</summary>
    public const string Usual = "compute";

    private static readonly IReadOnlyList<LawCoefficients> Sets =
    [
        new("kaplan-params", SourceMark.Secondary, "L(N), N without embeddings, enough data", 8.8e13, 0.076, 0),
        new("kaplan-tokens", SourceMark.Secondary, "L(D), large model, early stopping", 5.4e13, 0.095, 0),
        new("kaplan-compute", SourceMark.Secondary, "L(C_min), 3.1e8 PF-days of 8.64e19 FLOP", 3.1e8 * 8.64e19, 0.050, 0),
    ];

    private readonly string _of;

    /// <summary>The law of a variable.</summary>
    /// <param name="options">Its <see cref="LawOptions.Of"/>: params, tokens, compute or a column.</param>
    public SingleVariableLaw(LawOptions options)
    {
        _of = (options.Of ?? Usual).ToLowerInvariant();
        Options = new() { Of = _of };
        Columns = Sizes == LawSizes.None ? [new(_of, "the variable x, positive")] : [];
    }

    /// <summary>The variable.</summary>
    public LawOptions Options { get; }

    /// <inheritdoc/>
    public override string Name => "power";

    /// <inheritdoc/>
    public override string Title => "Loss by one variable: params, tokens, compute (6*N*D) or a column, by --of";

    /// <inheritdoc/>
    public override string Formula => $"L = E + (x0/x)^a; x = {_of}";

    /// <inheritdoc/>
    public override string Citation => "Hestness et al. 2017, arXiv:1712.00409; Kaplan et al. 2020, arXiv:2001.08361";

    /// <inheritdoc/>
    public override LawSizes Sizes =>
        _of switch
        {
            "params" => LawSizes.Params,
            "tokens" => LawSizes.Tokens,
            "compute" => LawSizes.Both,
            _ => LawSizes.None,
        };

    /// <inheritdoc/>
    public override IReadOnlyList<LawColumn> Columns { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
    [
        new("x0", 1e-40, 1e80, 1e-3, 1e20, "where the falling part is 1") { Scale = ParameterScale.Log },
        LawParameter.Exponent("a", "exponent"),
        new("E", 0, 20, 0, 2.5, "loss that no amount of x removes"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<LawCoefficients> Published => Sets;

    /// <inheritdoc/>
    public override IScalingLaw For(LawCoefficients set) => new SingleVariableLaw(new() { Of = set.Name["kaplan-".Length..] });

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p)
    {
        double log = _of switch
        {
            "params" => input.LogParams,
            "tokens" => input.LogTokens,
            "compute" => Math.Log(6) + input.LogParams + input.LogTokens,
            _ => Math.Log(input[_of]),
        };
        return Traced.Exp(p[1] * (Traced.Log(p[0]) - log)) + p[2];
    }
}
