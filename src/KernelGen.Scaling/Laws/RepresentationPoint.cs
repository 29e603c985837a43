namespace KernelGen.Scaling;

/// <summary>What a law has to know of a representation: how many bits it takes and how much of a Gaussian it loses.</summary>
/// <param name="Name">Name as in a run table, for example <c>int4</c> or <c>sparse4of8+int4</c>.</param>
/// <param name="Bits">Stored bits per value, scales, indices and masks included; for the laws of precision the nominal bits.</param>
/// <param name="Gmse">Gaussian mean squared error relative to the variance, in [0, 1].</param>
/// <param name="Family">Family whose capacity curve the representation lies on; <c>dense</c> means capacity 1.</param>
public sealed record RepresentationPoint(string Name, double Bits, double Gmse, string Family)
{
    /// <summary>The family that loses nothing.</summary>
    public const string DenseFamily = "dense";

    /// <summary>Bits of a value that is not quantised, alone or under a mask: those of the checkpoints that people store.</summary>
    public const double DenseBits = 16;

    /// <summary>Sixteen bits, nothing lost: what a run table means when it names no representation.</summary>
    public static RepresentationPoint Dense { get; } = new("dense", DenseBits, 0, DenseFamily);

    /// <summary>True if the capacity is 1 by definition.</summary>
    public bool IsDense => Family == DenseFamily;

    /// <summary>Effective bits, <c>−½·log2 GMSE</c>; infinite for a representation that loses nothing.</summary>
    public double EffectiveBits => -0.5 * Math.Log2(Gmse);
}
