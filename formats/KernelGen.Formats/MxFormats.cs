namespace KernelGen.Formats;

// OCP Microscaling Formats (MX) v1.0: blocks of 32 elements under one power of two, 2^(floor(log2 max|x|) − emax).
// The specification leaves the order of bytes open; nibbles are in ggml's order, wider codes in planes.

/// <summary>OCP MXFP4: E2M1, ties to even. 4.25 bits.</summary>
[CompressedFormat("mxfp4")]
[FloatElement(2, 1)]
[Scale(ScaleType.E8M0, group: 32, Rule = ScaleRule.MxFloor)]
public readonly partial struct MxFp4;

/// <summary>GGUF MXFP4 (type 39): as MXFP4, but ties go to the smaller magnitude and −0 is never written. 4.25 bits.</summary>
[CompressedFormat("mxfp4-ggml")]
[FloatElement(2, 1, Ties = TieRule.TowardZero, NegativeZero = false)]
[Scale(ScaleType.E8M0, group: 32, Rule = ScaleRule.MxFloor)]
public readonly partial struct MxFp4Ggml;

/// <summary>OCP MXFP6, E2M3: the precise one. 6.25 bits.</summary>
[CompressedFormat("mxfp6-e2m3")]
[FloatElement(2, 3)]
[Scale(ScaleType.E8M0, group: 32, Rule = ScaleRule.MxFloor)]
public readonly partial struct MxFp6E2M3;

/// <summary>OCP MXFP6, E3M2: the wide one. 6.25 bits.</summary>
[CompressedFormat("mxfp6-e3m2")]
[FloatElement(3, 2)]
[Scale(ScaleType.E8M0, group: 32, Rule = ScaleRule.MxFloor)]
public readonly partial struct MxFp6E3M2;

/// <summary>OCP MXFP8, E4M3 (0x7F is NaN, no infinity). 8.25 bits.</summary>
[CompressedFormat("mxfp8-e4m3")]
[FloatElement(4, 3, Specials = FloatSpecials.NanOnly)]
[Scale(ScaleType.E8M0, group: 32, Rule = ScaleRule.MxFloor)]
public readonly partial struct MxFp8E4M3;

/// <summary>OCP MXFP8, E5M2 (IEEE infinity and NaN). 8.25 bits.</summary>
[CompressedFormat("mxfp8-e5m2")]
[FloatElement(5, 2, Specials = FloatSpecials.Ieee)]
[Scale(ScaleType.E8M0, group: 32, Rule = ScaleRule.MxFloor)]
public readonly partial struct MxFp8E5M2;

/// <summary>OCP MXINT8: two's-complement bytes times 2^-6; −2 stays unused. 8.25 bits.</summary>
[CompressedFormat("mxint8")]
[IntElement(8, Code = IntCode.TwosComplement, FractionBits = 6)]
[Scale(ScaleType.E8M0, group: 32, Rule = ScaleRule.MxFloor)]
public readonly partial struct MxInt8;
