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

// HIGGS (Malinovskii et al. 2024): rows rotated and brought to unit RMS by blocks of 1024, then vectors rounded to the grid of least
// error for a Gaussian. After the rotation the weights are nearly Gaussian, so that the grid's error is that of any tensor; nothing
// is searched but the nearest entry.

/// <summary>HIGGS with 16 points in the plane. 2.015625 bits.</summary>
[CompressedFormat("higgs2")]
[Hadamard(1024)]
[VectorCodebook(dimension: 2, entries: 16)]
[Scale(ScaleType.Float16, group: 1024, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct HiggsTwo;

/// <summary>HIGGS with 64 points in the plane. 3.015625 bits.</summary>
[CompressedFormat("higgs3")]
[Hadamard(1024)]
[VectorCodebook(dimension: 2, entries: 64)]
[Scale(ScaleType.Float16, group: 1024, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct HiggsThree;

/// <summary>HIGGS with 256 points in the plane. 4.015625 bits.</summary>
[CompressedFormat("higgs4")]
[Hadamard(1024)]
[VectorCodebook(dimension: 2, entries: 256)]
[Scale(ScaleType.Float16, group: 1024, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct HiggsFour;
