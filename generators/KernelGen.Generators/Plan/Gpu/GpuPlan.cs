using KernelGen.Generators.Model;
using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Plan.Gpu;

/// <summary>How a device decodes a code.</summary>
internal enum GpuLevelKind
{
    /// <summary>Convert the integer and subtract the zero point.</summary>
    Integer,

    /// <summary>Look it up in a small table in shared memory.</summary>
    Table,

    /// <summary>Bits of a binary16, bfloat16 or binary32.</summary>
    Float,

    /// <summary>Bits of a float of at most 8 bits, moved to their places.</summary>
    SmallFloat,

    /// <summary>An entry of a codebook in device memory.</summary>
    Entry,

    /// <summary>A point of E8P, in one stage or two.</summary>
    Lattice,

    /// <summary>A window of a ring of bits, looked up in device memory.</summary>
    Ring,
}

/// <summary>Which weights of a unit a code belongs to.</summary>
internal enum GpuMaskKind
{
    None,

    /// <summary>n of every m: the codes of m weights start at a fixed place.</summary>
    Pattern,

    /// <summary>Any: the codes of a row lie side by side, and a weight's is found by counting the marks in front of it.</summary>
    Ranked,
}

/// <summary>A plane of a stored block, for repacking.</summary>
internal sealed record GpuPlanePlan(int Bits, int Shift, CodeOrder Order, int Span, int Offset);

/// <summary>Where codes come from: planes of an inner block, ternary digits, or codes side by side.</summary>
internal sealed record GpuCodesPlan(
    int Count,
    int Bytes,
    EquatableArray<GpuPlanePlan> Planes,
    EquatableArray<(int First, int Count, int Offset, int Bytes, int Digits)> Trits,
    int BitOffset,
    int Bits,
    int SecondOffset,
    int SecondBits
)
{
    /// <summary>Whether ternary weights have two bits of a byte each, not digits.</summary>
    public bool TritPairs { get; init; }
}

/// <summary>A field of scales: its type, first byte, how many in an inner block of how many bytes.</summary>
internal sealed record GpuScalePlan(ScaleType Type, int Offset, int PerBlock, int BlockBytes)
{
    public int Bytes => new ScalePlan(Type, 0).Bytes;
}

/// <summary>
/// Outliers, of a block or of a row: those of a block take the place of what its codes stand for, those of a row are added to it.
/// </summary>
internal sealed record GpuOutlierPlan(ScaleType Type, bool Adds)
{
    /// <summary>Of a block: how many, and their first byte.</summary>
    public (int Count, int Offset) Stored { get; init; }

    /// <summary>Of a block: the code of zero, which their places get.</summary>
    public int ZeroCode { get; init; }
}

/// <summary>Everything that the emitter of GPU kernels prints.</summary>
internal sealed record GpuPlan(FormatModel Model)
{
    /// <summary>Weights that a thread decodes at a time.</summary>
    public const int Unit = 32;

    public int Block { get; init; }

    public int BlockBytes { get; init; }

    public GpuLevelKind Kind { get; init; }

    public ElementModel Element { get; init; } = null!;

    public GpuCodesPlan? Codes { get; init; }

    /// <summary>Codes of a unit, 0 where they are stored by the row.</summary>
    public int CodesPerUnit { get; init; }

    /// <summary>Bits and shift of each array of codes.</summary>
    public EquatableArray<(int Bits, int Shift)> Fields { get; init; }

    /// <summary>Codes of a block, where they are stored by the row.</summary>
    public int CodesPerBlock { get; init; }

    public ScaleSource Source { get; init; }

    /// <summary>Weights of a group; 0 without group scales.</summary>
    public int Group { get; init; }

    public GpuScalePlan? Scale { get; init; }

    public GpuScalePlan? Offset { get; init; }

    public SuperScalePlan? Super { get; init; }

    public GpuMaskKind Mask { get; init; }

    public SparsePlan? Sparse { get; init; }

    /// <summary>Whether a row's mask stands in front of its blocks, which hold what is kept of the row.</summary>
    public bool MasksRows { get; init; }

    /// <summary>Kept weights that share a scale, where groups are counted among those; else 0, and groups are columns.</summary>
    public int KeptGroup { get; init; }

    public GpuOutlierPlan? Outliers { get; init; }

    /// <summary>Level of every code, for tables.</summary>
    public EquatableArray<double> Levels { get; init; }

    /// <summary>First byte and bits of a ring.</summary>
    public (int Offset, int Bits) Ring { get; init; }

    /// <summary>Neighbouring weights of a unit that share a scale.</summary>
    public int Run => Group == 0 ? Unit : Divisor(Group, Unit);

    /// <summary>
    /// Whether decoding scales each kept weight: groups are no runs of columns, or those that are dropped would get offsets.
    /// </summary>
    public bool ScalesKept => HasScale && Mask == GpuMaskKind.Ranked && (HasOffset || KeptGroup > 0);

    /// <summary>Whether sums are scaled run by run; runs that cut quadruples scale every weight instead.</summary>
    public bool ScalesRuns => Run % 4 == 0 && !ScalesKept;

    /// <summary>
    /// Whether tensor units may multiply levels: all of them are binary16 numbers, and a scale, without an offset, holds for 16
    /// columns at least. Outliers are no levels.
    /// </summary>
    public bool HasHalfLevels =>
        !HasOffset
        && !ScalesKept
        && Outliers is null
        && Run % (Unit / 2) == 0
        && (Kind, Element) switch
        {
            (GpuLevelKind.Lattice, LatticeElementModel lattice) => lattice.Bits == 2, // coordinates are multiples of a quarter
            (GpuLevelKind.Float, FloatElementModel { Exponent: <= 5, Mantissa: <= 10 }) => true,
            (GpuLevelKind.Integer, SignElementModel or TernaryElementModel) => true,
            (GpuLevelKind.Integer or GpuLevelKind.Table or GpuLevelKind.SmallFloat, _) => Levels.All(IsHalf),
            _ => false,
        };

    public bool HasScale => Source != ScaleSource.None || Super is not null;

    public bool HasOffset => Offset is not null || Super is { HasOffset: true };

    /// <summary>11 bits from the highest to the lowest, none below 2⁻²⁴, none above 65504.</summary>
    private static bool IsHalf(double level)
    {
        if (double.IsNaN(level) || double.IsInfinity(level))
        {
            return true;
        }
        double magnitude = Math.Abs(level);
        double step = 1 / 16777216.0;
        while (magnitude / step >= 2048)
        {
            step *= 2;
        }
        return magnitude <= 65504 && magnitude / step == Math.Floor(magnitude / step);
    }

    private static int Divisor(int a, int b) => b == 0 ? a : Divisor(b, a % b);
}
