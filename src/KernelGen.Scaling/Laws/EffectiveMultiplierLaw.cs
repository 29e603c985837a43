namespace KernelGen.Scaling;

/// <summary>
/// One effective-parameter multiplier per compression scheme, that is per combination of method, weights and activations:
/// <c>L = A·(N·eff)^−α + B·D^−β + E</c>. Frantar et al. 2025, "Compression scaling laws", arXiv:2502.16440. The published table of
/// multipliers was not found, so there are no defaults.
/// </summary>
public sealed class EffectiveMultiplierLaw : EffectiveParameterLaw
{
    private readonly LabelledCapacities _capacities;

    /// <summary>The law over given schemes.</summary>
    /// <param name="schemes">Labels as <see cref="Scheme"/> makes them.</param>
    public EffectiveMultiplierLaw(IEnumerable<string> schemes)
    {
        _capacities = new(schemes, Shared, "multiplier of");
        Parameters = [.. SharedParameters, .. _capacities.Parameters];
    }

    /// <summary>The law with the schemes that occur in the inputs.</summary>
    /// <param name="inputs">The inputs.</param>
    public static EffectiveMultiplierLaw For(IEnumerable<LawInput> inputs) => new(inputs.Where(input => !IsDense(input)).Select(Scheme));

    /// <inheritdoc/>
    public override string Name => "frantar-multiplier";

    /// <inheritdoc/>
    public override string Title => "One effective-parameter multiplier per compression scheme";

    /// <inheritdoc/>
    public override string Formula => "L = A*(N*eff)^-alpha + B*D^-beta + E, one eff per scheme";

    /// <inheritdoc/>
    public override string Citation => "Frantar et al. 2025, arXiv:2502.16440";

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; }

    /// <summary>The label of an input's scheme: <c>method/weights/activations</c>, and the KV cache where it is compressed.</summary>
    /// <param name="input">The input.</param>
    public static string Scheme(LawInput input) =>
        $"{input.Method}/{input.Weights.Name}/{input.Activations.Name}{(input.KvCache.IsDense ? "" : "/" + input.KvCache.Name)}";

    /// <inheritdoc/>
    public override bool Knows(LawInput input, int part) => IsDense(input) || _capacities.Labels.Contains(Scheme(input));

    /// <inheritdoc/>
    protected override Traced LogCapacity(LawInput input, ReadOnlySpan<Traced> p) => IsDense(input) ? 0 : _capacities.Log(Scheme(input), p);

    private static bool IsDense(LawInput input) => !input.IsCompressed;
}
