using System.ComponentModel;
using System.Runtime.CompilerServices;
using KernelGen.Kernels.Elements;

namespace KernelGen.Kernels.Recipes;

/// <summary>Where the scale of an element is found.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public enum ScaleSource
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>In the block, one a group.</summary>
    Group,

    /// <summary>In front of the row.</summary>
    Row,

    /// <summary>In front of the tensor.</summary>
    Tensor,
}

/// <summary>One plane of a block.</summary>
/// <param name="Bits">Bits of every code that it holds: 1, 2, 4, or a whole code of 8, 16 or 32.</param>
/// <param name="Shift">The lowest of them in the code.</param>
/// <param name="Order">Where the codes of a group sit.</param>
/// <param name="Offset">First byte in the block, of group 0.</param>
/// <param name="BytesPerGroup">Bytes of one group.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record CodePlane(int Bits, int Shift, CodeOrder Order, int Offset, int BytesPerGroup);

/// <summary>
/// A format whose codes stand for one weight each, as data: the element, the scale and its rule, the places in a block. The reference coder
/// and the choice of scales read nothing else, and <see cref="FormatInfo"/> is made of it.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed partial class ElementSpec
{
    /// <summary>The format's name, for messages.</summary>
    public required string Name { get; init; }

    /// <summary>Codes and levels.</summary>
    public required ElementGrid Element { get; init; }

    /// <summary>Elements per group.</summary>
    public required int Group { get; init; }

    /// <summary>Groups per block.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Bytes per block.</summary>
    public required int BlockBytes { get; init; }

    /// <summary>The planes of codes, the lowest bits first.</summary>
    public required CodePlane[] Planes { get; init; }

    /// <summary>Where the scale is.</summary>
    public ScaleSource Source { get; init; }

    /// <summary>The scale's type.</summary>
    public ScaleType Scale { get; init; }

    /// <summary>First byte of the scale of group 0 in a block.</summary>
    public int ScaleOffset { get; init; }

    /// <summary>How the scale is chosen.</summary>
    public ScaleRule Rule { get; init; }

    /// <summary>Whether codes are chosen by the scale before it is rounded to its type.</summary>
    public bool Unrounded { get; init; }

    /// <summary>The type of the offset that is added to a group's weights, or null.</summary>
    public ScaleType? Offset { get; init; }

    /// <summary>First byte of the offset of group 0 in a block.</summary>
    public int OffsetOffset { get; init; }

    /// <summary>Whether a scale of the tensor multiplies the groups' scales.</summary>
    public bool HasTensorScale { get; init; }

    /// <summary>The scale of least error over a Gaussian, in units of the RMS, for the rule that uses it.</summary>
    public double GaussianScale { get; init; }

    /// <summary>Elements per block.</summary>
    public int Block => Group * Groups;

    /// <summary>Bytes in front of each row.</summary>
    public int RowHeaderBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Source == ScaleSource.Row ? ScaleCodec.Bytes(Scale) : 0;
    }

    /// <summary>Whether packing searches for a scale of least error, which the importance of columns can weigh.</summary>
    public bool Searches => Source == ScaleSource.Group && Rule is ScaleRule.MinimiseError or ScaleRule.SignedMaxRefit;

    /// <summary>Whether scales follow from a few statistics, so that those of 16 groups are chosen side by side.</summary>
    public bool PacksTiles => Source == ScaleSource.Group && !Searches && (Offset is not null || Rule != ScaleRule.GaussianOptimal);

    /// <summary>The format's description.</summary>
    /// <param name="family">Family for capacity coefficients.</param>
    /// <param name="stages">The declaration in words.</param>
    public FormatInfo Describe(string family, params FormatStage[] stages) =>
        new()
        {
            Name = Name,
            Family = family,
            ElementBits = Element.Bits,
            Group = Source switch
            {
                ScaleSource.None => 0,
                ScaleSource.Row => ScaleGroup.Row,
                ScaleSource.Tensor => ScaleGroup.Tensor,
                _ => Group,
            },
            Block = Block,
            BlockBytes = BlockBytes,
            RowHeaderBytes = RowHeaderBytes,
            TensorHeader =
                HasTensorScale ? ScaleType.Float32
                : Source == ScaleSource.Tensor ? Scale
                : null,
            HoldsNonFinite = Element.HoldsNonFinite,
            HonoursImportance = Searches,
            GaussianScale = Rule == ScaleRule.GaussianOptimal && Source is ScaleSource.Row or ScaleSource.Tensor ? GaussianScale : null,
            Stages = stages,
            Levels = [.. Element.Written.Select(level => (float)level)],
        };
}
