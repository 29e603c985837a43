using System.Numerics.Tensors;

namespace KernelGen.Training;

/// <summary>−ln of the probability that a softmax of logits gives to the right token.</summary>
internal static class CrossEntropy
{
    /// <summary>Computes losses, and turns logits into softmax probabilities.</summary>
    /// <param name="logits"><c>tokens × vocabulary</c> values; overwritten.</param>
    /// <param name="targets">The right tokens.</param>
    /// <param name="losses">Receives the loss of each token in nats.</param>
    public static void Forward(Span<float> logits, ReadOnlySpan<int> targets, Span<double> losses)
    {
        int vocabulary = logits.Length / targets.Length;
        for (int row = 0; row < targets.Length; row++)
        {
            Span<float> values = logits.Slice(row * vocabulary, vocabulary);
            float target = values[targets[row]],
                largest = TensorPrimitives.Max<float>(values);
            TensorPrimitives.Subtract(values, largest, values);
            TensorPrimitives.Exp(values, values);
            float sum = TensorPrimitives.Sum<float>(values);
            losses[row] = Math.Log(sum) + ((double)largest - target);
            TensorPrimitives.Multiply(values, 1 / sum, values);
        }
    }

    /// <summary>Turns probabilities into gradients of the logits.</summary>
    /// <param name="probabilities">What <see cref="Forward"/> left; overwritten.</param>
    /// <param name="targets">The right tokens.</param>
    /// <param name="scale">Gradient of each token's loss.</param>
    public static void Backward(Span<float> probabilities, ReadOnlySpan<int> targets, float scale)
    {
        int vocabulary = probabilities.Length / targets.Length;
        TensorPrimitives.Multiply(probabilities, scale, probabilities);
        for (int row = 0; row < targets.Length; row++)
        {
            probabilities[row * vocabulary + targets[row]] -= scale;
        }
    }
}
