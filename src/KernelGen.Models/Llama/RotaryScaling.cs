namespace KernelGen.Models;

/// <summary>How rotary frequencies are stretched for texts longer than those a model was first trained on.</summary>
/// <param name="Factor">What slow frequencies are divided by.</param>
/// <param name="LowFactor">Wavelengths above the original length over this are divided; null divides all (linear scaling).</param>
/// <param name="HighFactor">Wavelengths below the original length over this are kept; in between is interpolated.</param>
/// <param name="OriginalPositions">The length of the first training, in tokens.</param>
public sealed record RotaryScaling(double Factor, double? LowFactor = null, double HighFactor = 4, double OriginalPositions = 8192)
{
    /// <summary>
    /// What one frequency is divided by (transformers, <c>modeling_rope_utils.py</c>: <c>_compute_llama3_parameters</c>).
    /// </summary>
    /// <param name="frequency">The frequency in radians a token.</param>
    public double DivisorOf(double frequency)
    {
        if (LowFactor is not { } low)
        {
            return Factor;
        }
        double wavelength = 2 * Math.PI / frequency;
        if (wavelength > OriginalPositions / low)
        {
            return Factor;
        }
        if (wavelength < OriginalPositions / HighFactor)
        {
            return 1;
        }
        double smooth = (OriginalPositions / wavelength - low) / (HighFactor - low);
        return 1 / ((1 - smooth) / Factor + smooth);
    }
}
