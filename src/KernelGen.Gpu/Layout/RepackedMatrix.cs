using System.Runtime.InteropServices;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;

namespace KernelGen.Gpu;

/// <summary>A matrix in the arrays that kernels read.</summary>
internal sealed class RepackedMatrix
{
    private readonly GpuLayout _layout;
    private readonly FormatInfo _info;
    private readonly RepackedMask? _mask;
    private readonly OutlierSpans? _outliers;
    private readonly int _columns,
        _blocks;

    public RepackedMatrix(GpuLayout layout, FormatInfo info, ReadOnlyMemory<byte> packed, int rows, int columns)
    {
        (_layout, _info) = (layout, info);
        int padded = layout.Rotation == 0 ? columns : (columns + layout.Rotation - 1) / layout.Rotation * layout.Rotation;
        int units = (padded + GpuShape.Unit - 1) / GpuShape.Unit,
            covered = units * GpuShape.Unit;
        _columns = checked((int)info.Blocks(columns) * info.Block);
        _blocks = _columns / layout.Block;
        var shape = new GpuShape
        {
            Rows = rows,
            Columns = padded,
            Units = units,
            Spans = (units + GpuShape.Span - 1) / GpuShape.Span,
            // a unit reads the groups of its first kept weight and the next one, which at the end of a row there is not
            Groups = layout.Group == 0 ? 0 : (covered + layout.Group - 1) / layout.Group + (layout.MasksRows ? 2 : 0),
            Blocks = (covered + layout.Block - 1) / layout.Block,
            XStride = (units + 31) / 32 * 256,
            TensorScale = info.TensorHeader is { } type ? ScaleCodec.Read(type, packed.Span) : 1f,
        };
        bool masked = layout.Mask is not null || layout.MasksRows;
        if (layout.CodesPerBlock > 0)
        {
            shape.RowWords = checked(_blocks * layout.CodesPerBlock * layout.Fields[0].Bits + 31) / 32;
            shape.Ranks = (long)rows * units;
        }
        Shape = shape;
        Table = layout.Table?.Invoke() ?? [];
        _mask = masked ? new RepackedMask(layout, shape) : null;
        _outliers = layout.Outliers is not null || info.RowOutliers is not null ? new OutlierSpans(rows, shape.Spans) : null;
        Allocate();
        int rowBytes = info.RowBytes(columns),
            header = info.TensorHeaderBytes;
        Parallel.For(0, rows, row => Repack(row, packed.Span.Slice(header + row * rowBytes, rowBytes)));
        Extra = _mask?.ToWords() ?? layout.Patterns?.Invoke() ?? [];
        if (_outliers is not null)
        {
            shape.Outliers = Extra.Length;
            Extra = [.. Extra, .. _outliers.ToWords(Extra.Length)];
            Shape = shape;
        }
    }

    public GpuShape Shape { get; private set; }

    public uint[] Quads { get; private set; } = [];

    public uint[] Pairs { get; private set; } = [];

    public uint[] Words { get; private set; } = [];

    public uint[] Extra { get; private set; } = [];

    public float[] Floats { get; private set; } = [];

    public ushort[] Halves { get; private set; } = [];

    public byte[] Bytes { get; private set; } = [];

    public float[] Table { get; }

    /// <summary>Bytes that the arrays take on a device, by array so that none is larger than a device's largest allocation unnoticed.</summary>
    public long DeviceBytes =>
        4L * (Quads.Length + Pairs.Length + Words.Length + Extra.Length + Floats.Length + Table.Length) + 2L * Halves.Length + Bytes.Length;

    private static int Size(ScaleType type) => ScaleCodec.Bytes(type);

    private void Allocate()
    {
        long records = (long)Shape.Rows * Shape.Units,
            groups = (long)Shape.Rows * Shape.Groups,
            blocks = (long)Shape.Rows * Shape.Blocks;
        foreach (GpuField field in _layout.CodesPerUnit > 0 ? _layout.Fields : [])
        {
            int words = WordsOf(field);
            SetRecords(words, new uint[checked(records * words)]);
        }
        if (_layout.RingBits > 0)
        {
            Words = new uint[checked(blocks * _layout.RingWords)];
        }
        else if (_layout.CodesPerBlock > 0)
        {
            Words = new uint[(long)Shape.Rows * Shape.RowWords];
        }
        if (_layout.RowScale is { } rowScale)
        {
            Grow(rowScale, Shape.Rows);
        }
        if (_layout.Scale is { } scale)
        {
            bool together = _layout.Offset is { } offset && Size(offset.Type) == Size(scale.Type);
            Grow(scale.Type, groups * (together ? 2 : 1));
            if (_layout.Offset is { } apart && !together)
            {
                Grow(apart.Type, groups);
            }
        }
        if (_layout.SubScales is { } sub)
        {
            int each = sub.HasOffsets ? 2 : 1;
            Bytes = new byte[checked(groups * each)];
            Grow(sub.Super, blocks * each);
        }
    }

