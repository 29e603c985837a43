using System.Globalization;

namespace KernelGen.Training;

/// <summary>The loss, or the gradient, of a step is no finite number: nothing can be learned from there on.</summary>
/// <param name="step">Number of the step, from 0.</param>
/// <param name="tokens">Tokens seen before it.</param>
/// <param name="rate">The largest learning rate of the run.</param>
public sealed class TrainingDivergedException(long step, long tokens, double rate)
    : Exception(
        string.Create(
            CultureInfo.InvariantCulture,
            $"The run diverged: the loss or its gradient is not finite in step {step}, after {tokens} tokens, at a learning rate of "
                + $"{rate}. A smaller one may help."
        )
    )
{
    /// <summary>Number of the step, from 0.</summary>
    public long Step => step;
}
