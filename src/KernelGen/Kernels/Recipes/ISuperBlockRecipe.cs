using System.ComponentModel;

namespace KernelGen.Kernels.Recipes;

/// <summary>
/// What is a format's own among formats with super-scales: how the codes of a block are loaded, become levels and are scaled.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface ISuperBlockRecipe
{
    /// <summary>Bits of the vectors that are written out, added up: of 512, 256 and 128; others are never called.</summary>
    static abstract int Widths { get; }

    /// <summary>Groups per block.</summary>
    static abstract int Groups { get; }

    /// <summary>Scales per block, and as many offsets if there are any.</summary>
    static abstract int Entries { get; }

    /// <summary>Type of the super-scales.</summary>
    static abstract ScaleType Super { get; }

    /// <summary>First byte of what multiplies the scales.</summary>
    static abstract int SuperScaleOffset { get; }

    /// <summary>First byte of what multiplies the offsets; 0 without offsets.</summary>
    static virtual int SuperOffsetOffset => 0;

    /// <summary>The values of a block, exactly as the reference decodes them: no fused multiply–add.</summary>
    /// <param name="block">The block.</param>
    /// <param name="scales">The scales of all groups, then their offsets if there are any.</param>
    /// <param name="values">Receives the values.</param>
    static virtual void Decode512(ref byte block, ref float scales, ref float values) { }

    /// <inheritdoc cref="Decode512"/>
    static virtual void Decode256(ref byte block, ref float scales, ref float values) { }

    /// <inheritdoc cref="Decode512"/>
    static virtual void Decode128(ref byte block, ref float scales, ref float values) { }
}
