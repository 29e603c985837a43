namespace KernelGen.Training;

/// <summary>What a run came to.</summary>
/// <param name="Parameters">N, see <see cref="TrainingSpec.Parameters"/>.</param>
/// <param name="Tokens">Tokens trained on, in whole steps.</param>
/// <param name="Loss">Held-out loss in nats per token, through the same compression as in training.</param>
/// <param name="LossError">Standard error of <paramref name="Loss"/> over held-out sequences.</param>
/// <param name="Entropy">Entropy of the data in nats per token, the loss that no model can beat; null where it is not known.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="Curve">Training loss on the way.</param>
public sealed record TrainingOutcome(
    long Parameters,
    long Tokens,
    double Loss,
    double LossError,
    double? Entropy,
    double Seconds,
    IReadOnlyList<LossPoint> Curve
);

/// <summary>A point of the training curve.</summary>
/// <param name="Tokens">Tokens seen.</param>
/// <param name="Loss">Mean training loss since the point before, in nats per token.</param>
public readonly record struct LossPoint(long Tokens, double Loss);

/// <summary>How far a run is.</summary>
/// <param name="Tokens">Tokens seen.</param>
/// <param name="TotalTokens">Tokens to see.</param>
/// <param name="Loss">Training loss of the last steps, in nats per token.</param>
/// <param name="TokensPerSecond">Since the beginning.</param>
public readonly record struct TrainingProgress(long Tokens, long TotalTokens, double Loss, double TokensPerSecond);
