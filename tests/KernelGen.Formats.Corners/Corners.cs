using KernelGen.Kernels.Products;

namespace KernelGen.Formats.Corners;

// Declarations that reach what the built-in formats do not: odd groups, every plane and order, every scale type and rule,
// large and unsorted codebooks. The law suite runs over them as over all others.

[CompressedFormat("corner-int3-g5-row-rest")]
[IntElement(3)]
[Scale(ScaleType.BFloat16, group: 5)]
public readonly partial struct CornerGroup5;

[CompressedFormat("corner-int7-g64-f32")]
[IntElement(7, Levels = IntLevels.TwosComplement, Code = IntCode.TwosComplement, Ties = TieRule.TowardZero)]
[Scale(ScaleType.Float32, group: 64)]
public readonly partial struct CornerInt7;

[CompressedFormat("corner-int6-g48-highfirst")]
[IntElement(6, Levels = IntLevels.TwosComplement, Ties = TieRule.AwayFromZero)]
[Scale(ScaleType.E4M3, group: 48, Rule = ScaleRule.SignedMax)]
[Layout(BlockField.Pairs, BlockField.Nibbles, BlockField.Scale, Nibbles = CodeOrder.HighFirst, Pairs = CodeOrder.HighFirst)]
public readonly partial struct CornerInt6;

[CompressedFormat("corner-int7-g32-lowfirst")]
[IntElement(7)]
[Scale(ScaleType.Float16, group: 32, Rule = ScaleRule.MinimiseError)]
[Layout(Nibbles = CodeOrder.LowFirst, Pairs = CodeOrder.Split, Bits = CodeOrder.HighFirst)]
public readonly partial struct CornerInt7LowFirst;

[CompressedFormat("corner-int5-g256-affine-search")]
[IntElement(5, Levels = IntLevels.Unsigned)]
[Scale(ScaleType.BFloat16, group: 256, Rule = ScaleRule.MinimiseError)]
[Offset(ScaleType.Float32)]
public readonly partial struct CornerAffineSearch;

[CompressedFormat("corner-int2-affine-symmetric")]
[IntElement(2)]
[Scale(ScaleType.Float16, group: 16)]
[Offset(ScaleType.BFloat16)]
[Layout(Groups = 3)]
public readonly partial struct CornerAffineSymmetric;

[CompressedFormat("corner-codebook-unsorted")]
[Codebook(3f, -1f, 0.25f, -2.5f, 8f)]
[Scale(ScaleType.Float16, ScaleGroup.Row)]
public readonly partial struct CornerCodebookUnsorted;

[CompressedFormat("corner-codebook-40")]
[Codebook(
    -20,
    -19,
    -18,
    -17,
    -16,
    -15,
    -14,
    -13,
    -12,
    -11,
    -10,
    -9,
    -8,
    -7,
    -6,
    -5,
    -4,
    -3,
    -2,
    -1,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    15,
    16,
    17,
    18,
    19,
    0.5f
)]
[Scale(ScaleType.Float16, group: 32, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct CornerCodebook40;

[CompressedFormat("corner-e5m0-row-ceiling")]
[FloatElement(5, 0, Ties = TieRule.AwayFromZero)]
[Scale(ScaleType.E8M0, ScaleGroup.Row, Rule = ScaleRule.MxCeiling)]
public readonly partial struct CornerE5M0;

[CompressedFormat("corner-e4m3-unscaled")]
[FloatElement(4, 3, Specials = FloatSpecials.NanOnly, Ties = TieRule.TowardZero)]
public readonly partial struct CornerE4M3Unscaled;

[CompressedFormat("corner-e5m2-unscaled-ieee")]
[FloatElement(5, 2, Specials = FloatSpecials.Ieee, NegativeZero = false)]
public readonly partial struct CornerE5M2Unscaled;

[CompressedFormat("corner-e3m1-ceiling")]
[FloatElement(3, 1, Specials = FloatSpecials.Ieee, Bias = 5, Ties = TieRule.AwayFromZero)]
[Scale(ScaleType.E8M0, group: 32, Rule = ScaleRule.MxCeiling)]
public readonly partial struct CornerE3M1;

[CompressedFormat("corner-int4-scalar-only")]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 32)]
[Targets(KernelTargets.Gpu)]
public readonly partial struct CornerScalarOnly;

