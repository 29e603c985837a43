using System;
using System.Collections.Generic;
using System.ComponentModel;

// Compiled into the generator as well, which needs the optimal scale of a grid at build time.
#if KERNELGEN_GENERATOR
namespace KernelGen.Generators.Plan;

#else
namespace KernelGen.Kernels.Elements;

#endif

/// <summary>
/// Exact mean squared error of a scalar grid over a unit Gaussian, and the scale that minimises it. Integrated cell by
/// cell: a cell [a, b] around level v contributes v²·(Φ(b) − Φ(a)) − 2v·(φ(a) − φ(b)) to E(x − Q(x))² − 1.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class GaussianGrid
{
    /// <summary>E(x − Q(x))² for x ~ N(0, 1) and nearest-level rounding to the levels times a scale.</summary>
    /// <param name="levels">Distinct finite levels in ascending order.</param>
    /// <param name="scale">Positive scale.</param>
    public static double MeanSquaredError(IReadOnlyList<double> levels, double scale)
    {
        // A grid that mirrors itself around zero is integrated over its upper half, which is twice as fast.
        int first = IsSymmetric(levels) ? levels.Count / 2 : 0;
        bool half = first > 0;
        double error = half ? 0.5 : 1,
            cdfBelow = half ? 0.5 : 0,
            pdfBelow = half ? Pdf(0) : 0;
        for (int i = first; i < levels.Count; i++)
        {
            double level = levels[i] * scale,
                cdfAbove = 1,
                pdfAbove = 0;
            if (i + 1 < levels.Count)
            {
                double boundary = 0.5 * (levels[i] + levels[i + 1]) * scale;
                cdfAbove = Cdf(boundary);
                pdfAbove = Pdf(boundary);
            }
            error += level * level * (cdfAbove - cdfBelow) - 2 * level * (pdfBelow - pdfAbove);
            cdfBelow = cdfAbove;
            pdfBelow = pdfAbove;
        }
        return half ? 2 * error : error;
    }

    private static bool IsSymmetric(IReadOnlyList<double> levels)
    {
        for (int i = 0; 2 * i < levels.Count; i++)
        {
            if (levels[i] != -levels[levels.Count - 1 - i])
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>
    /// The scale of least error. Grids of floats have a local minimum in every octave, so the whole range of plausible
    /// scales is sampled before the best valleys are searched.
    /// </summary>
    /// <param name="levels">Distinct finite levels in ascending order, at least two of them or one that is not zero.</param>
    public static double OptimalScale(IReadOnlyList<double> levels)
    {
        const int samples = 44;
        double top = Math.Max(Math.Abs(levels[0]), Math.Abs(levels[levels.Count - 1]));
        double first = Math.Log(0.5 / top),
            step = Math.Log(64.0) / (samples - 1);
        var errors = new double[samples];
        for (int i = 0; i < samples; i++)
        {
            errors[i] = MeanSquaredError(levels, Math.Exp(first + i * step));
        }

        double lowest = double.MaxValue;
        foreach (double error in errors)
        {
            lowest = Math.Min(lowest, error);
        }

        double best = 0,
            bestError = double.MaxValue;
        for (int i = 0; i < samples; i++)
        {
            bool valley = (i == 0 || errors[i] <= errors[i - 1]) && (i == samples - 1 || errors[i] <= errors[i + 1]);
            if (!valley || errors[i] > 1.05 * lowest)
            {
                continue;
            }
            double centre = first + i * step;
            double scale = Math.Exp(GoldenSection(x => MeanSquaredError(levels, Math.Exp(x)), centre - step, centre + step));
            double found = MeanSquaredError(levels, scale);
            if (found < bestError)
            {
                best = scale;
                bestError = found;
            }
        }
        return best;
    }

    /// <summary>Φ(x).</summary>
    /// <param name="x">A number.</param>
    public static double Cdf(double x) => x < 0 ? UpperTail(-x) : 1 - UpperTail(x);

    /// <summary>φ(x).</summary>
    /// <param name="x">A number.</param>
    public static double Pdf(double x) => Math.Exp(-0.5 * x * x) * 0.3989422804014327;

    /// <summary>1 − Φ(x) for x ≥ 0: a power series near zero, a continued fraction in the tail.</summary>
    private static double UpperTail(double x)
    {
        if (x > 38)
        {
            return 0;
        }
        if (x < 2.5)
        {
            // Φ(x) − ½ = φ(x) · (x + x³/3 + x⁵/(3·5) + …)
            double term = x,
                sum = x;
            for (int n = 3; term > 1e-17 * sum; n += 2)
            {
                term *= x * x / n;
                sum += term;
            }
            return 0.5 - Pdf(x) * sum;
        }
        // φ(x) / (x + 1/(x + 2/(x + 3/(x + …)))), evaluated from far enough inside
        double fraction = x;
        for (int n = 12 + (int)(200 / (x * x)); n >= 1; n--)
        {
            fraction = x + n / fraction;
        }
        return Pdf(x) / fraction;
    }

    private static double GoldenSection(Func<double, double> f, double low, double high)
    {
        const double ratio = 0.6180339887498949;
        double a = high - ratio * (high - low),
            b = low + ratio * (high - low);
        double fa = f(a),
            fb = f(b);
        while (high - low > 1e-6) // the error is quadratic in this distance
        {
            if (fa < fb)
            {
                high = b;
                b = a;
                fb = fa;
                a = high - ratio * (high - low);
                fa = f(a);
            }
            else
            {
                low = a;
                a = b;
                fa = fb;
                b = low + ratio * (high - low);
                fb = f(b);
            }
        }
        return 0.5 * (low + high);
    }
}
