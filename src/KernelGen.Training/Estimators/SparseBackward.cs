using System.Buffers;
using System.Numerics.Tensors;
using MathNet.Numerics.Distributions;

namespace KernelGen.Training;

/// <summary>Which gradients a sparse layer lets through.</summary>
internal enum BackwardMask
{
    /// <summary>Those of kept values.</summary>
    Forward,

    /// <summary>|x| &gt; T_p: where the RMS says that a value is large, whether it was kept or not.</summary>
    Rms,

    /// <summary>|x| &lt; min(T_p, T_k) or |x| &gt; max(T_p, T_k): all but the band in which the RMS and the mask disagree.</summary>
    BandedRms,

    /// <summary>|x| &lt; T_a or |x| &gt; T_k.</summary>
    ScaledBand,
}

/// <summary>
/// Top-K by magnitude, chosen again in every step, with a mask of its own on the way back. T_k is the smallest kept magnitude;
/// T_p = RMS·Φ⁻¹(½ + p); T_a = RMS·Φ⁻¹(½ + (1 − a)·(Φ(T_k / RMS) − ½)), which goes from T_k at a = 0 to 0 at a = 1.
/// </summary>
/// <remarks>
/// A value is kept exactly if |x| ≥ T_k, so the banded mask passes where "kept" and "|x| &gt; T_p" agree. Said like this it
/// works for patterns too, which have no T_k: there T_a takes the T_k that Gaussian values of this density have.
/// </remarks>
/// <param name="holder">The mask, and the format behind it.</param>
/// <param name="mask">Which gradients pass.</param>
/// <param name="number">p or a.</param>
internal sealed class SparseBackward(Holder holder, BackwardMask mask, double number) : Estimator
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
        bool[] kept = ArrayPool<bool>.Shared.Rent(values.Length);
        holder.Keep(values, place.Rows, place.Columns, kept);
        int reach = holder.Tokens ? place.Columns : values.Length;
        for (int start = 0; start < values.Length; start += reach)
        {
            Range range = start..(start + reach);
            Pass(values[range], kept.AsSpan(range), gradient[range]);
        }
        ArrayPool<bool>.Shared.Return(kept);
    }

    private void Pass(ReadOnlySpan<float> values, ReadOnlySpan<bool> kept, Span<float> gradient)
    {
        float threshold = Threshold(values, kept);
        for (int i = 0; i < values.Length; i++)
        {
            float magnitude = Math.Abs(values[i]);
            bool passes = mask switch
            {
                BackwardMask.Forward => kept[i],
                BackwardMask.Rms => magnitude > threshold,
                BackwardMask.BandedRms => kept[i] == magnitude > threshold,
                _ => kept[i] || magnitude < threshold,
            };
            gradient[i] = passes ? gradient[i] : 0;
        }
    }

    /// <summary>T_p or T_a of a matrix of weights, or of a token.</summary>
    private float Threshold(ReadOnlySpan<float> values, ReadOnlySpan<bool> kept)
    {
        if (mask == BackwardMask.Forward)
        {
            return 0;
        }
        double rms = Math.Sqrt(TensorPrimitives.SumOfSquares(values) / (double)values.Length),
            share = number;
        if (mask == BackwardMask.ScaledBand)
        {
            share = (1 - number) * InnerShare(values, kept, rms);
        }
        return (float)(rms * Normal.InvCDF(0, 1, 0.5 + share));
    }

    /// <summary>Φ(T_k / RMS) − ½.</summary>
    private double InnerShare(ReadOnlySpan<float> values, ReadOnlySpan<bool> kept, double rms)
    {
        if (holder.Representation.Mask is not Scaling.UnstructuredSparsity)
        {
            return 0.5 * (1 - holder.Representation.Mask!.Density);
        }
        float smallest = float.PositiveInfinity;
        for (int i = 0; i < values.Length; i++)
        {
            smallest = kept[i] ? Math.Min(smallest, Math.Abs(values[i])) : smallest;
        }
        return rms > 0 ? Math.Min(Normal.CDF(0, 1, smallest / rms) - 0.5, 0.5 - 1e-12) : 0;
    }
}
