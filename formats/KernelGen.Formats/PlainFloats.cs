namespace KernelGen.Formats;

// The usual types, through the same machinery: no scale, NaN and infinity are kept.

/// <summary>IEEE 754 binary16. 16 bits.</summary>
[CompressedFormat("f16")]
[FloatElement(5, 10, Specials = FloatSpecials.Ieee)]
public readonly partial struct PlainF16;

/// <summary>bfloat16. 16 bits.</summary>
[CompressedFormat("bf16")]
[FloatElement(8, 7, Specials = FloatSpecials.Ieee)]
public readonly partial struct PlainBF16;

/// <summary>IEEE 754 binary32. 32 bits.</summary>
[CompressedFormat("f32")]
[FloatElement(8, 23, Specials = FloatSpecials.Ieee)]
public readonly partial struct PlainF32;
