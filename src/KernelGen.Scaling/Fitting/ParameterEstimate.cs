namespace KernelGen.Scaling;

/// <summary>A fitted parameter.</summary>
/// <param name="Name">Name.</param>
/// <param name="Value">Value.</param>
/// <param name="Low">Lower end of the interval; equal to the value if there was no bootstrap.</param>
/// <param name="High">Upper end of the interval.</param>
/// <param name="StandardDeviation">Standard deviation over the bootstrap; 0 without one.</param>
/// <param name="Status">Whether it was fitted, held, or ended on a bound.</param>
public sealed record ParameterEstimate(
    string Name,
    double Value,
    double Low,
    double High,
    double StandardDeviation,
    ParameterStatus Status
);
