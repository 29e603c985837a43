using KernelGen.Kernels.Products;

namespace KernelGen.Formats.Corners;

// Super-blocks that reach what the built-in ones do not: planes in every order, whole bytes, offsets of either sign, all
// types of super-scales, elements that are no integers, absmax rules, vectors that cross nothing.

[CompressedFormat("corner-super-int7-lowfirst")]
[IntElement(7)]
[Scale(ScaleType.UInt4, group: 48, Rule = ScaleRule.MinimiseError)]
[SuperScale(ScaleType.BFloat16, groups: 6, Order = SubScaleOrder.Neighbours)]
[Layout(
    BlockField.Pairs,
    BlockField.SuperScale,
    BlockField.Nibbles,
    BlockField.Bits,
    BlockField.Scale,
    Nibbles = CodeOrder.LowFirst,
    Pairs = CodeOrder.HighFirst
)]
public readonly partial struct CornerSuperInt7;

[CompressedFormat("corner-super-int8-signed-offset")]
[IntElement(8, Code = IntCode.TwosComplement)]
[Scale(ScaleType.Int8, group: 32)]
[Offset(ScaleType.Int8)]
[SuperScale(ScaleType.Float32, groups: 3)]
public readonly partial struct CornerSuperInt8;

[CompressedFormat("corner-super-e2m1-signed-offset")]
[FloatElement(2, 1)]
[Scale(ScaleType.Int6, group: 16, Rule = ScaleRule.MinimiseError)]
[Offset(ScaleType.Int6)]
[SuperScale(ScaleType.Float32, groups: 4)]
[Layout(NibblesSpan = 32)]
public readonly partial struct CornerSuperE2M1;

[CompressedFormat("corner-super-int1")]
[IntElement(1, Levels = IntLevels.Midrise)]
[Scale(ScaleType.UInt6, group: 32, Rule = ScaleRule.MinimiseError)]
[SuperScale(ScaleType.Float16, groups: 4)]
[Layout(BitsSpan = 64)]
public readonly partial struct CornerSuperInt1;

[CompressedFormat("corner-super-affine-absmax")]
[IntElement(3, Levels = IntLevels.Unsigned)]
[Scale(ScaleType.UInt6, group: 16)]
[Offset(ScaleType.UInt6)]
[SuperScale(ScaleType.Float16, groups: 4, Order = SubScaleOrder.Folded)]
[Layout(Pairs = CodeOrder.HighFirst, Bits = CodeOrder.HighFirst)]
public readonly partial struct CornerSuperAffine;

[CompressedFormat("corner-super-narrow-spans")]
[IntElement(6, Levels = IntLevels.Midrise)]
[Scale(ScaleType.Int6, group: 16, Rule = ScaleRule.MinimiseError)]
[SuperScale(ScaleType.Float16, groups: 4)]
[Layout(NibblesSpan = 16, PairsSpan = 16)]
public readonly partial struct CornerSuperNarrow;

[CompressedFormat("corner-super-large")]
[Codebook(3f, -1f, 0f, 0.5f, -2f)]
[Scale(ScaleType.Int8, group: 128, Rule = ScaleRule.MinimiseError)]
[SuperScale(ScaleType.Float16, groups: 32)]
[Layout(BitsSpan = 1024, PairsSpan = 512)]
public readonly partial struct CornerSuperLarge;

[CompressedFormat("corner-super-scalar-only")]
[IntElement(4)]
[Scale(ScaleType.UInt8, group: 32)]
[SuperScale(ScaleType.Float16, groups: 2)]
[Targets(KernelTargets.Gpu)]
public readonly partial struct CornerSuperScalarOnly;
