namespace KernelGen.Scaling;

/// <summary>One candidate of a plan, sized.</summary>
/// <param name="Forecast">Its input and predicted loss.</param>
/// <param name="TotalParams">Parameters that are stored.</param>
/// <param name="ActiveParams">Parameters that work for each token.</param>
/// <param name="WeightBytes">Bytes of the weights.</param>
/// <param name="KvBytes">Bytes of the KV cache.</param>
/// <param name="ActivationBytes">Bytes of live activations.</param>
/// <param name="EffectiveParams">Parameters of the dense model with the same loss; null if there is none.</param>
/// <param name="TrainingFlop">6·active·D.</param>
/// <param name="InferenceFlop">2·active·tokens.</param>
/// <param name="ParamsLow">Lower end of the interval of N where N was chosen; N elsewhere.</param>
/// <param name="ParamsHigh">Upper end.</param>
/// <param name="SecondsPerToken">Time per generated token, from bytes and bandwidth or a measured speed; null if neither is known.</param>
/// <param name="Borrowed">Curves that the law does not have and where they come from; empty if there are none.</param>
public sealed record PlanRow(
    LossForecast Forecast,
    double TotalParams,
    double ActiveParams,
    double WeightBytes,
    double KvBytes,
    double ActivationBytes,
    double? EffectiveParams,
    double TrainingFlop,
    double InferenceFlop,
    double ParamsLow,
    double ParamsHigh,
    double? SecondsPerToken,
    string Borrowed
)
{
    /// <summary>What was predicted.</summary>
    public LawInput Input => Forecast.Input;

    /// <summary>All memory.</summary>
    public double Bytes => WeightBytes + KvBytes + ActivationBytes;
}
