using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Products;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// The scale of a block that is coded as a whole, for generated encoders. Every result is the same on every vector width:
/// sums run in eight interleaved lanes of double precision, which hold the square of any float32.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class BlockScale
{
    /// <summary>The root mean square of a block's values.</summary>
    /// <param name="format">Name of the format, for messages.</param>
    /// <param name="values">The values, one or more.</param>
    /// <param name="row">Their row, for messages.</param>
    /// <param name="column">Their first column, for messages.</param>
    /// <exception cref="NonFiniteWeightException">A value is NaN or infinite.</exception>
    public static double RootMeanSquare(string format, ReadOnlySpan<float> values, int row, int column)
    {
        RequireFinite(format, values, row, column);
        return Math.Sqrt(GroupMath.SumOfSquares(values) / values.Length);
    }

    /// <summary>The largest magnitude of a block's values.</summary>
    /// <param name="format">Name of the format, for messages.</param>
    /// <param name="values">The values, one or more.</param>
    /// <param name="row">Their row, for messages.</param>
    /// <param name="column">Their first column, for messages.</param>
    /// <exception cref="NonFiniteWeightException">A value is NaN or infinite.</exception>
    public static float AbsMax(string format, ReadOnlySpan<float> values, int row, int column) =>
        BitConverter.UInt32BitsToSingle(RequireFinite(format, values, row, column));

    /// <summary>
    /// The mean magnitude, the best scale for signs: summed one after the other in float32, as ggml does, and in double
    /// precision where that overflows.
    /// </summary>
    /// <param name="format">Name of the format, for messages.</param>
    /// <param name="values">The values, one or more.</param>
    /// <param name="row">Their row, for messages.</param>
    /// <param name="column">Their first column, for messages.</param>
    /// <param name="importance">Weights of the values, or none; with them a weighted mean in double precision.</param>
    /// <exception cref="NonFiniteWeightException">A value is NaN or infinite.</exception>
    public static double MeanMagnitude(
        string format,
        ReadOnlySpan<float> values,
        int row,
        int column,
        ReadOnlySpan<float> importance = default
    )
    {
        RequireFinite(format, values, row, column);
        if (!importance.IsEmpty)
        {
            double total = 0,
                weight = 0;
            for (int i = 0; i < values.Length; i++)
            {
                total += (double)importance[i] * MathF.Abs(values[i]);
                weight += importance[i];
            }
            return total / weight;
        }
        float sum = 0f;
        double exact = 0;
        foreach (float value in values)
        {
            sum += MathF.Abs(value);
            exact += MathF.Abs(value);
        }
        return float.IsFinite(sum) ? sum / values.Length : exact / values.Length;
    }

    /// <summary>Values that are sorted on the stack.</summary>
    private const int MostOnStack = 16384;

    /// <summary>
    /// The best scale for the levels −1, 0 and 1: of every number k of kept values, which are then the largest, the mean
    /// magnitude of those with the least error. Exact.
    /// </summary>
    /// <param name="format">Name of the format, for messages.</param>
    /// <param name="values">The values, 1 to 16384.</param>
    /// <param name="row">Their row, for messages.</param>
    /// <param name="column">Their first column, for messages.</param>
    /// <param name="importance">Weights of the values, or none.</param>
    /// <exception cref="NonFiniteWeightException">A value is NaN or infinite.</exception>
    public static double BestTernary(
        string format,
        ReadOnlySpan<float> values,
        int row,
        int column,
        ReadOnlySpan<float> importance = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values.Length, MostOnStack, nameof(values));
        RequireFinite(format, values, row, column);
        if (!importance.IsEmpty)
        {
            return BestTernary(values, importance);
        }
        Span<float> magnitudes = stackalloc float[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            magnitudes[i] = MathF.Abs(values[i]);
        }
        magnitudes.Sort();
        double sum = 0,
            best = 0,
            scale = 0;
        for (int kept = 1; kept <= magnitudes.Length; kept++)
        {
            // Keeping k values of sum S at the scale S / k takes S² / k off the squared error.
            sum += magnitudes[^kept];
            double gain = sum * sum / kept;
            if (gain > best)
            {
                best = gain;
                scale = sum / kept;
            }
        }
        return scale;
    }

    /// <summary>The same under weights: keeping values of weighted sum S and weight W takes S² / W off the squared error.</summary>
    private static double BestTernary(ReadOnlySpan<float> values, ReadOnlySpan<float> importance)
    {
        Span<float> magnitudes = stackalloc float[values.Length];
        Span<float> weights = stackalloc float[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            (magnitudes[i], weights[i]) = (MathF.Abs(values[i]), importance[i]);
        }
        magnitudes.Sort(weights);
        double sum = 0,
            weight = 0,
            best = 0,
            scale = 0;
        for (int kept = 1; kept <= magnitudes.Length; kept++)
        {
            sum += (double)weights[^kept] * magnitudes[^kept];
            weight += weights[^kept];
            double gain = weight > 0 ? sum * sum / weight : 0;
            if (gain > best)
            {
                best = gain;
                scale = sum / weight;
            }
        }
        return scale;
    }

    /// <summary>Room that <see cref="Candidates"/> needs.</summary>
    public const int MaxCandidates = 24;

    /// <summary>
    /// The scales that a search tries: some multiples of the one that is best for a Gaussian, and where the largest value
    /// is far beyond a Gaussian's, ever larger ones, so that outliers, which make up most of the error then, are within reach.
    /// </summary>
    /// <param name="values">The values.</param>
    /// <param name="gaussian">The scale that is best for a Gaussian of their RMS.</param>
    /// <param name="multiples">Multiples of it, at most 8.</param>
    /// <param name="candidates">Receives the scales; <see cref="MaxCandidates"/> of room.</param>
    /// <returns>The scales found.</returns>
    public static ReadOnlySpan<double> Candidates(
        ReadOnlySpan<float> values,
        double gaussian,
        ReadOnlySpan<float> multiples,
        Span<double> candidates
    )
    {
        // A group of 4096 has max ≤ 64 · RMS: at a third of the reach and factors of 1.5 that is eight more at most.
        const double reach = 3,
            factor = 1.5;
        int count = 0;
        foreach (float multiple in multiples)
        {
            candidates[count++] = gaussian * multiple;
        }
        double largest = BitConverter.UInt32BitsToSingle(GroupMath.MagnitudeBits(values));
        for (double scale = gaussian * factor; scale > 0 && scale * reach < largest && count < MaxCandidates; scale *= factor)
        {
            candidates[count++] = scale;
        }
        return candidates[..count];
    }

    /// <summary>A scale as its type stores it; saturates at the type's largest value.</summary>
    /// <param name="type">The type.</param>
    /// <param name="scale">The scale, 0 or more.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Stored(ScaleType type, double scale) => ScaleCodec.Rounded(type, (float)Math.Min(scale, ScaleCodec.Largest(type)));

    /// <summary>Values in units of the scale; zeros where the scale is zero and after the last value.</summary>
    /// <param name="values">The values.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="units">Receives the quotients; at least as long.</param>
    public static void Divide(ReadOnlySpan<float> values, float scale, Span<float> units)
    {
        float inverse = ScaleCodec.Reciprocal(scale);
        for (int i = 0; i < values.Length; i++)
        {
            units[i] = values[i] * inverse;
        }
        units[values.Length..].Clear();
    }

    /// <summary>The factor of decoded values that brings them nearest to the values, Σx·y / Σy²; 0 if that is not above 0.</summary>
    /// <param name="values">The values x.</param>
    /// <param name="units">Decoded values y at the scale 1; at least as long, the rest does not count.</param>
    public static double LeastSquares(ReadOnlySpan<float> values, ReadOnlySpan<float> units)
    {
        ref float x = ref MemoryMarshal.GetReference(values),
            y = ref MemoryMarshal.GetReference(units[..values.Length]);
        Vector512<double> correlations = default,
            energies = default;
        int i = 0;
        for (; i <= values.Length - 8; i += 8)
        {
            Vector512<double> a = Eight(ref x, i),
                b = Eight(ref y, i);
            correlations += a * b;
            energies += b * b;
        }
        double correlation = Total(correlations),
            energy = Total(energies);
        for (; i < values.Length; i++)
        {
            correlation += (double)values[i] * units[i];
            energy += (double)units[i] * units[i];
        }
        return correlation > 0 ? correlation / energy : 0;
    }

    /// <summary>The weighted form, Σw·x·y / Σw·y²; 0 if that is not above 0.</summary>
    /// <param name="values">The values x.</param>
    /// <param name="units">Decoded values y at the scale 1; at least as long, the rest does not count.</param>
    /// <param name="importance">Weights w, or none.</param>
    public static double LeastSquares(ReadOnlySpan<float> values, ReadOnlySpan<float> units, ReadOnlySpan<float> importance)
    {
        if (importance.IsEmpty)
        {
            return LeastSquares(values, units);
        }
        double correlation = 0,
            energy = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double weighted = (double)importance[i] * units[i];
            correlation += weighted * values[i];
            energy += weighted * units[i];
        }
        return correlation > 0 ? correlation / energy : 0;
    }

    /// <summary>Σw·(x − scale·y)².</summary>
    /// <param name="values">The values x.</param>
    /// <param name="units">Decoded values y at the scale 1; at least as long, the rest does not count.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="importance">Weights w, or none.</param>
    public static double SquaredError(ReadOnlySpan<float> values, ReadOnlySpan<float> units, float scale, ReadOnlySpan<float> importance)
    {
        if (importance.IsEmpty)
        {
            return SquaredError(values, units, scale);
        }
        double sum = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double difference = values[i] - (double)scale * units[i];
            sum += importance[i] * difference * difference;
        }
        return sum;
    }

    /// <summary>Σ(x − scale·y)².</summary>
    /// <param name="values">The values x.</param>
    /// <param name="units">Decoded values y at the scale 1; at least as long, the rest does not count.</param>
    /// <param name="scale">The scale.</param>
    public static double SquaredError(ReadOnlySpan<float> values, ReadOnlySpan<float> units, float scale)
    {
        ref float x = ref MemoryMarshal.GetReference(values),
            y = ref MemoryMarshal.GetReference(units[..values.Length]);
        Vector512<double> sums = default,
            factor = Vector512.Create((double)scale);
        int i = 0;
        for (; i <= values.Length - 8; i += 8)
        {
            Vector512<double> difference = Eight(ref x, i) - factor * Eight(ref y, i);
            sums += difference * difference;
        }
        double sum = Total(sums);
        for (; i < values.Length; i++)
        {
            double difference = values[i] - (double)scale * units[i];
            sum += difference * difference;
        }
        return sum;
    }

    private static uint RequireFinite(string format, ReadOnlySpan<float> values, int row, int column)
    {
        uint bits = GroupMath.MagnitudeBits(values);
        if (bits >= GroupMath.NonFinite)
        {
            MatrixDriver.ThrowNonFinite(format, values, row, column);
        }
        return bits;
    }

    /// <summary>The sum of the lanes in a fixed order, which that of the framework's own sum is not on every width.</summary>
    private static double Total(Vector512<double> lanes)
    {
        Vector256<double> four = lanes.GetLower() + lanes.GetUpper();
        return (four.GetElement(0) + four.GetElement(2)) + (four.GetElement(1) + four.GetElement(3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Eight(ref float source, int at)
    {
        Vector256<float> eight = Vector256.LoadUnsafe(ref source, (nuint)at);
        return Vector512.Create(Vector256.WidenLower(eight), Vector256.WidenUpper(eight));
    }
}
