namespace KernelGen.Scaling;

/// <summary>Coefficients fitted to measured capacities.</summary>
/// <param name="Coefficients">L as given, F and C of least squares in ρ.</param>
/// <param name="Residuals">Fitted minus measured ρ, point by point.</param>
/// <param name="Converged">Whether the steps became negligible.</param>
public sealed record CapacityFit(CapacityCoefficients Coefficients, IReadOnlyList<double> Residuals, bool Converged)
{
    private const int MaxSteps = 500;

    /// <summary>Largest |residual|.</summary>
    public double LargestResidual => Residuals.Max(Math.Abs);

    /// <summary>√(mean of squared residuals).</summary>
    public double RmsResidual => Math.Sqrt(Residuals.Sum(r => r * r) / Residuals.Count);

    /// <summary>Fits F and C for a given L by damped Gauss–Newton steps (Levenberg–Marquardt) in ln F and ln C.</summary>
    /// <param name="points">At least two points with 0 &lt; GMSE &lt; 1 and ρ ≥ 0.</param>
    /// <param name="limit">L.</param>
    /// <exception cref="ArgumentException">Fewer points than coefficients, or one that is out of range.</exception>
    public static CapacityFit Fit(IReadOnlyList<CapacityPoint> points, double limit = 1)
    {
        if (points.Count < 2)
        {
            throw new ArgumentException($"Two coefficients need at least 2 points; there are {points.Count}.", nameof(points));
        }
        for (int i = 0; i < points.Count; i++)
        {
            if (!(points[i].Gmse > 0 && points[i].Gmse < 1 && points[i].Capacity >= 0 && double.IsFinite(points[i].Capacity)))
            {
                throw new ArgumentException(
                    FormattableString.Invariant(
                        $"Point {i}: GMSE {points[i].Gmse} must lie between 0 and 1 and capacity {points[i].Capacity} be 0 or more."
                    ),
                    nameof(points)
                );
            }
        }

        double logRate = Math.Log(0.35),
            logExponent = Math.Log(0.6),
            damping = 1e-3;
        double cost = Cost(points, limit, logRate, logExponent);
        bool converged = false;
        for (int step = 0; step < MaxSteps && !converged; step++)
        {
            (double dRate, double dExponent) = Step(points, limit, logRate, logExponent, damping);
            double tried = Cost(points, limit, logRate + dRate, logExponent + dExponent);
            converged = Math.Abs(dRate) + Math.Abs(dExponent) < 1e-12;
            if (tried <= cost)
            {
                logRate += dRate;
                logExponent += dExponent;
                cost = tried;
                damping = Math.Max(damping / 10, 1e-15);
            }
            else
            {
                damping *= 10;
            }
        }
        var coefficients = new CapacityCoefficients(limit, Math.Exp(logRate), Math.Exp(logExponent));
        return new(coefficients, [.. points.Select(p => coefficients.Capacity(p.Gmse) - p.Capacity)], converged);
    }

    private static double Cost(IReadOnlyList<CapacityPoint> points, double limit, double logRate, double logExponent)
    {
        var coefficients = new CapacityCoefficients(limit, Math.Exp(logRate), Math.Exp(logExponent));
        return points.Sum(p => Math.Pow(coefficients.Capacity(p.Gmse) - p.Capacity, 2));
    }

    /// <summary>Solves (JᵀJ + λ·diag)·d = −Jᵀr for the two parameters.</summary>
    private static (double, double) Step(
        IReadOnlyList<CapacityPoint> points,
        double limit,
        double logRate,
        double logExponent,
        double damping
    )
    {
        double rate = Math.Exp(logRate),
            exponent = Math.Exp(logExponent),
            a = 0,
            b = 0,
            c = 0,
            p = 0,
            q = 0;
        foreach (CapacityPoint point in points)
        {
            double argument = -0.5 * rate * Math.Log2(point.Gmse),
                tanh = Math.Tanh(argument);
            double value = limit * Math.Pow(tanh, exponent);
            double byRate = value * exponent * (1 - tanh * tanh) / tanh * argument; // ∂ρ/∂ln F
            double byExponent = value * exponent * Math.Log(tanh); // ∂ρ/∂ln C
            double residual = value - point.Capacity;
            a += byRate * byRate;
            b += byRate * byExponent;
            c += byExponent * byExponent;
            p -= byRate * residual;
            q -= byExponent * residual;
        }
        a *= 1 + damping;
        c *= 1 + damping;
        double determinant = a * c - b * b;
        return determinant == 0 ? (0, 0) : ((c * p - b * q) / determinant, (a * q - b * p) / determinant);
    }
}
