using System.ComponentModel;

namespace KernelGen.Kernels.Elements;

/// <summary>A super-block as far as a search for its scales has to know it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record SuperScaleSpec
{
    /// <summary>Elements per group, a multiple of 16.</summary>
    public required int Group { get; init; }

    /// <summary>Groups per super-block.</summary>
    public required int Groups { get; init; }

    /// <summary>Type of the groups' scales and offsets: an integer type.</summary>
    public required ScaleType Scale { get; init; }

    /// <summary>Whether groups have offsets.</summary>
    public required bool HasOffset { get; init; }

    /// <summary>Type of the super-scales.</summary>
    public required ScaleType Super { get; init; }

    /// <summary>Whether scales are searched for least error; otherwise they are those of the largest values.</summary>
    public required bool MinimiseError { get; init; }

    /// <summary>The level of each code; NaN for codes that are not written.</summary>
    public required IReadOnlyList<float> Levels { get; init; }
}

/// <summary>The super-scales of a block, as they decode.</summary>
/// <param name="SuperScale">What multiplies the integer scales.</param>
/// <param name="SuperOffset">What multiplies the integer offsets; 0 without offsets.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly record struct SuperScales(float SuperScale, float SuperOffset);
