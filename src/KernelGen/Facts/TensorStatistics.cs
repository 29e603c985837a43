using KernelGen.Kernels.Elements;

namespace KernelGen;

/// <summary>What a tensor-wide scale is chosen from. Statistics of disjoint parts can be added.</summary>
/// <param name="AbsMax">max|x|; 0 for no values.</param>
/// <param name="SumOfSquares">Σx².</param>
/// <param name="Count">Number of values.</param>
public readonly record struct TensorStatistics(float AbsMax, double SumOfSquares, long Count)
{
    /// <summary>Values summed in float before they are added in double: bounds the rounding of a long sum.</summary>
    private const int Run = 1024;

    /// <summary>√(Σx² / Count); 0 for no values.</summary>
    public double Rms => Count > 0 ? Math.Sqrt(SumOfSquares / Count) : 0;

    /// <summary>Statistics of the union of two disjoint parts.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static TensorStatistics operator +(TensorStatistics a, TensorStatistics b) =>
        new(Math.Max(a.AbsMax, b.AbsMax), a.SumOfSquares + b.SumOfSquares, a.Count + b.Count);

    /// <summary>Measures values; the result is the same on every machine and vector width.</summary>
    /// <param name="values">Values; NaN and infinity make <see cref="AbsMax"/> NaN or infinite.</param>
    public static TensorStatistics Measure(ReadOnlySpan<float> values)
    {
        uint magnitude = 0;
        double squares = 0;
        for (int start = 0; start < values.Length; start += Run)
        {
            ReadOnlySpan<float> run = values.Slice(start, Math.Min(Run, values.Length - start));
            magnitude = Math.Max(magnitude, GroupMath.MagnitudeBits(run));
            squares += GroupMath.SumOfSquares(run);
        }
        return new(BitConverter.UInt32BitsToSingle(magnitude), squares, values.Length);
    }
}
