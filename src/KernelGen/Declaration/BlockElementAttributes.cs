using KernelGen.Kernels.Elements;

namespace KernelGen;

// Elements whose codes do not each mean one weight. All of them are coded in units of a scale per group, which is
// also the stored block: [Scale(ScaleType.Float16, group: 256, Rule = ScaleRule.GaussianOptimal)]. GaussianOptimal takes
// the multiple of the RMS that is best for Gaussian weights; MinimiseError tries a few of them, larger ones where there are
// outliers, and refits the scale to the codes by least squares.

/// <summary>
/// Elements are steps through a bitshift trellis with a Gaussian code: the least error of all elements at the same bits, and the slowest
/// to pack (time is proportional to <paramref name="states"/>). <c>[Trellis(2)]</c> under
/// <c>[Scale(ScaleType.Float16, group: 256, Rule = ScaleRule.GaussianOptimal)]</c> stores 2.0625 bits per weight.
/// See <see cref="TrellisSpec"/>.
/// </summary>
/// <param name="bits">Bits per weight, 1 to 4.25 in steps of 1/16.</param>
/// <param name="states">States of the trellis: 4096, 8192, 16384, 32768 or 65536; each doubling lowers the error by 1–2 %.</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class TrellisAttribute(double bits, int states = 4096) : Attribute
{
    /// <summary>Bits per weight without the scale.</summary>
    public double Bits { get; } = bits;

    /// <summary>States of the trellis.</summary>
    public int States { get; } = states;

    /// <summary>Searches of a block after the first, 0 to 8; the first of them is worth 1–2 % of the error at 2 bits. Default 1.</summary>
    public int Refinements { get; set; } = 1;
}

/// <summary>
/// Each <paramref name="dimension"/> neighbouring weights become the index of the nearest entry of a Gaussian-optimal grid, packed without
/// gaps: log₂(entries) / dimension bits per weight. <c>[VectorCodebook(2, 256)]</c> is 4 bits per weight, plus the scale of its group.
/// See <see cref="GaussianGrids"/>.
/// </summary>
/// <param name="dimension">Neighbouring weights per code: 1, 2 or 4.</param>
/// <param name="entries">Entries of the grid. Known (dimension, entries): (1,16) (2,16) (2,64) (2,256) (4,16) (4,256) (4,4096).</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class VectorCodebookAttribute(int dimension, int entries) : Attribute
{
    /// <summary>Elements per code.</summary>
    public int Dimension { get; } = dimension;

    /// <summary>Entries of the grid.</summary>
    public int Entries { get; } = entries;
}

/// <summary>
/// Each eight neighbouring weights become a point of the E8 lattice in 16 bits: 2 bits per weight; 3 and 4 bits add a second stage that
/// codes what is left. <c>[E8P]</c> under a Float16 scale per 256 stores 2.0625 bits per weight. See <see cref="Kernels.Elements.E8P"/>.
/// </summary>
/// <param name="bits">Bits per weight: 2, 3 or 4.</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class E8PAttribute(int bits = 2) : Attribute
{
    /// <summary>Bits per weight without the scale.</summary>
    public int Bits { get; } = bits;
}

/// <summary>
/// Elements are −1, 0 and 1, in 1.6 bits (<see cref="TernaryCode.Base3"/>) or 2 bits per weight plus the scale of the group.
/// <c>[TernaryElement(TernaryCode.Base3)]</c> under a Float16 scale per 256 stores 1.6875 bits per weight. Weights that are ternary already
/// keep their values with <see cref="ScaleRule.AbsMax"/>; MinimiseError finds the best scale exactly.
/// </summary>
/// <param name="code">How elements are written in bytes.</param>
/// <param name="planes">
/// Bytes of the planes of a block, one plane of all elements if none are given. A plane of s bytes holds elements j, j + s,
/// j + 2s … in byte j; every plane but the last is full.
/// </param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class TernaryElementAttribute(TernaryCode code, params int[] planes) : Attribute
{
    /// <summary>How elements are written in bytes.</summary>
    public TernaryCode Code { get; } = code;

    /// <summary>Bytes of the planes of a block.</summary>
    public int[] Planes { get; } = planes;
}

/// <summary>
/// Elements are signs, ±1: one bit per weight, 1 for zero and above, plus the scale of the group. <c>[SignElement]</c> under a Float16
/// scale per 128 stores 1.125 bits per weight. MinimiseError takes the mean magnitude as the scale, which is exactly best;
/// GaussianOptimal takes √(2/π) of the RMS.
/// </summary>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class SignElementAttribute : Attribute;
