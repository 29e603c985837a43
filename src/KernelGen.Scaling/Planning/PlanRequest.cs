namespace KernelGen.Scaling;

/// <summary>
/// What a plan has to keep to. Exactly one of <see cref="Params"/>, <see cref="Memory"/> and <see cref="Compute"/> sizes the model; memory may
/// also cap a plan of compute.
/// </summary>
public sealed record PlanRequest
{
    /// <summary>Parameters N, the same for all candidates.</summary>
    public double? Params { get; init; }

    /// <summary>Bytes for weights, KV cache and activations together.</summary>
    public double? Memory { get; init; }

    /// <summary>FLOP of training and of all inference together.</summary>
    public double? Compute { get; init; }

    /// <summary>Training tokens D, where compute does not set them.</summary>
    public double? Tokens { get; init; }

    /// <summary>Tokens the model will process after training, 2·N FLOP each (Sardana et al. 2024, arXiv:2401.00448).</summary>
    public double InferenceTokens { get; init; }

    /// <summary>KV cache and activations.</summary>
    public ModelShape Shape { get; init; } = new();

    /// <summary>Bytes per second from memory; null for no times.</summary>
    public double? Bandwidth { get; init; }

    /// <summary>Measured weights per second of a matvec by name of the weights' format; used where there is no bandwidth.</summary>
    public IReadOnlyDictionary<string, double> Speeds { get; init; } = new Dictionary<string, double>();
}
