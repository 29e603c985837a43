namespace KernelGen.Scaling;

/// <summary>One representation in a plan.</summary>
/// <param name="Weights">Representation of the weights.</param>
/// <param name="Activations">Representation of the activations.</param>
/// <param name="Bytes">Memory of the weights.</param>
/// <param name="Params">Parameters N.</param>
/// <param name="EffectiveParams">Parameters of the dense model with the same loss; null if there is none.</param>
/// <param name="Forecast">Predicted loss.</param>
/// <param name="SecondsPerToken">Time of one pass over the weights, from a measured speed; null if none was given.</param>
public sealed record MemoryPlanRow(
    RepresentationPoint Weights,
    RepresentationPoint Activations,
    double Bytes,
    double Params,
    double? EffectiveParams,
    LossForecast Forecast,
    double? SecondsPerToken
);
