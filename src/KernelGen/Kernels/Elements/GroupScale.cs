using System.ComponentModel;

namespace KernelGen.Kernels.Elements;

/// <summary>What an encoder chose for a group: weight = level · Scale + Offset, level ≈ (weight − CodeOffset) · Inverse.</summary>
/// <param name="Stored">The scale as it is written, before the tensor scale multiplies it.</param>
/// <param name="Scale">The scale that decodes.</param>
/// <param name="Offset">The offset that decodes, as stored; 0 without an offset.</param>
/// <param name="Inverse">What values are multiplied by to choose codes.</param>
/// <param name="CodeOffset">What is subtracted from values to choose codes.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly record struct GroupScale(float Stored, float Scale, float Offset, float Inverse, float CodeOffset);