    private int WordsOf(GpuField field) => _layout.CodesPerUnit * field.Bits / 32;

    private void SetRecords(int words, uint[] array)
    {
        switch (words)
        {
            case 2:
                Pairs = array;
                break;
            case var _ when words % 4 == 0:
                Quads = array;
                break;
            default:
                Words = array;
                break;
        }
    }

    private uint[] RecordsOf(int words) =>
        words == 2 ? Pairs
        : words % 4 == 0 ? Quads
        : Words;

    private void Grow(ScaleType type, long count)
    {
        switch (Size(type))
        {
            case 4:
                Floats = new float[checked(count)];
                break;
            case 2:
                Halves = new ushort[checked(count)];
                break;
            default:
                Bytes = new byte[checked(count)];
                break;
        }
    }

    private void Store(ScaleType type, long index, ReadOnlySpan<byte> bytes)
    {
        switch (Size(type))
        {
            case 4:
                Floats[index] = MemoryMarshal.Read<float>(bytes);
                break;
            case 2:
                Halves[index] = MemoryMarshal.Read<ushort>(bytes);
                break;
            default:
                Bytes[index] = bytes[0];
                break;
        }
    }

    /// <summary>What lies in front of a row's blocks, then the blocks.</summary>
    private void Repack(int row, ReadOnlySpan<byte> bytes)
    {
        if (_info.RowOutliers is { } outliers)
        {
            StoreOutliers(row, outliers, bytes);
            bytes = bytes[(int)outliers.Bytes(_columns)..];
        }
        if (_layout.MasksRows)
        {
            int bitmap = _blocks * _layout.Block / 8;
            _mask!.StoreRow(row, bytes[..bitmap], _blocks * _layout.CodesPerBlock);
            bytes = bytes[bitmap..];
        }
        if (_layout.RowScale is { } rowScale)
        {
            Store(rowScale, row, bytes);
        }
        RepackBlocks(row, bytes[_info.RowHeaderBytes..]);
        _mask?.Count(row);
    }

    private void RepackBlocks(int row, ReadOnlySpan<byte> bytes)
    {
        int perBlock = _layout.CodesPerUnit > 0 ? _layout.Block * _layout.CodesPerUnit / GpuShape.Unit : _layout.CodesPerBlock,
            kept = 0;
        var codes = new uint[Math.Max(_blocks * perBlock, Shape.Units * _layout.CodesPerUnit)];
        int[] codeOf = _layout.Mask is null ? [] : new int[_layout.Block];
        for (int b = 0; b < _blocks; b++)
        {
            ReadOnlySpan<byte> block = bytes.Slice(b * _layout.BlockBytes, _layout.BlockBytes);
            Span<uint> own = codes.AsSpan(b * perBlock, perBlock);
            _layout.Codes?.Read(block, own);
            if (_layout.Mask is not null)
            {
                _mask!.StoreBlock(row, b, block, codeOf);
            }
            StoreOutliers(row, b, block, own, codeOf);
            if (_layout.CodesPerBlock > 0)
            {
                kept = StoreKept(row, kept, own, codeOf);
            }
            if (b < Shape.Blocks) // whole rotations may need more blocks than there are columns
            {
                StoreScales(row, b, block);
                StoreSubScales(row, b, block);
                StoreRing((long)row * Shape.Blocks + b, block);
            }
        }
        for (int unit = 0; unit < Shape.Units && _layout.CodesPerUnit > 0; unit++)
        {
            foreach (GpuField field in _layout.Fields)
            {
                int words = WordsOf(field);
                Span<uint> record = RecordsOf(words).AsSpan(checked((int)(((long)row * Shape.Units + unit) * words)), words);
                uint mask = field.Bits == 32 ? uint.MaxValue : (1u << field.Bits) - 1;
                for (int i = 0; i < _layout.CodesPerUnit; i++)
                {
                    uint code = codes[unit * _layout.CodesPerUnit + i] ^ _layout.Flip;
                    Put(record, _layout.BitOf(field, i), code >> field.Shift & mask);
                }
            }
        }
    }

    /// <summary>Codes of a block behind those of the row's earlier ones: those that a mask of the block uses, or all.</summary>
    private int StoreKept(int row, int kept, ReadOnlySpan<uint> codes, ReadOnlySpan<int> codeOf)
    {
        Span<uint> words = Words.AsSpan(checked((int)((long)row * Shape.RowWords)), Shape.RowWords);
        int bits = _layout.Fields[0].Bits,
            count = codeOf.IsEmpty ? codes.Length : codeOf.Length;
        for (int i = 0; i < count; i++)
        {
            int code = codeOf.IsEmpty ? i : codeOf[i] - 1;
            if (code >= 0)
            {
                Put(words, kept++ * bits, codes[code]);
            }
        }
        return kept;
    }

