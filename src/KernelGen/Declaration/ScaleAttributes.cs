namespace KernelGen;

/// <summary>Group sizes that are not a number of elements.</summary>
public static class ScaleGroup
{
    /// <summary>One scale per row.</summary>
    public const int Row = -1;

    /// <summary>One scale for the whole tensor.</summary>
    public const int Tensor = -2;
}

/// <summary>One stored scale per group of consecutive columns: weight = level · scale (+ offset).</summary>
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

/// <summary>One stored offset per group, added after scaling: weight = level · scale + offset.</summary>
/// <param name="type">The type the offset is stored in: Float32, Float16 or BFloat16.</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class OffsetAttribute(ScaleType type) : Attribute
{
    /// <summary>The type the offset is stored in.</summary>
    public ScaleType Type { get; } = type;
}

/// <summary>
/// A second-level scale, one float32 for the tensor, by which the group scales are <em>multiplied</em>:
/// weight = level · (group scale · tensor scale). It is chosen so that the largest group scale fills its type:
/// max|x| / (top · largest value of the group scale's type). NVFP4's two-level form.
/// </summary>
/// <param name="type">The type it is stored in: Float32.</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class TensorScaleAttribute(ScaleType type) : Attribute
{
    /// <summary>The type it is stored in.</summary>
    public ScaleType Type { get; } = type;
}
