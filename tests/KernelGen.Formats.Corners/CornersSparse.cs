using KernelGen.Kernels.Products;

namespace KernelGen.Formats.Corners;

// Masks, outliers and rotations that the built-in formats do not reach: odd patterns, every index, elements without a scale,
// blocks of several groups, rotations larger and smaller than the block, and all three stages at once.

[CompressedFormat("corner-sparse24-f16")]
[Sparse(2, 4)]
[FloatElement(5, 10, Specials = FloatSpecials.Ieee)]
public readonly partial struct CornerSparse24F16;

[CompressedFormat("corner-sparse14-f16")]
[Sparse(1, 4)]
[FloatElement(5, 10, Specials = FloatSpecials.Ieee)]
public readonly partial struct CornerSparse14F16;

[CompressedFormat("corner-sparse12-f16")]
[Sparse(1, 2)]
[FloatElement(5, 10, Specials = FloatSpecials.Ieee)]
public readonly partial struct CornerSparse12F16;

[CompressedFormat("corner-sparse48pair-bf16")]
[Sparse(4, 8, Pairs = true)]
[FloatElement(8, 7, Specials = FloatSpecials.Ieee)]
public readonly partial struct CornerSparse48PairBF16;

[CompressedFormat("corner-sparse35-int5-g60")]
[Sparse(3, 5)]
[IntElement(5, Levels = IntLevels.Unsigned)]
[Scale(ScaleType.Float16, group: 60)]
[Offset(ScaleType.Float16)]
public readonly partial struct CornerSparse35;

[CompressedFormat("corner-sparse816-midrise-g32x4")]
[Sparse(8, 16)]
[IntElement(2, Levels = IntLevels.Midrise)]
[Scale(ScaleType.E4M3, group: 32, Rule = ScaleRule.MinimiseError)]
[Layout(Groups = 4)]
public readonly partial struct CornerSparse816;

[CompressedFormat("corner-sparse613-e2m3-g13")]
[Sparse(6, 13)]
[FloatElement(2, 3)]
[Scale(ScaleType.E8M0, group: 13, Rule = ScaleRule.MxFloor)]
public readonly partial struct CornerSparse613;

[CompressedFormat("corner-sparse24-twobit-g4")]
[Sparse(2, 4, Index = SparseIndex.TwoBit)]
[IntElement(3)]
[Scale(ScaleType.BFloat16, group: 4)]
public readonly partial struct CornerSparseTiny;

[CompressedFormat("corner-sparse-density-g100")]
[Sparse(0.33, Scope = SelectionScope.Block)]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 100)]
public readonly partial struct CornerSparseDensity;

[CompressedFormat("corner-sparse-density-int8")]
[Sparse(0.5, Scope = SelectionScope.Block)]
[IntElement(8)]
[Scale(ScaleType.Float32, group: 4096)]
public readonly partial struct CornerSparseDensityInt8;

[CompressedFormat("corner-outliers-bf16-g100x5")]
[Outliers(0.1, ScaleType.BFloat16, Scope = SelectionScope.Block)]
[Codebook(-2f, -0.5f, 0f, 0.5f, 2f)]
[Scale(ScaleType.Float16, group: 100)]
[Layout(Groups = 5)]
public readonly partial struct CornerOutliers;

[CompressedFormat("corner-outliers-sparse24")]
[Outliers(0.02, ScaleType.Float16, Scope = SelectionScope.Block)]
[Sparse(2, 4)]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 64)]
public readonly partial struct CornerOutliersSparse;

[CompressedFormat("corner-hadamard16-g32")]
[Hadamard(16, Seed = 7)]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 32)]
public readonly partial struct CornerHadamard16;

[CompressedFormat("corner-hadamard32-row")]
[Hadamard(32, Seed = 4000000000)]
[IntElement(8)]
[Scale(ScaleType.Float32, ScaleGroup.Row)]
public readonly partial struct CornerHadamardRow;

