namespace KernelGen.Scaling;

/// <summary>The best use of a compute budget.</summary>
/// <param name="Flop">The budget C = 6·N·D, FLOP.</param>
/// <param name="Params">Best number of parameters N*.</param>
/// <param name="ParamsLow">Lower end of its interval over the bootstrap.</param>
/// <param name="ParamsHigh">Upper end.</param>
/// <param name="Tokens">Best number of tokens D*.</param>
/// <param name="Forecast">The loss there.</param>
public sealed record ComputeOptimum(double Flop, double Params, double ParamsLow, double ParamsHigh, double Tokens, LossForecast Forecast);
