using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelGen.Scaling;

/// <summary>
/// Σ(x − y)² and Σx², summed in double over 16 interleaved lanes that are joined in a fixed order: the same result on every
/// vector width. For round trips that write their result.
/// </summary>
internal static class SquaredError
{
    private const int Lanes = 16;

    public static ErrorSums Of(ReadOnlySpan<float> values, ReadOnlySpan<float> result)
    {
        result = result[..values.Length];
        ref float x = ref MemoryMarshal.GetReference(values);
        ref float y = ref MemoryMarshal.GetReference(result);
        Vector512<double> errorLow = default,
            errorHigh = default,
            squareLow = default,
            squareHigh = default;
        int i = 0;
        for (; i <= values.Length - Lanes; i += Lanes)
        {
            Vector512<float> a = Vector512.LoadUnsafe(ref x, (nuint)i),
                b = Vector512.LoadUnsafe(ref y, (nuint)i);
            Vector512<double> aLow = Vector512.WidenLower(a),
                aHigh = Vector512.WidenUpper(a);
            Vector512<double> low = aLow - Vector512.WidenLower(b),
                high = aHigh - Vector512.WidenUpper(b);
            errorLow += low * low;
            errorHigh += high * high;
            squareLow += aLow * aLow;
            squareHigh += aHigh * aHigh;
        }
        double error = Sum(errorLow + errorHigh),
            square = Sum(squareLow + squareHigh);
        for (; i < values.Length; i++)
        {
            double value = values[i],
                difference = value - result[i];
            error += difference * difference;
            square += value * value;
        }
        return new(error, square, values.Length);
    }

    /// <summary>Sums eight lanes from the first to the last.</summary>
    private static double Sum(Vector512<double> lanes)
    {
        double sum = 0;
        for (int i = 0; i < Vector512<double>.Count; i++)
        {
            sum += lanes.GetElement(i);
        }
        return sum;
    }
}
