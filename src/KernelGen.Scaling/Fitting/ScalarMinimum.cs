namespace KernelGen.Scaling;

/// <summary>
/// The minimum of a function of one number by golden section. MathNet's throws where the minimum is at an end of the range, as it is for a
/// fit without residuals or a budget that suits no interior size; this one goes there.
/// </summary>
internal static class ScalarMinimum
{
    private const int Steps = 120;

    /// <summary>Where a function with one minimum in a range is least.</summary>
    public static double Of(Func<double, double> cost, double low, double high)
    {
        double golden = (Math.Sqrt(5) - 1) / 2;
        for (int i = 0; i < Steps && high - low > 1e-13 * (1 + Math.Abs(low) + Math.Abs(high)); i++)
        {
            double a = high - golden * (high - low),
                b = low + golden * (high - low);
            if (cost(a) < cost(b))
            {
                high = b;
            }
            else
            {
                low = a;
            }
        }
        return 0.5 * (low + high);
    }
}
