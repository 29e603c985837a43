namespace KernelGen;

/// <summary>Group sizes that are not a number of elements.</summary>
public static class ScaleGroup
{
    /// <summary>One scale per row.</summary>
    public const int Row = -1;

    /// <summary>One scale for the whole tensor.</summary>
    public const int Tensor = -2;
}

/// <summary>
/// One stored scale per group of consecutive columns of a row: weight = level · scale (+ offset). It costs its bits / group per weight:
/// <c>[Scale(ScaleType.Float16, group: 32)]</c> adds 0.5, <c>[Scale(ScaleType.E8M0, group: 32, Rule = ScaleRule.MxFloor)]</c> adds 0.25.
/// Smaller groups have less error.
/// </summary>
/// <param name="type">The type the scale is stored in.</param>
/// <param name="group">Elements per scale, 1 or more; or <see cref="ScaleGroup.Row"/> or <see cref="ScaleGroup.Tensor"/>.</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class ScaleAttribute(ScaleType type, int group) : Attribute
{
    /// <summary>The type the scale is stored in.</summary>
    public ScaleType Type { get; } = type;

    /// <summary>Elements per scale, or one of <see cref="ScaleGroup"/>.</summary>
    public int Group { get; } = group;

    /// <summary>How the scale is chosen. Default: <see cref="ScaleRule.AbsMax"/>.</summary>
    public ScaleRule Rule { get; set; } = ScaleRule.AbsMax;

    /// <summary>Which form of the scale divides the values when codes are chosen. Default: the stored one.</summary>
    public ScaleUse Use { get; set; } = ScaleUse.Stored;
}

/// <summary>
/// One stored offset per group, the smallest value of it: weight = level · scale + offset, for unsigned levels.
/// <c>[IntElement(4, Levels = IntLevels.Unsigned)] [Scale(ScaleType.Float16, group: 32)] [Offset(ScaleType.Float16)]</c> stores 5 bits per
/// weight, of which the offset is 16 / 32. It pays where groups are not centred on zero.
/// </summary>
/// <param name="type">The type the offset is stored in: Float32, Float16 or BFloat16.</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class OffsetAttribute(ScaleType type) : Attribute
{
    /// <summary>The type the offset is stored in.</summary>
    public ScaleType Type { get; } = type;
}

/// <summary>
/// A second scale, one float32 for the whole tensor, that multiplies the group scales: weight = level · (group scale · tensor scale).
/// It lets scales of 8 bits reach any magnitude, for no bits per weight: NVFP4 is
/// <c>[FloatElement(2, 1)] [Scale(ScaleType.E4M3, group: 16)] [TensorScale(ScaleType.Float32)]</c>, 4.5 bits. It is chosen so that the
/// largest group scale fills its type: max|x| / (top · largest value of the group scale's type).
/// </summary>
/// <param name="type">The type it is stored in: Float32.</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class TensorScaleAttribute(ScaleType type) : Attribute
{
    /// <summary>The type it is stored in.</summary>
    public ScaleType Type { get; } = type;
}

/// <summary>
/// The group scales, and offsets if there are any, are integers under one scale per super-block of several groups, as in ggml's K-quants:
/// weight = level · (super-scale · scale) − super-offset · offset. <c>[Scale(ScaleType.UInt6, group: 32)]</c> under
/// <c>[SuperScale(ScaleType.Float16, groups: 8)]</c> costs 6/32 + 16/256 = 0.25 bits per weight, where a Float16 scale costs 0.5. The
/// declared <see cref="ScaleType"/> of scales and offsets is an integer one then, the same for both.
/// With <see cref="ScaleRule.MinimiseError"/> scales, integers and super-scales are searched together for least squared error under what is
/// stored; with <see cref="ScaleRule.AbsMax"/> each level takes the largest value of the level below, as double quantisation does. A
/// super-scale that its type cannot hold saturates, or is flushed to zero with all its weights.
/// </summary>
/// <param name="type">The type that super-scales and super-offsets are stored in: Float32, Float16 or BFloat16.</param>
/// <param name="groups">Groups in a super-block, 2 or more; a super-block is a stored block of up to 4096 elements.</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class SuperScaleAttribute(ScaleType type, int groups) : Attribute
{
    /// <summary>The type that super-scales and super-offsets are stored in.</summary>
    public ScaleType Type { get; } = type;

    /// <summary>Groups in a super-block.</summary>
    public int Groups { get; } = groups;

    /// <summary>How the integer scales share bytes. Default: <see cref="SubScaleOrder.Split"/>.</summary>
    public SubScaleOrder Order { get; set; } = SubScaleOrder.Split;
}
