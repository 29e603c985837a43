using MathNet.Numerics;

namespace KernelGen.Scaling;

/// <summary>Huber's loss, and the likelihood whose maximum it finds.</summary>
public static class HuberLoss
{
    /// <summary><c>½·r²</c> up to <c>δ</c>, <c>δ·(|r| − δ/2)</c> beyond.</summary>
    /// <param name="residual">The residual r.</param>
    /// <param name="delta">Where the square turns into a line, δ &gt; 0.</param>
    public static double Value(double residual, double delta)
    {
        double size = Math.Abs(residual);
        return size <= delta ? 0.5 * size * size : delta * (size - 0.5 * delta);
    }

    /// <summary>
    /// Least negative log likelihood of runs under the density <c>exp(−huber(r)/s)/Z(s)</c>, over its scale s: the objective of a fit
    /// made comparable between laws. <c>Z(s) = √(2πs)·erf(δ/√(2s)) + 2(s/δ)·exp(−δ²/(2s))</c>.
    /// </summary>
    /// <param name="objective">Sum of Huber losses.</param>
    /// <param name="runs">Number of runs.</param>
    /// <param name="delta">δ.</param>
    /// <returns>The negative log likelihood and the scale.</returns>
    public static (double NegativeLogLikelihood, double Scale) Likelihood(double objective, int runs, double delta)
    {
        double Cost(double logScale)
        {
            double s = Math.Exp(logScale);
            double z =
                Math.Sqrt(2 * Math.PI * s) * SpecialFunctions.Erf(delta / Math.Sqrt(2 * s))
                + 2 * s / delta * Math.Exp(-delta * delta / (2 * s));
            return runs * Math.Log(z) + objective / s;
        }

        // Over every scale a loss can have.
        double best = ScalarMinimum.Of(Cost, Math.Log(1e-20), Math.Log(1e3));
        return (Cost(best), Math.Exp(best));
    }
}
