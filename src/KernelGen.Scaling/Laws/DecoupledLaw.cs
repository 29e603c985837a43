namespace KernelGen.Scaling;

/// <summary>
/// The unified law without its explanation: one free ρ per distinct representation of each part, still multiplied over the parts.
/// It bounds from below what any curve of the Gaussian MSE can reach. Panferov et al. 2025, arXiv:2506.01863.
/// </summary>
public sealed class DecoupledLaw : EffectiveParameterLaw
{
    private readonly LabelledCapacities _capacities;

    /// <summary>The law over given labels.</summary>
    /// <param name="labels"><c>weights:int4</c>, <c>activations:int4</c>, <c>kv:…</c>; dense needs none.</param>
    public DecoupledLaw(IEnumerable<string> labels)
    {
        _capacities = new(labels, Shared, "capacity of");
        Parameters = [.. SharedParameters, .. _capacities.Parameters];
    }

    /// <summary>The law with the representations that occur in the inputs.</summary>
    /// <param name="inputs">The inputs.</param>
    public static DecoupledLaw For(IEnumerable<LawInput> inputs) => new(inputs.SelectMany(Labels));

    /// <inheritdoc/>
    public override string Name => "decoupled";

    /// <inheritdoc/>
    public override string Title => "One free capacity per representation of weights and of activations";

    /// <inheritdoc/>
    public override string Formula => "L = A*(N*rho_w*rho_a)^-alpha + B*D^-beta + E, one rho per representation and part";

    /// <inheritdoc/>
    public override string Citation => "Panferov et al. 2025, arXiv:2506.01863";

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; }

    /// <inheritdoc/>
    public override double LogCapacity(LawInput input, ReadOnlySpan<double> parameters, Span<double> gradient)
    {
        double log = 0;
        if (!input.Weights.IsDense)
        {
            log += _capacities.Log("weights:" + input.Weights.Name, parameters, gradient);
        }
        if (!input.Activations.IsDense)
        {
            log += _capacities.Log("activations:" + input.Activations.Name, parameters, gradient);
        }
        return input.KvCache.IsDense ? log : log + _capacities.Log("kv:" + input.KvCache.Name, parameters, gradient);
    }

    private static IEnumerable<string> Labels(LawInput input)
    {
        (string Part, RepresentationPoint Point)[] parts = [("weights:", input.Weights), ("activations:", input.Activations), ("kv:", input.KvCache)];
        return parts.Where(part => !part.Point.IsDense).Select(part => part.Part + part.Point.Name);
    }
}
