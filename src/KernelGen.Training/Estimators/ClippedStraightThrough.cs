using System.Numerics.Tensors;

namespace KernelGen.Training;

/// <summary>
/// Straight-through, but values beyond the largest one that is held get no gradient: moving them changes nothing. The
/// largest one is looked for in the matrix of weights, or in the token.
/// </summary>
internal sealed class ClippedStraightThrough(Holder holder, bool tokens) : Estimator
{
    public override void Forward(in Place place, ReadOnlyMemory<float> values, Memory<float> held) =>
        holder.RoundTrip(values, place.Rows, place.Columns, held);

    public override void Backward(
        in Place place,
        ReadOnlySpan<float> values,
        ReadOnlySpan<float> held,
        Span<float> gradient,
        Span<float> learned
    )
    {
        int reach = tokens ? place.Columns : values.Length;
        for (int start = 0; start < values.Length; start += reach)
        {
            float largest = Math.Abs(TensorPrimitives.MaxMagnitude(held.Slice(start, reach)));
            for (int i = start; i < start + reach; i++)
            {
                gradient[i] = Math.Abs(values[i]) <= largest ? gradient[i] : 0;
            }
        }
    }
}
