namespace KernelGen.Scaling;

/// <summary>
/// The brick of which most laws are built: <c>c · Π exp(p_k · log_k)</c>, a product of powers whose exponents are parameters.
/// </summary>
internal static class PowerTerm
{
    /// <summary>A term whose coefficient is a parameter; adds its derivatives to the gradient.</summary>
    /// <param name="p">Parameters.</param>
    /// <param name="gradient">Gradient, or empty.</param>
    /// <param name="coefficient">Index of the coefficient.</param>
    /// <param name="factors">Index of each exponent and the logarithm of what it is the exponent of.</param>
    public static double Add(
        ReadOnlySpan<double> p,
        Span<double> gradient,
        int coefficient,
        params ReadOnlySpan<(int Exponent, double Log)> factors
    )
    {
        double power = Scaled(p[coefficient], p, gradient, factors, out double bare);
        if (!gradient.IsEmpty)
        {
            gradient[coefficient] += bare;
        }
        return power;
    }

    /// <summary>A term whose coefficient is a number; adds the derivatives by the exponents to the gradient.</summary>
    /// <param name="scale">The coefficient.</param>
    /// <param name="p">Parameters.</param>
    /// <param name="gradient">Gradient, or empty.</param>
    /// <param name="factors">Index of each exponent and the logarithm of what it is the exponent of.</param>
    /// <param name="bare">The term with coefficient 1.</param>
    public static double Scaled(
        double scale,
        ReadOnlySpan<double> p,
        Span<double> gradient,
        ReadOnlySpan<(int Exponent, double Log)> factors,
        out double bare
    )
    {
        double exponent = 0;
        foreach ((int index, double log) in factors)
        {
            exponent += p[index] * log;
        }
        bare = Math.Exp(exponent);
        double value = scale * bare;
        if (!gradient.IsEmpty)
        {
            foreach ((int index, double log) in factors)
            {
                gradient[index] += value * log;
            }
        }
        return value;
    }
}
