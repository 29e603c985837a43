using KernelGen.Kernels.Elements;

namespace KernelGen.Formats;

// Vectors rounded to Gaussian-optimal grids (the grids of HIGGS, Malinovskii et al. 2024, without its Hadamard transform),
// a binary16 scale for 256 weights. The names give dimension and number of entries.

/// <summary>16 points in the plane: 4 bits for 2 weights. 2.0625 bits.</summary>
[CompressedFormat("vq2-2x16")]
[VectorCodebook(dimension: 2, entries: 16)]
[Scale(ScaleType.Float16, group: 256, Rule = ScaleRule.MinimiseError)]
public readonly partial struct Vq2x16;

/// <summary>64 points in the plane: 6 bits for 2 weights. 3.0625 bits.</summary>
[CompressedFormat("vq3-2x64")]
[VectorCodebook(dimension: 2, entries: 64)]
[Scale(ScaleType.Float16, group: 256, Rule = ScaleRule.MinimiseError)]
public readonly partial struct Vq2x64;

/// <summary>256 points in the plane: a byte for 2 weights. 4.0625 bits.</summary>
[CompressedFormat("vq4-2x256")]
[VectorCodebook(dimension: 2, entries: 256)]
[Scale(ScaleType.Float16, group: 256, Rule = ScaleRule.MinimiseError)]
public readonly partial struct Vq2x256;

/// <summary>16 levels of least error for a Gaussian. 4.0625 bits.</summary>
[CompressedFormat("vq4-1x16")]
[VectorCodebook(dimension: 1, entries: 16)]
[Scale(ScaleType.Float16, group: 256, Rule = ScaleRule.MinimiseError)]
public readonly partial struct Vq1x16;

/// <summary>16 points in four dimensions: 4 bits for 4 weights. 1.0625 bits.</summary>
[CompressedFormat("vq1-4x16")]
[VectorCodebook(dimension: 4, entries: 16)]
[Scale(ScaleType.Float16, group: 256, Rule = ScaleRule.MinimiseError)]
public readonly partial struct Vq4x16;

/// <summary>256 points in four dimensions: a byte for 4 weights. 2.0625 bits.</summary>
[CompressedFormat("vq2-4x256")]
[VectorCodebook(dimension: 4, entries: 256)]
[Scale(ScaleType.Float16, group: 256, Rule = ScaleRule.MinimiseError)]
public readonly partial struct Vq4x256;

/// <summary>4096 points in four dimensions: 12 bits for 4 weights. 3.0625 bits.</summary>
[CompressedFormat("vq3-4x4096")]
[VectorCodebook(dimension: 4, entries: 4096)]
[Scale(ScaleType.Float16, group: 256, Rule = ScaleRule.MinimiseError)]
public readonly partial struct Vq4x4096;

/// <summary>E8P (QuIP#, Tseng et al. 2024): 16 bits for a point of E8 + ¼ in eight dimensions. 2.0625 bits.</summary>
[CompressedFormat("e8p")]
[E8P]
[Scale(ScaleType.Float16, group: 256, Rule = ScaleRule.MinimiseError)]
public readonly partial struct LatticeTwo;

/// <summary>E8P and a second stage of 8 bits for eight weights. 3.0625 bits.</summary>
[CompressedFormat("e8p3")]
[E8P(3)]
[Scale(ScaleType.Float16, group: 256, Rule = ScaleRule.MinimiseError)]
public readonly partial struct LatticeThree;

/// <summary>E8P twice. 4.0625 bits.</summary>
[CompressedFormat("e8p4")]
[E8P(4)]
[Scale(ScaleType.Float16, group: 256, Rule = ScaleRule.MinimiseError)]
public readonly partial struct LatticeFour;
