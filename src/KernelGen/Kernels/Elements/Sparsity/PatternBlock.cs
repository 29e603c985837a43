using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Kernels.Elements;

/// <summary>A block of N:M patterns.</summary>
internal sealed class PatternBlock : SparseBlock
{
    private readonly NmPattern _pattern;
    private readonly int _m,
        _indexBits;
    private readonly bool _pairs,
        _nibbles;

    // One look-up reads the indices of _span places. Patterns that fill bytes are read by the byte, however many that are.
    private readonly ushort[] _table;
    private readonly int _span,
        _width;

    // For patterns that fill bytes, by the same index: which kept value each of eight places takes, a byte each, negative for none.
    private readonly ulong[] _order;

    // And the other way round: the marked places in ascending order.
    private readonly ulong[] _places;

    public PatternBlock(int n, int m, bool pairs, SparseIndex index, int size)
        : base(size, size / m * n, (size / m * BitsOf(n, m, pairs, index) + 7) / 8)
    {
        _pattern = PatternOf(n, m, pairs);
        (_m, _pairs, _nibbles, _indexBits) = (m, pairs, index == SparseIndex.TwoBit, BitsOf(n, m, pairs, index));
        int units = 8 % m == 0 && size % 8 == 0 ? 8 / m : 1;
        (_span, _width) = (units * m, units * _indexBits);
        _table = new ushort[1 << _width];
        for (int code = 0; code < _table.Length; code++)
        {
            for (int unit = 0; unit < units; unit++)
            {
                _table[code] |= (ushort)(MaskOf(code >> unit * _indexBits & (1 << _indexBits) - 1) << unit * m);
            }
        }
        _order = _span == 8 ? Array.ConvertAll(_table, OrderOf) : [];
        _places = _span == 8 ? Array.ConvertAll(_table, marks => SparseExpansion.PlacesOf(marks)) : [];
    }

    /// <summary>Eight places at a time: the kept values of a byte are equally many each time, so that no step waits for the last.</summary>
    public override void Expand(Span<float> kept, ReadOnlySpan<byte> mask, Span<float> values)
    {
        if (!Avx2.IsSupported || _span != 8 || kept.Length < Kept + SparseExpansion.Slack || values.Length < Size)
        {
            base.Expand(kept, mask, values);
            return;
        }
        ref float source = ref MemoryMarshal.GetReference(kept),
            target = ref MemoryMarshal.GetReference(values);
        nuint step = (nuint)(Kept * 8 / Size),
            next = 0;
        ulong indices = 0;
        int waiting = 0;
        for (nuint place = 0; place < (nuint)Size; place += 8, next += step)
        {
            if (waiting < _width)
            {
                if (mask.Length >= 4)
                {
                    indices |= (ulong)MemoryMarshal.Read<uint>(mask) << waiting;
                    mask = mask[4..];
                    waiting += 32;
                }
                for (; waiting < _width; waiting += 8)
                {
                    indices |= (ulong)mask[0] << waiting;
                    mask = mask[1..];
                }
            }
            ulong order = _order[(int)indices & _order.Length - 1];
            indices >>= _width;
            waiting -= _width;
            Vector256<int> lanes = Avx2.ConvertToVector256Int32(Vector128.CreateScalarUnsafe(order).AsSByte());
            Vector256<float> moved = Avx2.PermuteVar8x32(Vector256.LoadUnsafe(ref source, next), lanes);
            Vector256.AndNot(moved.AsInt32(), lanes >> 31).AsSingle().StoreUnsafe(ref target, place);
        }
    }

    private static ulong OrderOf(ushort marks)
    {
        ulong order = 0;
        for (int place = 0, next = 0; place < 8; place++)
        {
            bool marked = (marks >> place & 1) != 0;
            order |= (marked ? (ulong)next : 0x80) << 8 * place;
            next += marked ? 1 : 0;
        }
        return order;
    }

