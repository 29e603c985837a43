namespace KernelGen.Formats;

// Formats over rotated rows: a random Hadamard rotation spreads outliers, so that weights look Gaussian to the scales
// (QuaRot, Ashkboos et al. 2024; QuEST). Matvec rotates the activations.

/// <summary>Integers −7…7 in groups of 128 under a rotation of 128 columns, the scale searched for least error. 4.125 bits.</summary>
[CompressedFormat("int4-hadamard")]
[Hadamard(128)]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 128, Rule = ScaleRule.MinimiseError)]
public readonly partial struct Int4Hadamard;

/// <summary>2:4 over integers −7…7 in groups of 64, under a rotation of 128 columns. 3 bits.</summary>
[CompressedFormat("sparse24-int4-g64-hadamard")]
[Hadamard(128)]
[Sparse(2, 4)]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 64, Rule = ScaleRule.MinimiseError)]
public readonly partial struct Sparse24Int4Hadamard;
