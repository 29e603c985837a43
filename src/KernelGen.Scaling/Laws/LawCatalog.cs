namespace KernelGen.Scaling;

/// <summary>The laws there are, by name. Adding a law is its file and one line here.</summary>
public static class LawCatalog
{
    private static readonly IReadOnlyList<IScalingLaw> Plain =
    [
        new ChinchillaLaw(),
        new PrecisionLaw(),
        new SparseLaw(),
        new KaplanLaw(),
        new KaplanStepsLaw(),
        new DataConstrainedLaw(),
        new FloatTrainingLaw(),
        new QatGroupLaw(),
        new MixtureJointLaw(),
        new MixtureSparsityLaw(),
        new DenseSparseLaw(),
        new VocabularyLaw(),
        new QatShareLaw(),
        new RectifiedLaw(),
        new OverTrainingLaw(),
        new TimescaleLaw(),
        new BatchLaw(),
        new StepRateLaw(),
        new StepBatchLaw(),
        new StepSurfaceLaw(),
        new BatchStepsLaw(),
        new RoutedLaw(),
        new LossToLossLaw(),
    ];

    /// <summary>Every law; those whose parameters depend on the runs come with none of them.</summary>
    public static IReadOnlyList<IScalingLaw> All { get; } =
    [
        new UnifiedLaw([], LawOptions.Default),
        new DecoupledLaw([], LawOptions.Default),
        new EffectiveMultiplierLaw([]),
        new SingleVariableLaw(LawOptions.Default),
        .. Plain,
    ];

    /// <summary>The law of a name with the parameters that the inputs call for.</summary>
    /// <param name="name">Name, without regard to case.</param>
    /// <param name="inputs">Inputs the law is going to be fitted to.</param>
    /// <param name="options">Choices of form and grouping.</param>
    /// <exception cref="KeyNotFoundException">There is no such law; the message names the nearest.</exception>
    public static IScalingLaw Create(string name, IEnumerable<LawInput> inputs, LawOptions? options = null) =>
        name.ToLowerInvariant() switch
        {
            "unified" => UnifiedLaw.For(inputs, options),
            "decoupled" => DecoupledLaw.For(inputs, options),
            "frantar-multiplier" => EffectiveMultiplierLaw.For(inputs),
            "power" => new SingleVariableLaw(options ?? LawOptions.Default),
            _ => Find(name),
        };

    /// <summary>The law of a name with the parameters of a fit that was written down.</summary>
    /// <param name="name">Name, without regard to case.</param>
    /// <param name="parameters">Names of the parameters.</param>
    /// <param name="options">Choices of form and grouping.</param>
    /// <exception cref="KeyNotFoundException">There is no such law, or the parameters are not its own.</exception>
    public static IScalingLaw Restore(string name, IReadOnlyList<string> parameters, LawOptions? options = null)
    {
        IEnumerable<string> labels = parameters
            .Where(parameter => parameter.EndsWith(']'))
            .Select(parameter => parameter[(parameter.IndexOf('[') + 1)..^1])
            .Distinct();
        IScalingLaw law = name.ToLowerInvariant() switch
        {
            "unified" => new UnifiedLaw(labels, options ?? LawOptions.Default),
            "decoupled" => new DecoupledLaw(labels, options ?? LawOptions.Default),
            "frantar-multiplier" => new EffectiveMultiplierLaw(labels),
            "power" => new SingleVariableLaw(options ?? LawOptions.Default),
            _ => Find(name),
        };
        IEnumerable<string> own = law.Parameters.Select(parameter => parameter.Name);
        string? missing = own.Except(parameters).FirstOrDefault() ?? parameters.Except(own).FirstOrDefault();
        return missing is null
            ? law
            : throw new KeyNotFoundException(
                $"The parameters do not fit the law '{law.Name}': '{missing}' is missing or not one of its own."
            );
    }

    private static IScalingLaw Find(string name) =>
        Plain.FirstOrDefault(law => law.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new KeyNotFoundException($"There is no law '{name}'. {NearestName.Sentence(name, All.Select(law => law.Name))}");
}
