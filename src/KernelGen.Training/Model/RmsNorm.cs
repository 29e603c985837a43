using System.Numerics.Tensors;

namespace KernelGen.Training;

/// <summary>y = x / √(mean x² + ε) · weight, for each row (Zhang and Sennrich 2019).</summary>
internal static class RmsNorm
{
    /// <summary>ε, as in Llama.</summary>
    public const float Epsilon = 1e-5f;

    /// <summary>Normalises rows.</summary>
    /// <param name="x"><c>rows × width</c> values.</param>
    /// <param name="weight"><c>width</c> values.</param>
    /// <param name="y">Receives <c>rows × width</c> values.</param>
    /// <param name="inverse">Receives 1 / √(mean x² + ε) of each row.</param>
    public static void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, Span<float> y, Span<float> inverse)
    {
        int width = weight.Length;
        for (int row = 0; row < inverse.Length; row++)
        {
            ReadOnlySpan<float> source = x.Slice(row * width, width);
            Span<float> target = y.Slice(row * width, width);
            inverse[row] = 1 / MathF.Sqrt(TensorPrimitives.SumOfSquares(source) / width + Epsilon);
            TensorPrimitives.Multiply(source, inverse[row], target);
            TensorPrimitives.Multiply(target, weight, target);
        }
    }

    /// <summary>Adds the gradients of the inputs.</summary>
    /// <param name="x">What went in.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="inverse">What <see cref="Forward"/> gave.</param>
    /// <param name="dy">Gradient of the result; overwritten.</param>
    /// <param name="dx">Gradient of <paramref name="x"/>, added to.</param>
    /// <param name="dWeight">Gradient of <paramref name="weight"/>, added to.</param>
    public static void Backward(
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> weight,
        ReadOnlySpan<float> inverse,
        Span<float> dy,
        Span<float> dx,
        Span<float> dWeight
    )
    {
        int width = weight.Length;
        for (int row = 0; row < inverse.Length; row++)
        {
            ReadOnlySpan<float> source = x.Slice(row * width, width);
            Span<float> gradient = dy.Slice(row * width, width),
                target = dx.Slice(row * width, width);
            float scale = inverse[row];
            ElementLoops.AddProduct(scale, gradient, source, dWeight);
            TensorPrimitives.Multiply(gradient, weight, gradient);
            float along = TensorPrimitives.Dot(gradient, source);
            // d(x·s)/dx: s on the diagonal, and s falls by s³·x/width as x grows.
            TensorPrimitives.MultiplyAdd(gradient, scale, target, target);
            TensorPrimitives.MultiplyAdd(source, -scale * scale * scale * along / width, target, target);
        }
    }
}
