using System.Runtime.InteropServices;

namespace KernelGen.Gpu;

/// <summary>A matrix in the arrays that kernels read.</summary>
internal sealed class RepackedMatrix
{
    private readonly GpuLayout _layout;

    public RepackedMatrix(GpuLayout layout, FormatInfo info, ReadOnlyMemory<byte> packed, int rows, int columns)
    {
        _layout = layout;
        int padded = layout.Rotation == 0 ? columns : (columns + layout.Rotation - 1) / layout.Rotation * layout.Rotation;
        int units = (padded + GpuShape.Unit - 1) / GpuShape.Unit, covered = units * GpuShape.Unit;
        Shape = new GpuShape
        {
            Rows = rows,
            Columns = padded,
            Units = units,
            Groups = layout.Group == 0 ? 0 : (covered + layout.Group - 1) / layout.Group,
            Blocks = (covered + layout.Block - 1) / layout.Block,
            XStride = (units + 31) / 32 * 256,
            TensorScale = info.TensorHeader is { } type ? ScaleCodec.Read(type, packed.Span) : 1f,
        };
        Table = layout.Table?.Invoke() ?? [];
        Allocate();
        int rowBytes = info.RowBytes(columns), header = info.TensorHeaderBytes, blocks = (rowBytes - info.RowHeaderBytes) / layout.BlockBytes;
        Parallel.For(0, rows, row =>
        {
            ReadOnlySpan<byte> bytes = packed.Span.Slice(header + row * rowBytes, rowBytes);
            if (layout.RowScale is { } rowScale)
            {
                Store(rowScale, row, bytes);
            }
            Repack(row, bytes[info.RowHeaderBytes..], blocks);
        });
    }

    public GpuShape Shape { get; }

    public uint[] Quads { get; private set; } = [];

    public uint[] Pairs { get; private set; } = [];

    public uint[] Words { get; private set; } = [];

    public uint[] Extra { get; private set; } = [];

    public float[] Floats { get; private set; } = [];

    public ushort[] Halves { get; private set; } = [];

    public byte[] Bytes { get; private set; } = [];

    public float[] Table { get; }

    /// <summary>Bytes that the arrays take on a device, by array so that none is larger than a device's largest allocation unnoticed.</summary>
    public long DeviceBytes => 4L * (Quads.Length + Pairs.Length + Words.Length + Extra.Length + Floats.Length + Table.Length) + 2L * Halves.Length + Bytes.Length;

    private static int Size(ScaleType type) => ScaleCodec.Bytes(type);

