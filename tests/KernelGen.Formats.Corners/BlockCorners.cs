using KernelGen.Kernels.Elements;

namespace KernelGen.Formats.Corners;

// Elements that code whole blocks, with what the built-in formats do not use: other scale types, rules, groups and layouts.

[CompressedFormat("corner-trellis1-f32-behind")]
[Trellis(1, states: 8192, Refinements = 0)]
[Scale(ScaleType.Float32, group: 32, Rule = ScaleRule.GaussianOptimal)]
[Layout(BlockField.Codes, BlockField.Scale)]
public readonly partial struct CornerTrellis1;

[CompressedFormat("corner-trellis4.25-g384-bf16")]
[Trellis(4.25, Refinements = 2)]
[Scale(ScaleType.BFloat16, group: 384, Rule = ScaleRule.MinimiseError)]
public readonly partial struct CornerTrellis425;

[CompressedFormat("corner-vq-2x64-g8-behind")]
[VectorCodebook(2, 64)]
[Scale(ScaleType.BFloat16, group: 8, Rule = ScaleRule.GaussianOptimal)]
[Layout(BlockField.Codes, BlockField.Scale)]
public readonly partial struct CornerVq2x64;

[CompressedFormat("corner-vq-4x4096-g24-f32")]
[VectorCodebook(4, 4096)]
[Scale(ScaleType.Float32, group: 24, Rule = ScaleRule.MinimiseError)]
public readonly partial struct CornerVq4x4096;

[CompressedFormat("corner-vq-1x16-g6")]
[VectorCodebook(1, 16)]
[Scale(ScaleType.Float16, group: 6, Rule = ScaleRule.MinimiseError)]
public readonly partial struct CornerVq1x16;

[CompressedFormat("corner-e8p-g8-gaussian")]
[E8P]
[Scale(ScaleType.Float32, group: 8, Rule = ScaleRule.GaussianOptimal)]
[Layout(BlockField.Codes, BlockField.Scale)]
public readonly partial struct CornerE8P2;

[CompressedFormat("corner-e8p3-g40")]
[E8P(3)]
[Scale(ScaleType.BFloat16, group: 40, Rule = ScaleRule.GaussianOptimal)]
[Layout(BlockField.Codes, BlockField.Scale)]
public readonly partial struct CornerE8P3;

[CompressedFormat("corner-e8p4-g512")]
[E8P(4)]
[Scale(ScaleType.Float32, group: 512, Rule = ScaleRule.MinimiseError)]
public readonly partial struct CornerE8P4;

[CompressedFormat("corner-ternary-base3-g97")]
[TernaryElement(TernaryCode.Base3)]
[Scale(ScaleType.BFloat16, group: 97, Rule = ScaleRule.GaussianOptimal)]
public readonly partial struct CornerTernaryBase3;

[CompressedFormat("corner-ternary-pairs-planes")]
[TernaryElement(TernaryCode.Pairs, 17, 3, 10)]
[Scale(ScaleType.Float32, group: 101, Rule = ScaleRule.MinimiseError, Use = ScaleUse.Unrounded)]
[Layout(BlockField.Scale, BlockField.Codes)]
public readonly partial struct CornerTernaryPairs;

[CompressedFormat("corner-ternary-neighbours-g48")]
[TernaryElement(TernaryCode.NeighbourPairs)]
[Scale(ScaleType.Float16, group: 48, Rule = ScaleRule.MinimiseError)]
[Layout(BlockField.Codes, BlockField.Scale)]
public readonly partial struct CornerTernaryNeighbours;

[CompressedFormat("corner-signs-g16")]
[SignElement]
[Scale(ScaleType.Float32, group: 16, Rule = ScaleRule.GaussianOptimal)]
[Layout(BlockField.Codes, BlockField.Scale)]
public readonly partial struct CornerSigns;
