using System.ComponentModel;

namespace KernelGen.Kernels.Elements;

/// <summary>What encoding a block came to, in units of the values given to the encoder.</summary>
/// <param name="SquaredError">Σ(x − y)² of the values x and their codes' values y.</param>
/// <param name="Correlation">Σx·y.</param>
/// <param name="Energy">Σy².</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly record struct TrellisFit(double SquaredError, double Correlation, double Energy)
{
    /// <summary>The factor by which all decoded values are best multiplied; 1 where nothing can be said.</summary>
    public double Gain => Energy > 0 && Correlation > 0 ? Correlation / Energy : 1;
}
