namespace KernelGen.Scaling;

/// <summary>
/// The unified law without its explanation: one free ρ per distinct representation, still multiplied over the parts. It bounds from
/// below what any curve of the Gaussian MSE can reach. Panferov et al. 2025, arXiv:2506.01863.
/// </summary>
public sealed class DecoupledLaw : EffectiveParameterLaw, IShapedLaw
{
    private static readonly string[] Parts = ["weights", "activations", "kv"];

    private readonly LabelledCapacities _capacities;
    private readonly CapacityGrouping _grouping;

    /// <summary>The law over given labels.</summary>
    /// <param name="labels">Names of representations, or <c>part:name</c> if grouped by part; dense needs none.</param>
    /// <param name="options">Whether a representation has one ρ or one per part.</param>
    public DecoupledLaw(IEnumerable<string> labels, LawOptions options)
    {
        Options = options;
        _grouping = options.Grouping ?? CapacityGrouping.Family;
        _capacities = new(labels, Shared, "capacity of");
        Parameters = [.. SharedParameters, .. _capacities.Parameters];
    }

    /// <summary>The law with the representations that occur in the inputs.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="options">Whether a representation has one ρ or one per part.</param>
    public static DecoupledLaw For(IEnumerable<LawInput> inputs, LawOptions? options = null)
    {
        options ??= LawOptions.Default;
        CapacityGrouping grouping = options.Grouping ?? CapacityGrouping.Family;
        return new(
            inputs.SelectMany(input =>
                (IEnumerable<string>)
                    [.. Label(0, input.Weights, grouping), .. Label(1, input.Activations, grouping), .. Label(2, input.KvCache, grouping)]
            ),
            options
        );
    }

    /// <summary>The grouping.</summary>
    public LawOptions Options { get; }

    /// <inheritdoc/>
    public override string Name => "decoupled";

    /// <inheritdoc/>
    public override string Title => "One free capacity per representation, multiplied over the parts";

    /// <inheritdoc/>
    public override string Formula => "L = A*(N*rho_w*rho_a*rho_kv)^-alpha + B*D^-beta + E, one rho per representation";

    /// <inheritdoc/>
    public override string Citation => "Panferov et al. 2025, arXiv:2506.01863";

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; }

    /// <inheritdoc/>
    public override bool Knows(LawInput input, int part) => Label(part, input.Part(part), _grouping).All(_capacities.Labels.Contains);

    /// <inheritdoc/>
    protected override Traced LogCapacity(LawInput input, ReadOnlySpan<Traced> p) =>
        Factor(0, input.Weights, p) + Factor(1, input.Activations, p) + Factor(2, input.KvCache, p);

    private Traced Factor(int part, RepresentationPoint point, ReadOnlySpan<Traced> p) =>
        point.IsDense ? 0 : _capacities.Log(_grouping == CapacityGrouping.Family ? point.Name : $"{Parts[part]}:{point.Name}", p);

    private static IEnumerable<string> Label(int part, RepresentationPoint point, CapacityGrouping grouping) =>
        point.IsDense ? [] : [grouping == CapacityGrouping.Family ? point.Name : $"{Parts[part]}:{point.Name}"];
}
