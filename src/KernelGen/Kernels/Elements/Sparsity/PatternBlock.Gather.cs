using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// Patterns of 2 of 4, or of 2 of 4 pairs, keep 16 of 32 places: the places of all 16 come out of the packed indices by a shift and a
/// look-up a lane, and one permutation of two vectors of activations collects them.
/// </summary>
internal sealed partial class PatternBlock
{
    private const int Step = 32;

    private readonly Halves? _halves;

    public override void GatherRow(
        ReadOnlySpan<float> x,
        ReadOnlySpan<byte> row,
        int maskOffset,
        int blockBytes,
        int blocks,
        Span<float> kept
    )
    {
        if (
            x.Length < blocks * Size
            || kept.Length < blocks * Kept + SparseExpansion.Slack
            || row.Length < (blocks - 1) * blockBytes + maskOffset + MaskBytes
        )
        {
            throw new ArgumentException(
                $"{blocks} blocks of {Size} values keep {blocks * Kept}; {x.Length} activations, {row.Length} bytes and room for {kept.Length} were given."
            );
        }
        if (!Avx512F.IsSupported || _halves is not { } halves)
        {
            if (Avx2.IsSupported && _span == 8)
            {
                GatherEights(x, row, maskOffset, blockBytes, blocks, kept);
            }
            else
            {
                base.GatherRow(x, row, maskOffset, blockBytes, blocks, kept);
            }
            return;
        }
        ref float source = ref MemoryMarshal.GetReference(x),
            target = ref MemoryMarshal.GetReference(kept);
        Vector512<uint> shift = Vector512.Create<uint>(halves.Shift),
            tag = Vector512.Create<uint>(halves.Tag),
            field = Vector512.Create((1u << _indexBits) - 1);
        Vector512<int> low = Vector512.Create<int>(halves.Places.AsSpan(0, 16)),
            high = Vector512.Create<int>(halves.Places.AsSpan(16)),
            first = Vector512.Create<int>(halves.First);
        int bytes = Step / _m * _indexBits / 8;
        for (int b = 0; b < blocks; b++)
        {
            int at = b * blockBytes + maskOffset;
            for (int place = 0; place < Size; place += Step, at += bytes)
            {
                uint indices = at + 4 <= row.Length ? MemoryMarshal.Read<uint>(row[at..]) : Last(row, at, bytes);
                Vector512<uint> fields = Avx512F.ShiftRightLogicalVariable(Vector512.Create(indices), shift) & field | tag;
                Vector512<int> places = Avx512F.PermuteVar16x32x2(low, fields.AsInt32(), high) + first;
                Avx512F
                    .PermuteVar16x32x2(Vector512.LoadUnsafe(ref source), places, Vector512.LoadUnsafe(ref source, 16))
                    .StoreUnsafe(ref target);
                source = ref Unsafe.Add(ref source, Step);
                target = ref Unsafe.Add(ref target, Step / 2);
            }
        }
    }

    /// <summary>Eight places at a time: the same number of them is kept each time.</summary>
    private void GatherEights(ReadOnlySpan<float> x, ReadOnlySpan<byte> row, int maskOffset, int blockBytes, int blocks, Span<float> kept)
    {
        ref float source = ref MemoryMarshal.GetReference(x),
            target = ref MemoryMarshal.GetReference(kept);
        int step = Kept * 8 / Size;
        uint field = (uint)_table.Length - 1;
        for (int b = 0; b < blocks; b++)
        {
            ReadOnlySpan<byte> mask = row.Slice(b * blockBytes + maskOffset, MaskBytes);
            ulong indices = 0;
            int waiting = 0,
                from = 0;
            for (int place = 0; place < Size; place += 8)
            {
                for (; waiting < _width; waiting += 8)
                {
                    indices |= (ulong)mask[from++] << waiting;
                }
                Vector256<int> places = Avx2.ConvertToVector256Int32(Vector128.CreateScalarUnsafe(_places[(uint)indices & field]).AsByte());
                Avx2.PermuteVar8x32(Vector256.LoadUnsafe(ref source), places).StoreUnsafe(ref target);
                indices >>= _width;
                waiting -= _width;
                source = ref Unsafe.Add(ref source, 8);
                target = ref Unsafe.Add(ref target, step);
            }
        }
    }

    /// <summary>The last indices of a row, behind which no four bytes can be read.</summary>
    private static uint Last(ReadOnlySpan<byte> row, int at, int bytes)
    {
        uint indices = 0;
        for (int i = 0; i < bytes; i++)
        {
            indices |= (uint)row[at + i] << 8 * i;
        }
        return indices;
    }

    /// <summary>What the lanes need, or null for other patterns.</summary>
    private Halves? HalvesOf(int n)
    {
        int perUnit = _pairs ? 2 : 1,
            width = Step / _m * _indexBits;
        if (n * 2 != _m || n != 2 * perUnit || Size % Step != 0 || width > 32 || width % 8 != 0 || _indexBits > 4)
        {
            return null;
        }
        var halves = new Halves(new uint[16], new uint[16], new int[16], new int[32]);
        for (int lane = 0; lane < 16; lane++)
        {
            int pattern = lane / n,
                rank = lane % n;
            halves.Shift[lane] = (uint)(pattern * _indexBits);
            halves.Tag[lane] = (uint)(rank / perUnit) << 4;
            halves.First[lane] = pattern * _m + rank % perUnit;
        }
        for (int code = 0; code < 1 << _indexBits; code++)
        {
            uint mask = MaskOf(code);
            int[] places = [.. Enumerable.Range(0, _m).Where(i => (mask >> i & 1) != 0)];
            (halves.Places[code], halves.Places[16 + code]) = (places[0], places[perUnit]);
        }
        return halves;
    }

    /// <summary>By lane: how far its pattern's index is shifted, the bit that tells first from second, what is added; by index and that bit, places.</summary>
    private sealed record Halves(uint[] Shift, uint[] Tag, int[] First, int[] Places);
}
