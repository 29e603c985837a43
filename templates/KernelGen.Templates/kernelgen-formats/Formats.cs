using KernelGen;

namespace Formats;

/// <summary>4-bit integers, one float16 scale per 32 weights: 4.5 bits per weight.</summary>
[CompressedFormat("my-int4")]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 32)]
public readonly partial struct MyInt4;

/// <summary>The eight best levels for Gaussian weights, one float16 scale per 64 weights: 3.25 bits per weight.</summary>
[CompressedFormat("my-code3")]
[Codebook(-2.152f, -1.344f, -0.756f, -0.245f, 0.245f, 0.756f, 1.344f, 2.152f)]
[Scale(ScaleType.Float16, group: 64, Rule = ScaleRule.MinimiseError)]
public readonly partial struct MyCode3;
