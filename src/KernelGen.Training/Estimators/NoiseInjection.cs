using System.Buffers;
using System.Numerics.Tensors;
using KernelGen.Scaling;

namespace KernelGen.Training;

/// <summary>
/// Gaussian noise in place of a compression: held = values + √GMSE · RMS · N(0, 1), with the RMS of the matrix of weights or
/// of the token, and new noise in every step. The gradient passes as it is.
/// </summary>
/// <param name="gmse">Mean square of the noise over that of the values.</param>
/// <param name="tokens">Whether rows are tokens.</param>
internal sealed class NoiseInjection(double gmse, bool tokens) : Estimator
{
    public override void Forward(in Place place, ReadOnlyMemory<float> values, Memory<float> held)
    {
        ReadOnlySpan<float> from = values.Span;
        Span<float> to = held.Span[..from.Length];
        ValueSource.Gaussian.Fill(place.Noise, 0, to);
        int reach = tokens ? place.Columns : from.Length;
        for (int start = 0; start < from.Length; start += reach)
        {
            ReadOnlySpan<float> own = from.Slice(start, reach);
            float scale = (float)Math.Sqrt(gmse * TensorPrimitives.SumOfSquares(own) / reach);
            TensorPrimitives.MultiplyAdd(to.Slice(start, reach), scale, own, to.Slice(start, reach));
        }
    }
}