[CompressedFormat("corner-hadamard64-tensor")]
[Hadamard(64)]
[IntElement(4, Levels = IntLevels.Midrise)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct CornerHadamardTensor;

[CompressedFormat("corner-hadamard-f32")]
[Hadamard(256)]
[FloatElement(8, 23, Specials = FloatSpecials.Ieee)]
public readonly partial struct CornerHadamardF32;

[CompressedFormat("corner-hadamard-outliers-sparse")]
[Hadamard(64)]
[Outliers(0.02, ScaleType.BFloat16, Scope = SelectionScope.Block)]
[Sparse(2, 4, Index = SparseIndex.TwoBit)]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 64, Rule = ScaleRule.MinimiseError)]
[Layout(Groups = 2)]
public readonly partial struct CornerAllStages;

// Choices in whole rows: shares that leave fractions, few bits, scales of rows, no level of zero, elements coded in blocks,
// both stages in rows, and under a rotation.

[CompressedFormat("corner-row-sparse33-g24")]
[Sparse(0.33)]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 24)]
public readonly partial struct CornerRowSparse33;

[CompressedFormat("corner-row-sparse90-int8-g1000")]
[Sparse(0.1)]
[IntElement(8)]
[Scale(ScaleType.Float32, group: 1000)]
public readonly partial struct CornerRowSparse90;

[CompressedFormat("corner-row-outliers50-row")]
[Outliers(0.5, ScaleType.BFloat16)]
[IntElement(2)]
[Scale(ScaleType.Float32, ScaleGroup.Row)]
public readonly partial struct CornerRowOutliersHalf;

[CompressedFormat("corner-row-outliers-offset")]
[Outliers(0.003, ScaleType.Float16)]
[IntElement(4, Levels = IntLevels.Unsigned)]
[Scale(ScaleType.Float16, group: 32)]
[Offset(ScaleType.Float16)]
public readonly partial struct CornerRowOutliersOffset;

[CompressedFormat("corner-row-outliers-midrise")]
[Outliers(0.02, ScaleType.Float16)]
[IntElement(3, Levels = IntLevels.Midrise)]
[Scale(ScaleType.Float16, group: 64, Rule = ScaleRule.MinimiseError)]
public readonly partial struct CornerRowOutliersMidrise;

[CompressedFormat("corner-row-outliers-superscale")]
[Outliers(0.01, ScaleType.Float16)]
[IntElement(4)]
[Scale(ScaleType.UInt6, group: 32, Rule = ScaleRule.MinimiseError)]
[SuperScale(ScaleType.Float16, groups: 8)]
public readonly partial struct CornerRowOutliersSuperScale;

[CompressedFormat("corner-row-outliers-sparse24")]
[Outliers(0.02, ScaleType.Float16)]
[Sparse(2, 4)]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 64)]
public readonly partial struct CornerRowOutliersSparse;

[CompressedFormat("corner-hadamard-row-outliers-sparse")]
[Hadamard(64)]
[Outliers(0.02, ScaleType.BFloat16)]
[Sparse(0.4)]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 64, Rule = ScaleRule.MinimiseError)]
public readonly partial struct CornerAllInRows;

// What the built-in formats code inside their masks, outliers and rotations: for staged compositions.

[CompressedFormat("corner-int4-g32-search")]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 32, Rule = ScaleRule.MinimiseError)]
public readonly partial struct CornerInt4G32Search;

[CompressedFormat("corner-int4-g64-search")]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 64, Rule = ScaleRule.MinimiseError)]
public readonly partial struct CornerInt4G64Search;

[CompressedFormat("corner-int4-g128-search")]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 128, Rule = ScaleRule.MinimiseError)]
public readonly partial struct CornerInt4G128Search;

[CompressedFormat("corner-int3-g32-search")]
[IntElement(3)]
[Scale(ScaleType.Float16, group: 32, Rule = ScaleRule.MinimiseError)]
public readonly partial struct CornerInt3G32Search;

[CompressedFormat("corner-int8-g64")]
[IntElement(8, Code = IntCode.TwosComplement)]
[Scale(ScaleType.Float16, group: 64)]
public readonly partial struct CornerInt8G64;

[CompressedFormat("corner-e4m3-g64")]
[FloatElement(4, 3, Specials = FloatSpecials.NanOnly)]
[Scale(ScaleType.Float16, group: 64)]
public readonly partial struct CornerE4M3G64;
