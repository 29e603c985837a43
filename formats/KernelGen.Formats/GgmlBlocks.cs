using KernelGen.Kernels.Products;

namespace KernelGen.Formats;

// Blocks of 32 with ggml's bytes. Origin: ggml-org/ggml, block_q4_0 … block_iq4_nl and the reference quantisers of
// those names; byte j of a nibble plane holds elements j and j + 16.

/// <summary>GGUF Q4_0 (type 2): 4-bit integers −8…7, a binary16 scale whose sign puts the largest value on −8. 4.5 bits.</summary>
[CompressedFormat("q4_0")]
[IntElement(4, Levels = IntLevels.TwosComplement, Ties = TieRule.Up)]
[Scale(ScaleType.Float16, group: 32, Rule = ScaleRule.SignedMax, Use = ScaleUse.Unrounded)]
public readonly partial struct Q4_0;

/// <summary>GGUF Q4_1 (type 3): 4-bit integers 0…15, binary16 scale and minimum. 5 bits.</summary>
[CompressedFormat("q4_1")]
[IntElement(4, Levels = IntLevels.Unsigned, Ties = TieRule.Up)]
[Scale(ScaleType.Float16, group: 32, Use = ScaleUse.Unrounded)]
[Offset(ScaleType.Float16)]
public readonly partial struct Q4_1;

/// <summary>GGUF Q5_0 (type 6): 5-bit integers −16…15 with the fifth bits in front, a signed binary16 scale. 5.5 bits.</summary>
[CompressedFormat("q5_0")]
[IntElement(5, Levels = IntLevels.TwosComplement, Ties = TieRule.Up)]
[Scale(ScaleType.Float16, group: 32, Rule = ScaleRule.SignedMax, Use = ScaleUse.Unrounded)]
[Layout(BlockField.Scale, BlockField.Bits, BlockField.Nibbles)]
public readonly partial struct Q5_0;

/// <summary>GGUF Q5_1 (type 7): 5-bit integers 0…31 with the fifth bits in front, binary16 scale and minimum. 6 bits.</summary>
[CompressedFormat("q5_1")]
[IntElement(5, Levels = IntLevels.Unsigned, Ties = TieRule.Up)]
[Scale(ScaleType.Float16, group: 32, Use = ScaleUse.Unrounded)]
[Offset(ScaleType.Float16)]
[Layout(BlockField.Scale, BlockField.Offset, BlockField.Bits, BlockField.Nibbles)]
public readonly partial struct Q5_1;

/// <summary>GGUF Q8_0 (type 8): signed bytes −127…127, a binary16 scale; half-way rounds away from zero. 8.5 bits.</summary>
[CompressedFormat("q8_0")]
[IntElement(8, Code = IntCode.TwosComplement, Ties = TieRule.AwayFromZero)]
[Scale(ScaleType.Float16, group: 32, Use = ScaleUse.Unrounded)]
public readonly partial struct Q8_0;

/// <summary>GGUF IQ4_NL (type 20): 16 levels that are denser near zero, a binary16 scale refitted by least squares. 4.5 bits.</summary>
[CompressedFormat("iq4_nl")]
[Codebook(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113)]
[Scale(ScaleType.Float16, group: 32, Rule = ScaleRule.SignedMaxRefit)]
public readonly partial struct Iq4Nl;
