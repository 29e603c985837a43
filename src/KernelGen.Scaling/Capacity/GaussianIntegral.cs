using KernelGen.Kernels.Elements;
using MathNet.Numerics;

namespace KernelGen.Scaling;

/// <summary>Moments of N(0, 1) over an interval, written so that nothing cancels in either tail.</summary>
internal static class GaussianIntegral
{
    /// <summary>Φ(b) − Φ(a), from whichever tail is smaller.</summary>
    public static double Mass(double a, double b) => a > 0 ? Cdf(-a) - Cdf(-b) : Cdf(b) - Cdf(a);

    /// <summary>∫ x·φ(x) over [a, b] = φ(a) − φ(b).</summary>
    public static double FirstMoment(double a, double b) => Pdf(a) - Pdf(b);

    /// <summary>∫ (x − level)²·φ(x) over [a, b].</summary>
    public static double SquaredDistance(double a, double b, double level)
    {
        double mass = Mass(a, b);
        double second = mass + Edge(a) - Edge(b); // ∫ x²φ = Φ(b) − Φ(a) + aφ(a) − bφ(b)
        return second - 2 * level * FirstMoment(a, b) + level * level * mass;
    }

    /// <summary>Φ⁻¹(p) for 0 &lt; p &lt; 1, with relative accuracy in the lower tail.</summary>
    public static double Quantile(double p) => -Math.Sqrt(2) * SpecialFunctions.ErfcInv(2 * p);

    public static double Pdf(double x) => double.IsInfinity(x) ? 0 : GaussianGrid.Pdf(x);

    private static double Edge(double x) => double.IsInfinity(x) ? 0 : x * GaussianGrid.Pdf(x);

    private static double Cdf(double x) =>
        double.IsNegativeInfinity(x) ? 0
        : double.IsPositiveInfinity(x) ? 1
        : GaussianGrid.Cdf(x);
}
