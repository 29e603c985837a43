using KernelGen.Kernels.Products;

namespace KernelGen.Formats;

// Super-blocks of 256 with ggml's bytes ("K-quants"): the group scales are integers under a binary16. Origin: ggml-org/ggml,
// block_q2_K … block_q6_K and block_iq4_xs. Codes and scales are searched for least squared error, which ggml does otherwise:
// files are read alike, packed bytes differ.

/// <summary>GGUF Q2_K (type 10): 2-bit integers 0…3, 4-bit scale and minimum per 16. 2.625 bits.</summary>
[CompressedFormat("q2_k")]
[IntElement(2, Levels = IntLevels.Unsigned)]
[Scale(ScaleType.UInt4, group: 16, Rule = ScaleRule.MinimiseError)]
[Offset(ScaleType.UInt4)]
[SuperScale(ScaleType.Float16, groups: 16)]
[Layout(BlockField.Scale, BlockField.Pairs, BlockField.SuperScale, BlockField.SuperOffset, PairsSpan = 128)]
public readonly partial struct Q2_K;

/// <summary>GGUF Q3_K (type 11): 3-bit integers −4…3, the third bits in front; 6-bit signed scale per 16. 3.4375 bits.</summary>
[CompressedFormat("q3_k")]
[IntElement(3, Levels = IntLevels.TwosComplement)]
[Scale(ScaleType.Int6, group: 16, Rule = ScaleRule.MinimiseError)]
[SuperScale(ScaleType.Float16, groups: 16)]
[Layout(BlockField.Bits, BlockField.Pairs, BlockField.Scale, BlockField.SuperScale, PairsSpan = 128, BitsSpan = 256)]
public readonly partial struct Q3_K;

/// <summary>GGUF Q4_K (type 12): 4-bit integers 0…15, 6-bit scale and minimum per 32. 4.5 bits.</summary>
[CompressedFormat("q4_k")]
[IntElement(4, Levels = IntLevels.Unsigned)]
[Scale(ScaleType.UInt6, group: 32, Rule = ScaleRule.MinimiseError)]
[Offset(ScaleType.UInt6)]
[SuperScale(ScaleType.Float16, groups: 8, Order = SubScaleOrder.Folded)]
[Layout(NibblesSpan = 64)]
public readonly partial struct Q4_K;

/// <summary>GGUF Q5_K (type 13): 5-bit integers 0…31, the fifth bits in front; 6-bit scale and minimum per 32. 5.5 bits.</summary>
[CompressedFormat("q5_k")]
[IntElement(5, Levels = IntLevels.Unsigned)]
[Scale(ScaleType.UInt6, group: 32, Rule = ScaleRule.MinimiseError)]
[Offset(ScaleType.UInt6)]
[SuperScale(ScaleType.Float16, groups: 8, Order = SubScaleOrder.Folded)]
[Layout(
    BlockField.SuperScale,
    BlockField.SuperOffset,
    BlockField.Scale,
    BlockField.Bits,
    BlockField.Nibbles,
    BitsSpan = 256,
    NibblesSpan = 64
)]
public readonly partial struct Q5_K;

/// <summary>GGUF Q6_K (type 14): 6-bit integers −32…31 in nibbles and pairs, a signed byte as scale per 16. 6.5625 bits.</summary>
[CompressedFormat("q6_k")]
[IntElement(6, Levels = IntLevels.TwosComplement)]
[Scale(ScaleType.Int8, group: 16, Rule = ScaleRule.MinimiseError)]
[SuperScale(ScaleType.Float16, groups: 16)]
[Layout(BlockField.Nibbles, BlockField.Pairs, BlockField.Scale, BlockField.SuperScale, NibblesSpan = 128, PairsSpan = 128)]
public readonly partial struct Q6_K;

/// <summary>GGUF IQ4_XS (type 23): the 16 levels of IQ4_NL, 6-bit signed scale per 32. 4.25 bits.</summary>
[CompressedFormat("iq4_xs")]
[Codebook(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113)]
[Scale(ScaleType.Int6, group: 32, Rule = ScaleRule.MinimiseError)]
[SuperScale(ScaleType.Float16, groups: 8, Order = SubScaleOrder.Neighbours)]
[Layout(NibblesSpan = 32)]
public readonly partial struct Iq4Xs;

/// <summary>Integers −8…7 in groups of 16 under bytes, those under one binary16 per 256. 4.5625 bits.</summary>
[CompressedFormat("int4-g16-double")]
[IntElement(4, Levels = IntLevels.TwosComplement)]
[Scale(ScaleType.Int8, group: 16, Rule = ScaleRule.MinimiseError)]
[SuperScale(ScaleType.Float16, groups: 16)]
public readonly partial struct Int4G16Double;

/// <summary>
/// NF4 with double quantisation (QLoRA, Dettmers et al. 2023): absmax over 64 in a byte, a binary16 per 1024. 4.1406 bits.
/// </summary>
[CompressedFormat("nf4-g64-double")]
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
[Scale(ScaleType.UInt8, group: 64)]
[SuperScale(ScaleType.Float16, groups: 16)]
public readonly partial struct Nf4G64Double;
