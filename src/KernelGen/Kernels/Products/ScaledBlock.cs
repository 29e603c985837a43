using System.ComponentModel;

namespace KernelGen.Kernels.Products;

/// <summary>Where the parts of a block lie that is one scale and codes: what generated code says <see cref="RepackedMatrix"/>.</summary>
/// <param name="Scale">Type of the scale.</param>
/// <param name="ScaleOffset">First byte of the scale.</param>
/// <param name="CodesOffset">First byte of the codes.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly record struct ScaledBlock(ScaleType Scale, int ScaleOffset, int CodesOffset);
