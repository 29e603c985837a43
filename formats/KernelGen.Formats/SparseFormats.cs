namespace KernelGen.Formats;

// Magnitude sparsity, then scalar quantisation of what is kept. Groups count all columns: a group of 64 under 2:4 has one
// scale for 32 codes. Masks are stored and counted.

/// <summary>2:4 over integers −7…7, the pattern's number in 3 bits per four weights; groups of 64. 3 bits.</summary>
[CompressedFormat("sparse24-int4")]
[Sparse(2, 4)]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 64, Rule = ScaleRule.MinimiseError)]
public readonly partial struct Sparse24Int4;

/// <summary>2:4 over bytes, with the nibbles that sparse tensor cores read; groups of 128. 5.125 bits.</summary>
[CompressedFormat("sparse24-int8")]
[Sparse(2, 4, Index = SparseIndex.TwoBit)]
[IntElement(8, Code = IntCode.TwosComplement)]
[Scale(ScaleType.Float16, group: 128)]
public readonly partial struct Sparse24Int8;

/// <summary>2:4 over OCP E4M3, with the nibbles that sparse tensor cores read; groups of 128. 5.125 bits.</summary>
[CompressedFormat("sparse24-fp8")]
[Sparse(2, 4, Index = SparseIndex.TwoBit)]
[FloatElement(4, 3, Specials = FloatSpecials.NanOnly)]
[Scale(ScaleType.Float16, group: 128)]
public readonly partial struct Sparse24Fp8;

/// <summary>
/// 4:8 by pairs over integers −7…7, the pattern of 4-bit sparse tensor cores (QuEST's "2:4 INT4"); groups of 64. 2.75 bits.
/// </summary>
[CompressedFormat("sparse48pair-int4")]
[Sparse(4, 8, Index = SparseIndex.TwoBit, Pairs = true)]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 64, Rule = ScaleRule.MinimiseError)]
public readonly partial struct Sparse48PairInt4;

/// <summary>The larger half of every row over integers −7…7 in groups of 64 kept, with a bitmap. 3.125 bits.</summary>
[CompressedFormat("sparse50-int4")]
[Sparse(0.5)]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 128, Rule = ScaleRule.MinimiseError)]
public readonly partial struct Sparse50Int4;

/// <summary>
/// The larger half of every 128 weights over integers −7…7, with a bitmap: blocks that can be read by themselves. 3.125 bits.
/// </summary>
[CompressedFormat("sparse50-int4-block")]
[Sparse(0.5, Scope = SelectionScope.Block)]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 128, Rule = ScaleRule.MinimiseError)]
public readonly partial struct Sparse50Int4Block;

/// <summary>The largest quarter of every row over integers −7…7 in groups of 64 kept, with a bitmap. 2.0625 bits.</summary>
[CompressedFormat("sparse75-int4")]
[Sparse(0.25)]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 256, Rule = ScaleRule.MinimiseError)]
public readonly partial struct Sparse75Int4;

/// <summary>1:4 over integers −7…7; groups of 128. 1.625 bits.</summary>
[CompressedFormat("sparse14-int4")]
[Sparse(1, 4)]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 128, Rule = ScaleRule.MinimiseError)]
public readonly partial struct Sparse14Int4;
