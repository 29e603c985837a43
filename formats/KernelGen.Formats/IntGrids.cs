namespace KernelGen.Formats;

// Integer grids with one scale per tensor, optimal for Gaussian weights: for comparing grids. Levels ±½, ±1½, … as in
// QuEST (Panferov et al. 2025); the optimal scales are computed by the generator.

/// <summary>One bit: the sign, one scale per tensor. 1 bit.</summary>
[CompressedFormat("int1")]
[IntElement(1, Levels = IntLevels.Midrise)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct Int1;

/// <summary>4 levels, one scale per tensor. 2 bits.</summary>
[CompressedFormat("int2")]
[IntElement(2, Levels = IntLevels.Midrise)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct Int2;

/// <summary>8 levels, one scale per tensor. 3 bits.</summary>
[CompressedFormat("int3")]
[IntElement(3, Levels = IntLevels.Midrise)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct Int3;

/// <summary>16 levels, one scale per tensor. 4 bits.</summary>
[CompressedFormat("int4")]
[IntElement(4, Levels = IntLevels.Midrise)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct Int4;

/// <summary>32 levels, one scale per tensor. 5 bits.</summary>
[CompressedFormat("int5")]
[IntElement(5, Levels = IntLevels.Midrise)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct Int5;

/// <summary>64 levels, one scale per tensor. 6 bits.</summary>
[CompressedFormat("int6")]
[IntElement(6, Levels = IntLevels.Midrise)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct Int6;

/// <summary>128 levels, one scale per tensor. 7 bits.</summary>
[CompressedFormat("int7")]
[IntElement(7, Levels = IntLevels.Midrise)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct Int7;

/// <summary>256 levels, one scale per tensor. 8 bits.</summary>
[CompressedFormat("int8")]
[IntElement(8, Levels = IntLevels.Midrise)]
[Scale(ScaleType.Float32, ScaleGroup.Tensor, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct Int8;
