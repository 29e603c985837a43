namespace KernelGen.Formats;

// Ternary and binary blocks. Those of ggml (block_tq1_0 … block_q2_0 and the reference quantisers of those names) take the
// largest magnitude, or for signs the mean one, as the scale: they are meant for weights that are ternary already.

/// <summary>
/// GGUF TQ1_0 (type 34): five ternary weights in a byte, four in the last four bytes, a binary16 scale behind. 1.6875 bits.
/// </summary>
[CompressedFormat("tq1_0")]
[TernaryElement(TernaryCode.Base3, 32, 16, 4)]
[Scale(ScaleType.Float16, group: 256, Use = ScaleUse.Unrounded)]
[Layout(BlockField.Codes, BlockField.Scale)]
public readonly partial struct Tq1_0;

/// <summary>GGUF TQ2_0 (type 35): four ternary weights in a byte, a binary16 scale behind. 2.0625 bits.</summary>
[CompressedFormat("tq2_0")]
[TernaryElement(TernaryCode.Pairs, 32, 32)]
[Scale(ScaleType.Float16, group: 256, Use = ScaleUse.Unrounded)]
[Layout(BlockField.Codes, BlockField.Scale)]
public readonly partial struct Tq2_0;

/// <summary>GGUF Q2_0 (type 42): four neighbouring ternary weights in a byte, a binary16 scale. 2.25 bits.</summary>
[CompressedFormat("q2_0")]
[TernaryElement(TernaryCode.NeighbourPairs)]
[Scale(ScaleType.Float16, group: 64, Use = ScaleUse.Unrounded)]
public readonly partial struct Q2_0;

/// <summary>GGUF Q1_0 (type 41): signs, the mean magnitude as a binary16 scale. 1.125 bits.</summary>
[CompressedFormat("q1_0")]
[SignElement]
[Scale(ScaleType.Float16, group: 128, Rule = ScaleRule.MinimiseError)]
public readonly partial struct Q1_0;

/// <summary>
/// Ternary weights, five in a byte, with the scale of least error for any weights: what to use where TQ1_0 is too coarse. 1.65 bits.
/// </summary>
[CompressedFormat("ternary-g320")]
[TernaryElement(TernaryCode.Base3)]
[Scale(ScaleType.Float16, group: 320, Rule = ScaleRule.MinimiseError)]
public readonly partial struct TernaryG320;
