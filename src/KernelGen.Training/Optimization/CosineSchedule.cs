namespace KernelGen.Training;

/// <summary>A learning rate that rises in a line over the first tenth of the steps, and then falls as half a cosine to zero.</summary>
/// <param name="largest">Largest rate.</param>
/// <param name="steps">Number of steps.</param>
internal readonly struct CosineSchedule(double largest, long steps)
{
    private const double WarmUp = 0.1;

    /// <summary>The rate of a step.</summary>
    /// <param name="step">Number of the step, from 0.</param>
    public double Rate(long step)
    {
        double warm = Math.Max(1, Math.Round(WarmUp * steps));
        if (step < warm)
        {
            return largest * (step + 1) / warm;
        }
        return 0.5 * largest * (1 + Math.Cos(Math.PI * (step - warm) / Math.Max(1, steps - warm)));
    }
}