    private void Allocate()
    {
        long records = (long)Shape.Rows * Shape.Units, groups = (long)Shape.Rows * Shape.Groups, blocks = (long)Shape.Rows * Shape.Blocks;
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
            Words = new uint[checked(blocks * _layout.BlockWords)];
        }
        Extra = _layout.Mask is not null ? new uint[records]
            : _layout.Outliers is { } outliers ? new uint[checked(blocks * outliers.Count)]
            : _layout.Patterns?.Invoke() ?? [];
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
            case 2: Pairs = array; break;
            case var _ when words % 4 == 0: Quads = array; break;
            default: Words = array; break;
        }
    }

    private uint[] RecordsOf(int words) => words == 2 ? Pairs : words % 4 == 0 ? Quads : Words;

    private void Grow(ScaleType type, long count)
    {
        switch (Size(type))
        {
            case 4: Floats = new float[checked(count)]; break;
            case 2: Halves = new ushort[checked(count)]; break;
            default: Bytes = new byte[checked(count)]; break;
        }
    }

    private void Store(ScaleType type, long index, ReadOnlySpan<byte> bytes)
    {
        switch (Size(type))
        {
            case 4: Floats[index] = MemoryMarshal.Read<float>(bytes); break;
            case 2: Halves[index] = MemoryMarshal.Read<ushort>(bytes); break;
            default: Bytes[index] = bytes[0]; break;
        }
    }

    private void Repack(int row, ReadOnlySpan<byte> bytes, int blocks)
    {
        int perBlock = _layout.CodesPerUnit > 0 ? _layout.Block * _layout.CodesPerUnit / GpuShape.Unit : _layout.CodesPerBlock;
        var codes = new uint[Math.Max(blocks * perBlock, Shape.Units * _layout.CodesPerUnit)];
        for (int b = 0; b < blocks; b++)
        {
            ReadOnlySpan<byte> block = bytes.Slice(b * _layout.BlockBytes, _layout.BlockBytes);
            Span<uint> own = codes.AsSpan(b * perBlock, perBlock);
            _layout.Codes?.Read(block, own);
            long at = (long)row * Shape.Blocks + b;
            if (b >= Shape.Blocks)
            {
                continue; // whole rotations may need more blocks than there are columns
            }
            StoreScales(row, b, block);
            StoreSubScales(row, b, block);
            StoreMask(row, b, block);
            StoreOutliers(at, block, own);
            StoreRing(at, block);
            for (int i = 0; i < _layout.CodesPerBlock; i++)
            {
                Put(Words.AsSpan((int)(at * _layout.BlockWords), _layout.BlockWords), i * _layout.Fields[0].Bits, own[i]);
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
                    Put(record, i * field.Bits, codes[unit * _layout.CodesPerUnit + i] >> field.Shift & mask);
                }
            }
        }
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

    private static ReadOnlySpan<byte> Place(GpuScale scale, int group, ReadOnlySpan<byte> block)
        => block[(scale.Offset + group / scale.PerBlock * scale.BlockBytes + group % scale.PerBlock * Size(scale.Type))..];

    private void StoreSubScales(int row, int b, ReadOnlySpan<byte> block)
    {
        if (_layout.SubScales is not { } sub)
        {
            return;
        }
        int groups = _layout.Block / _layout.Group, each = sub.HasOffsets ? 2 : 1;
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

    private void StoreMask(int row, int b, ReadOnlySpan<byte> block)
    {
        if (_layout.Mask?.Invoke() is not { } mask)
        {
            return;
        }
        Span<float> ones = stackalloc float[mask.Kept], marks = stackalloc float[mask.Size];
        ones.Fill(1f);
        mask.ReferenceExpand(ones, block[_layout.MaskOffset..], marks);
        for (int i = 0; i < mask.Size && b * mask.Size + i < Shape.Units * GpuShape.Unit; i++)
        {
            int column = b * mask.Size + i;
            Extra[(long)row * Shape.Units + column / GpuShape.Unit] |= marks[i] != 0f ? 1u << column % GpuShape.Unit : 0u;
        }
    }

    /// <summary>Place in the upper, value in the lower half of a word; the code at the place becomes that of zero.</summary>
    private void StoreOutliers(long at, ReadOnlySpan<byte> block, Span<uint> codes)
    {
        if (_layout.Outliers is not { } outliers)
        {
            return;
        }
        int placeBytes = OutlierCodec.PlaceBytes(_layout.Block);
        ReadOnlySpan<byte> places = block[outliers.Offset..], values = places[(outliers.Count * placeBytes)..];
        for (int i = 0; i < outliers.Count; i++)
        {
            int place = placeBytes == 1 ? places[i] : MemoryMarshal.Read<ushort>(places[(2 * i)..]);
            if (place >= _layout.Block)
            {
                Extra[at * outliers.Count + i] = 0xFFFF0000u; // damaged: in no unit
                continue;
            }
            for (int earlier = 0; earlier < i; earlier++)
            {
                if (Extra[at * outliers.Count + earlier] >> 16 == place)
                {
                    Extra[at * outliers.Count + earlier] = 0xFFFF0000u; // the last of equal places counts
                }
            }
            codes[place] = outliers.ZeroCode;
            Extra[at * outliers.Count + i] = (uint)place << 16 | MemoryMarshal.Read<ushort>(values[(2 * i)..]);
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