    /// <summary>Adds a code at a bit, over a word's end if it must be.</summary>
    private static void Put(Span<uint> words, int bit, uint value)
    {
        words[bit >> 5] |= value << (bit & 31);
        if ((bit & 31) != 0 && value >> (32 - (bit & 31)) is var rest && rest != 0)
        {
            words[(bit >> 5) + 1] |= rest;
        }
    }

    private void StoreScales(int row, int b, ReadOnlySpan<byte> block)
    {
        if (_layout.Scale is not { } scale)
        {
            return;
        }
        int groups = _layout.Block / _layout.Group;
        bool together = _layout.Offset is { } second && Size(second.Type) == Size(scale.Type);
        for (int g = 0; g < groups && b * groups + g < Shape.Groups; g++)
        {
            long index = (long)row * Shape.Groups + b * groups + g;
            Store(scale.Type, together ? 2 * index : index, Place(scale, g, block));
            if (_layout.Offset is { } offset)
            {
                Store(offset.Type, together ? 2 * index + 1 : index, Place(offset, g, block));
            }
        }
    }

    private static ReadOnlySpan<byte> Place(GpuScale scale, int group, ReadOnlySpan<byte> block) =>
        block[(scale.Offset + group / scale.PerBlock * scale.BlockBytes + group % scale.PerBlock * Size(scale.Type))..];

    private void StoreSubScales(int row, int b, ReadOnlySpan<byte> block)
    {
        if (_layout.SubScales is not { } sub)
        {
            return;
        }
        int groups = _layout.Block / _layout.Group,
            each = sub.HasOffsets ? 2 : 1;
        Span<int> entries = stackalloc int[groups * each];
        SubScales.Unpack(sub.Type, sub.Order, block[sub.Offset..], entries);
        for (int g = 0; g < groups && b * groups + g < Shape.Groups; g++)
        {
            long index = ((long)row * Shape.Groups + b * groups + g) * each;
            Bytes[index] = (byte)entries[g];
            if (sub.HasOffsets)
            {
                Bytes[index + 1] = (byte)entries[groups + g];
            }
        }
        long super = ((long)row * Shape.Blocks + b) * each;
        Store(sub.Super, super, block[sub.SuperOffset..]);
        if (sub.HasOffsets)
        {
            Store(sub.Super, super + 1, block[sub.SuperOffsetOffset..]);
        }
    }

    private void StoreOutliers(int row, RowOutliers outliers, ReadOnlySpan<byte> section)
    {
        int most = (int)outliers.Count(_columns);
        Span<int> places = new int[most];
        Span<ushort> values = new ushort[most];
        int count = outliers.Read(section, _columns, places, values);
        for (int i = 0; i < count && places[i] < Shape.Columns; i++)
        {
            _outliers!.Add(row, places[i], values[i]);
        }
    }

    /// <summary>Outliers of a block; the code at their places becomes that of zero.</summary>
    private void StoreOutliers(int row, int b, ReadOnlySpan<byte> block, Span<uint> codes, ReadOnlySpan<int> codeOf)
    {
        if (_layout.Outliers is not { } outliers)
        {
            return;
        }
        int placeBytes = OutlierCodec.PlaceBytes(_layout.Block);
        ReadOnlySpan<byte> places = block[outliers.Offset..],
            values = places[(outliers.Count * placeBytes)..];
        int Place(ReadOnlySpan<byte> all, int i) => placeBytes == 1 ? all[i] : MemoryMarshal.Read<ushort>(all[(2 * i)..]);
        for (int i = 0; i < outliers.Count; i++)
        {
            int place = Place(places, i),
                later = i + 1;
            while (later < outliers.Count && Place(places, later) != place)
            {
                later++;
            }
            int column = b * _layout.Block + place,
                code = place >= _layout.Block ? -1
                : codeOf.IsEmpty ? place
                : codeOf[place] - 1;
            if (later < outliers.Count || place >= _layout.Block || column >= Shape.Units * GpuShape.Unit)
            {
                continue; // damaged: the last of equal places counts; or behind the last column
            }
            if (code >= 0)
            {
                codes[code] = outliers.ZeroCode;
            }
            _outliers!.Add(row, column, MemoryMarshal.Read<ushort>(values[(2 * i)..]));
        }
    }

    private void StoreRing(long at, ReadOnlySpan<byte> block)
    {
        if (_layout.RingBits == 0)
        {
            return;
        }
        Span<uint> words = Words.AsSpan(checked((int)(at * _layout.RingWords)), _layout.RingWords);
        ReadOnlySpan<byte> ring = block.Slice(_layout.RingOffset, _layout.RingBits / 8);
        for (int i = 0; i < words.Length * 4; i++)
        {
            words[i / 4] |= (uint)ring[i % ring.Length] << (8 * (i % 4));
        }
    }
}
