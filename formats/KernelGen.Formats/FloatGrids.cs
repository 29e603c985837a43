namespace KernelGen.Formats;

// Small floats with one scale per tensor, optimal for Gaussian weights: for comparing grids. Every code is a finite
// number and subnormals are kept; the optimal scales are computed by the generator.

/// <summary>E2M1, one scale per tensor. 4 bits.</summary>
[CompressedFormat("e2m1")]
[FloatElement(2, 1)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct E2M1;

/// <summary>E1M2, one scale per tensor. 4 bits.</summary>
[CompressedFormat("e1m2")]
[FloatElement(1, 2)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct E1M2;

/// <summary>E3M0, one scale per tensor. 4 bits.</summary>
[CompressedFormat("e3m0")]
[FloatElement(3, 0)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct E3M0;

/// <summary>E3M2, one scale per tensor. 6 bits.</summary>
[CompressedFormat("e3m2")]
[FloatElement(3, 2)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct E3M2;

/// <summary>E2M3, one scale per tensor. 6 bits.</summary>
[CompressedFormat("e2m3")]
[FloatElement(2, 3)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct E2M3;

/// <summary>E4M1, one scale per tensor. 6 bits.</summary>
[CompressedFormat("e4m1")]
[FloatElement(4, 1)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct E4M1;

/// <summary>E6M1, one scale per tensor. 8 bits.</summary>
[CompressedFormat("e6m1")]
[FloatElement(6, 1)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct E6M1;

/// <summary>E5M2, one scale per tensor. 8 bits.</summary>
[CompressedFormat("e5m2")]
[FloatElement(5, 2)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct E5M2;

/// <summary>E4M3, one scale per tensor. 8 bits.</summary>
[CompressedFormat("e4m3")]
[FloatElement(4, 3)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct E4M3;

/// <summary>E3M4, one scale per tensor. 8 bits.</summary>
[CompressedFormat("e3m4")]
[FloatElement(3, 4)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct E3M4;

/// <summary>E2M5, one scale per tensor. 8 bits.</summary>
[CompressedFormat("e2m5")]
[FloatElement(2, 5)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct E2M5;
