namespace KernelGen.Kernels.Elements;

/// <summary>What is known of a group before any levels are chosen.</summary>
/// <param name="Min">Smallest value of a weight above 0; 0 if there is none.</param>
/// <param name="Max">Largest.</param>
/// <param name="Weight">Σ w.</param>
/// <param name="Sum">Σ w·x.</param>
internal readonly record struct GroupStatistics(float Min, float Max, double Weight, double Sum)
{
    public static GroupStatistics Of(ReadOnlySpan<float> x, ReadOnlySpan<float> w)
    {
        float min = float.PositiveInfinity,
            max = float.NegativeInfinity;
        double weight = 0,
            sum = 0;
        for (int i = 0; i < x.Length; i++)
        {
            if (w[i] > 0)
            {
                min = x[i] < min ? x[i] : min;
                max = x[i] > max ? x[i] : max;
                weight += w[i];
                sum += (double)w[i] * x[i];
            }
        }
        return min <= max ? new(min, max, weight, sum) : default;
    }
}