    public override void ReferenceExpand(ReadOnlySpan<float> kept, ReadOnlySpan<byte> mask, Span<float> values)
    {
        int next = 0;
        for (int start = 0; start < Size; start += _m)
        {
            int index = 0;
            for (int bit = 0; bit < _indexBits; bit++)
            {
                int at = start / _m * _indexBits + bit;
                index |= (mask[at >> 3] >> (at & 7) & 1) << bit;
            }
            uint places = MaskOf(index);
            for (int i = 0; i < _m; i++)
            {
                values[start + i] = (places >> i & 1) != 0 ? kept[next++] : 0f;
            }
        }
    }

    private protected override void Select(ReadOnlySpan<float> values, Span<byte> mask, Span<byte> bitmap)
    {
        mask[..MaskBytes].Clear();
        bitmap.Clear();
        for (int start = 0; start < Size; start += _m)
        {
            int index = start < values.Length ? Choose(values.Slice(start, Math.Min(_m, values.Length - start))) : Choose([]);
            uint places = MaskOf(index);
            for (int bit = 0, at = start / _m * _indexBits; bit < _indexBits; bit++, at++)
            {
                mask[at >> 3] |= (byte)((index >> bit & 1) << (at & 7));
            }
            for (int i = 0; i < _m; i++)
            {
                bitmap[start + i >> 3] |= (byte)((places >> i & 1) << (start + i & 7));
            }
        }
    }

    private protected override void Read(ReadOnlySpan<byte> mask, Span<byte> bitmap)
    {
        // Two queues of bits: indices come in by the byte and leave by the look-up, marks the other way round.
        uint indices = 0,
            marks = 0;
        int waiting = 0,
            ready = 0,
            from = 0,
            to = 0;
        for (int start = 0; start < Size; start += _span)
        {
            while (waiting < _width)
            {
                indices |= (uint)mask[from++] << waiting;
                waiting += 8;
            }
            marks |= (uint)_table[indices & (uint)(_table.Length - 1)] << ready;
            indices >>= _width;
            waiting -= _width;
            for (ready += _span; ready >= 8; ready -= 8)
            {
                bitmap[to++] = (byte)marks;
                marks >>= 8;
            }
        }
        if (ready > 0)
        {
            bitmap[to] = (byte)marks;
        }
    }

    /// <summary>The index of the places that some values keep.</summary>
    private int Choose(ReadOnlySpan<float> values)
    {
        uint mask = _pairs ? _pattern.SelectPairs(values) : _pattern.Select(values);
        if (!_nibbles)
        {
            return _pattern.Rank(mask);
        }
        int unit = _pairs ? 2 : 1;
        for (int i = 0; i < 4; i++)
        {
            bool zero = true;
            for (int j = i * unit; j < Math.Min((i + 1) * unit, values.Length); j++)
            {
                zero &= values[j] == 0;
            }
            mask &= zero ? ~(1u << i) : ~0u;
        }
        return SparseTwoOfFour.Nibble(mask);
    }

    /// <summary>The places of an index, as a mask of m bits.</summary>
    private uint MaskOf(int index)
    {
        uint mask;
        if (_nibbles)
        {
            // the two places of a nibble that is none ascend in no order; it reads as the last pattern, like other damage
            mask = (index & 3) < index >> 2 ? SparseTwoOfFour.Mask(index) : 0b1100;
        }
        else
        {
            mask = _pattern.Unrank(Math.Min(index, _pattern.Count - 1));
        }
        if (!_pairs)
        {
            return mask;
        }
        uint doubled = 0;
        for (int i = 0; i < _m / 2; i++)
        {
            doubled |= (mask >> i & 1) * 3 << 2 * i;
        }
        return doubled;
    }

    private static NmPattern PatternOf(int n, int m, bool pairs) => pairs ? NmPattern.Of(n / 2, m / 2) : NmPattern.Of(n, m);

    private static int BitsOf(int n, int m, bool pairs, SparseIndex index) =>
        index == SparseIndex.TwoBit ? 4 : PatternOf(n, m, pairs).IndexBits;
}