[CompressedFormat("corner-int1-g8")]
[IntElement(1, Levels = IntLevels.Midrise)]
[Scale(ScaleType.Float16, group: 8, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct CornerInt1;

[CompressedFormat("corner-e3m4-ieee")]
[FloatElement(3, 4, Specials = FloatSpecials.Ieee)]
[Scale(ScaleType.Float16, group: 32)]
public readonly partial struct CornerE3M4Ieee;

[CompressedFormat("corner-e4m3-ieee")]
[FloatElement(4, 3, Specials = FloatSpecials.Ieee)]
[Scale(ScaleType.Float16, group: 32)]
public readonly partial struct CornerE4M3Ieee;

// The block formats of the golden Gaussian errors that no built-in format is.

[CompressedFormat("corner-int4-g16")]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 16)]
public readonly partial struct CornerInt4G16;

[CompressedFormat("corner-int8-g32")]
[IntElement(8)]
[Scale(ScaleType.Float16, group: 32)]
public readonly partial struct CornerInt8G32;

[CompressedFormat("corner-e2m1-g16")]
[FloatElement(2, 1)]
[Scale(ScaleType.Float16, group: 16)]
public readonly partial struct CornerE2M1G16;

[CompressedFormat("corner-e2m1-g32")]
[FloatElement(2, 1)]
[Scale(ScaleType.Float16, group: 32)]
public readonly partial struct CornerE2M1G32;

[CompressedFormat("corner-e2m1-g64")]
[FloatElement(2, 1)]
[Scale(ScaleType.Float16, group: 64)]
public readonly partial struct CornerE2M1G64;

[CompressedFormat("corner-nf4-g32")]
[Codebook(
    -1f,
    -0.6961928009986877f,
    -0.5250730514526367f,
    -0.39491748809814453f,
    -0.28444138169288635f,
    -0.18477343022823334f,
    -0.09105003625154495f,
    0f,
    0.07958029955625534f,
    0.16093020141124725f,
    0.24611230194568634f,
    0.33791524171829224f,
    0.44070982933044434f,
    0.5626170039176941f,
    0.7229568362236023f,
    1f
)]
[Scale(ScaleType.Float16, group: 32)]
public readonly partial struct CornerNf4G32;

[CompressedFormat("corner-mxfp8-ceiling")]
[FloatElement(4, 3, Specials = FloatSpecials.NanOnly)]
[Scale(ScaleType.E8M0, group: 32, Rule = ScaleRule.MxCeiling)]
public readonly partial struct CornerMxFp8Ceiling;

[CompressedFormat("corner-mxfp4-ceiling")]
[FloatElement(2, 1)]
[Scale(ScaleType.E8M0, group: 32, Rule = ScaleRule.MxCeiling)]
public readonly partial struct CornerMxFp4Ceiling;

[CompressedFormat("corner-int2-symmetric")]
[IntElement(2)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct CornerGridInt2Symmetric;

[CompressedFormat("corner-int4-symmetric")]
[IntElement(4)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct CornerGridInt4Symmetric;

[CompressedFormat("corner-int4-full")]
[IntElement(4, Levels = IntLevels.TwosComplement)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct CornerGridInt4Full;

[CompressedFormat("corner-int8-full")]
[IntElement(8, Levels = IntLevels.TwosComplement)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct CornerGridInt8Full;

[CompressedFormat("corner-nf4-tensor")]
[Codebook(
    -1f,
    -0.6961928009986877f,
    -0.5250730514526367f,
    -0.39491748809814453f,
    -0.28444138169288635f,
    -0.18477343022823334f,
    -0.09105003625154495f,
    0f,
    0.07958029955625534f,
    0.16093020141124725f,
    0.24611230194568634f,
    0.33791524171829224f,
    0.44070982933044434f,
    0.5626170039176941f,
    0.7229568362236023f,
    1f
)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct CornerGridNf4;
