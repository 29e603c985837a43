namespace KernelGen.Scaling;

/// <summary>A predicted loss with its interval.</summary>
/// <param name="Input">What it was predicted for.</param>
/// <param name="Loss">The prediction.</param>
/// <param name="Low">Lower end of the interval over the bootstrap; equal to the prediction without one.</param>
/// <param name="High">Upper end.</param>
public sealed record LossForecast(LawInput Input, double Loss, double Low, double High);
