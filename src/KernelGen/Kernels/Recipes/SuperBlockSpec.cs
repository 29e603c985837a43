using System.ComponentModel;
using KernelGen.Kernels.Elements;

namespace KernelGen.Kernels.Recipes;

/// <summary>One plane of a super-block.</summary>
/// <param name="Offset">First byte in the block.</param>
/// <param name="Bits">Bits of every code that it holds: 1, 2, 4 or 8.</param>
/// <param name="Shift">Lowest of them in the code.</param>
/// <param name="Order">Where codes sit within a span.</param>
/// <param name="Span">Elements after which the plane's next bytes start; only Split order has spans.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record SpanPlane(int Offset, int Bits, int Shift, CodeOrder Order, int Span);

/// <summary>
/// A super-block as data: codes of one element each in planes, integer scales (and offsets) per group, one or two super-scales.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record SuperBlockSpec
{
    /// <summary>The format's name, for messages.</summary>
    public required string Name { get; init; }

    /// <summary>Codes and levels.</summary>
    public required ElementGrid Element { get; init; }

    /// <summary>Elements per group, a multiple of 16.</summary>
    public required int Group { get; init; }

    /// <summary>Groups per block.</summary>
    public required int Groups { get; init; }

    /// <summary>Bytes per block.</summary>
    public required int BlockBytes { get; init; }

    /// <summary>Type of the groups' scales and offsets: an integer type.</summary>
    public required ScaleType Scale { get; init; }

    /// <summary>First byte of the scales, which the offsets follow.</summary>
    public required int ScaleOffset { get; init; }

    /// <summary>How scales share bytes.</summary>
    public required SubScaleOrder Order { get; init; }

    /// <summary>Type of the super-scales.</summary>
    public required ScaleType Super { get; init; }

    /// <summary>First byte of what multiplies the scales.</summary>
    public required int SuperScaleOffset { get; init; }

    /// <summary>First byte of what multiplies the offsets; null without offsets.</summary>
    public int? SuperOffsetOffset { get; init; }

    /// <summary>Whether scales are searched for least error; otherwise they are those of the largest values.</summary>
    public bool MinimiseError { get; init; }

    /// <summary>The planes of codes, the lowest bits first.</summary>
    public required SpanPlane[] Planes { get; init; }

    /// <summary>What the search for scales has to know.</summary>
    internal SuperScaleSpec Search =>
        new()
        {
            Group = Group,
            Groups = Groups,
            Scale = Scale,
            HasOffset = SuperOffsetOffset is not null,
            Super = Super,
            MinimiseError = MinimiseError,
            Levels = [.. Element.Written.Select(level => (float)level)],
        };
}
