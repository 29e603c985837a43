using ILGPU;

namespace KernelGen.Gpu;

/// <summary>The numbers of a repacked matrix and of a launch.</summary>
public struct GpuShape
{
    /// <summary>Weights of a unit, the piece that a thread decodes at a time.</summary>
    public const int Unit = 32;

    /// <summary>Units between two counts of what lies in front: of kept weights, and of outliers, whose places are within these 256 columns.</summary>
    public const int Span = 8;

    /// <summary>Rows.</summary>
    public int Rows;

    /// <summary>Columns that are written by unpacking.</summary>
    public int Columns;

    /// <summary>Units of a row.</summary>
    public int Units;

    /// <summary>Spans of a row.</summary>
    public int Spans;

    /// <summary>Words of a row's codes, where those of kept weights lie side by side.</summary>
    public int RowWords;

    /// <summary>Where in <see cref="GpuSource.Extra"/> the numbers of kept weights in front of spans begin.</summary>
    public long Ranks;

    /// <summary>Where in <see cref="GpuSource.Extra"/> the places of the first outliers of spans begin.</summary>
    public long Outliers;

    /// <summary>Groups of a row, those of the last unit included.</summary>
    public int Groups;

    /// <summary>Blocks of a row, those of the last unit included.</summary>
    public int Blocks;

    /// <summary>Quadruples of an activation vector, see <see cref="XIndex"/>.</summary>
    public int XStride;

    /// <summary>Activation vectors.</summary>
    public int Batch;

    /// <summary>The tensor's scale, 1 if it has none.</summary>
    public float TensorScale;

    /// <summary>
    /// Where the first quadruple of a unit's activations is; the next seven follow 32 apart. Thirty-two units are stored so
    /// that the lanes of a warp, each with a unit of its own, read neighbouring quadruples.
    /// </summary>
    /// <param name="unit">The unit.</param>
    public static int XIndex(int unit) => (unit >> 5) * 256 + (unit & 31);

    /// <summary>Records of eight binary16 numbers of an activation vector: whole pairs of units.</summary>
    /// <param name="units">Units of a row.</param>
    public static int HalfStride(int units) => (units + 1) / 2 * 8;
}

/// <summary>The arrays of a repacked matrix; those that a format does not use have one element.</summary>
public struct GpuSource
{
    /// <summary>Codes in records of 16 bytes.</summary>
    public ArrayView<U4> Quads;

    /// <summary>Codes in records of 8 bytes.</summary>
    public ArrayView<U2> Pairs;

    /// <summary>Codes in other records.</summary>
    public ArrayView<uint> Words;

    /// <summary>Masks or patterns; ranks; outliers.</summary>
    public ArrayView<uint> Extra;

    /// <summary>Scales and offsets of 4 bytes.</summary>
    public ArrayView<float> Floats;

    /// <summary>Scales and offsets of 2 bytes.</summary>
    public ArrayView<ushort> Halves;

    /// <summary>Scales and offsets of 1 byte.</summary>
    public ArrayView<byte> Bytes;

    /// <summary>Levels by code, or entries of a codebook.</summary>
    public ArrayView<float> Table;

    /// <summary>Levels by code in shared memory, for formats with <see cref="IGpuFormat.TableLevels"/>.</summary>
    public ArrayView<float> Levels;

    /// <summary>The row, where the arrays are those of one.</summary>
    public int Row;

    /// <summary>The arrays.</summary>
    /// <param name="quads">Codes in records of 16 bytes.</param>
    /// <param name="pairs">Codes in records of 8 bytes.</param>
    /// <param name="words">Codes in other records.</param>
    /// <param name="extra">Masks or patterns; ranks; outliers.</param>
    /// <param name="floats">Scales of 4 bytes.</param>
    /// <param name="halves">Scales of 2 bytes.</param>
    /// <param name="bytes">Scales of 1 byte.</param>
    /// <param name="table">Levels.</param>
    /// <param name="levels">The same in shared memory.</param>
    public GpuSource(
        ArrayView<U4> quads,
        ArrayView<U2> pairs,
        ArrayView<uint> words,
        ArrayView<uint> extra,
        ArrayView<float> floats,
        ArrayView<ushort> halves,
        ArrayView<byte> bytes,
        ArrayView<float> table,
        ArrayView<float> levels
    )
    {
        Quads = quads;
        Pairs = pairs;
        Words = words;
        Extra = extra;
        Floats = floats;
        Halves = halves;
        Bytes = bytes;
        Table = table;
        Levels = levels;
        Row = 0;
    }
}
