namespace KernelGen.Formats;

// A few of the largest weights in 16 bits, the rest under tighter scales.

/// <summary>Integers −3…3 in groups of 32, the largest 1 % of every row in binary16. 3.7539 bits.</summary>
[CompressedFormat("int3-g32-outliers1")]
[Outliers(0.01, ScaleType.Float16)]
[IntElement(3)]
[Scale(ScaleType.Float16, group: 32, Rule = ScaleRule.MinimiseError)]
public readonly partial struct Int3G32Outliers1;

/// <summary>The same with the 3 largest of every 256 weights: blocks that can be read by themselves. 3.78125 bits.</summary>
[CompressedFormat("int3-g32-outliers1-block")]
[Outliers(0.01, ScaleType.Float16, Scope = SelectionScope.Block)]
[IntElement(3)]
[Scale(ScaleType.Float16, group: 32, Rule = ScaleRule.MinimiseError)]
[Layout(Groups = 8)]
public readonly partial struct Int3G32Outliers1Block;
