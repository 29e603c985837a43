namespace KernelGen.Scaling;

/// <summary>Σ(x − y)² and Σx², summed in double: for round trips that write their result.</summary>
internal static class SquaredError
{
    public static ErrorSums Of(ReadOnlySpan<float> values, ReadOnlySpan<float> result)
    {
        // Four partial sums in a fixed order: independent additions, the same result everywhere.
        double e0 = 0, e1 = 0, e2 = 0, e3 = 0, v0 = 0, v1 = 0, v2 = 0, v3 = 0;
        int i = 0;
        for (; i <= values.Length - 4; i += 4)
        {
            double x0 = values[i], x1 = values[i + 1], x2 = values[i + 2], x3 = values[i + 3];
            double d0 = x0 - result[i], d1 = x1 - result[i + 1], d2 = x2 - result[i + 2], d3 = x3 - result[i + 3];
            e0 += d0 * d0;
            e1 += d1 * d1;
            e2 += d2 * d2;
            e3 += d3 * d3;
            v0 += x0 * x0;
            v1 += x1 * x1;
            v2 += x2 * x2;
            v3 += x3 * x3;
        }
        for (; i < values.Length; i++)
        {
            double x = values[i], d = x - result[i];
            e0 += d * d;
            v0 += x * x;
        }
        return new(e0 + e1 + (e2 + e3), v0 + v1 + (v2 + v3), values.Length);
    }
}
