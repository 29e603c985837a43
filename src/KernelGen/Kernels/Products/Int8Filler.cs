using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelGen.Kernels.Recipes;
using KernelGen.Kernels.Threads;

namespace KernelGen.Kernels.Products;

/// <summary>
/// Repacks a matrix: codes of some columns of 16 rows are read into a buffer that stays in the first-level cache, then
/// dwords of the rows are interleaved. Blocks of rows are shared out to threads.
/// </summary>
/// <param name="storage">Receives the codes and scales.</param>
/// <param name="tensorScale">The decoded tensor header.</param>
internal sealed class Int8Filler<TFormat, TRecipe>(Int8Storage<TRecipe> storage, float tensorScale)
    where TFormat : struct, ICompressedFormat<TFormat>
    where TRecipe : struct, IInt8Recipe
{
    private const int Rows = Int8Layout<TRecipe>.Rows;

    /// <summary>Columns that are read at a time, about.</summary>
    private const int FewColumns = 512;

    /// <summary>Bytes of a packed row: not those of so many columns where a weight is held as several terms.</summary>
    private int _rowBytes;

    /// <summary>Columns that are read at a time: whole blocks and slices.</summary>
    private readonly int _chunk = Chunk();

    /// <summary>Whether codes are stored as they are.</summary>
    private readonly bool _asTheyAre = IsIdentity(TRecipe.Stored);

    private bool _finite = true;

    /// <summary>Repacks all rows.</summary>
    /// <param name="rows">The packed rows.</param>
    /// <returns>False if a scale or offset is not finite; then not all is done.</returns>
    public unsafe bool Run(ReadOnlySpan<byte> rows)
    {
        fixed (byte* first = rows)
        {
            nint start = (nint)first;
            int length = rows.Length;
            _rowBytes = length / storage.Rows;
            RowParallel.For(storage.Blocks, (long)Rows * storage.Columns, Parallelism.Default, (block, count) =>
                Blocks(new((byte*)start, length), block, count)
            );
        }
        return _finite;
    }

    private static int Chunk()
    {
        int unit = Math.Max(TFormat.Info.Block, Int8Activations.Group);
        while (unit % TFormat.Info.Block != 0 || unit % Int8Activations.Group != 0)
        {
            unit += Math.Max(TFormat.Info.Block, Int8Activations.Group);
        }
        return (FewColumns + unit - 1) / unit * unit;
    }

    private void Blocks(ReadOnlySpan<byte> packed, int firstBlock, int count)
    {
        int group = Int8Layout<TRecipe>.Group,
            stride = _chunk + 64; // rows a power of two apart would share the cache's sets
        byte[] codes = new byte[Rows * stride];
        float[] scales = new float[_chunk / group],
            offsets = new float[scales.Length];
        float[] rowScales = new float[Rows * scales.Length],
            rowOffsets = new float[rowScales.Length]; // 16 rows of every group
        for (int block = firstBlock; block < firstBlock + count; block++)
        {
            int rows = Math.Min(Rows, storage.Rows - block * Rows);
            if (rows < Rows)
            {
                codes.AsSpan().Clear();
                rowScales.AsSpan().Clear();
                rowOffsets.AsSpan().Clear();
            }
            for (int column = 0; column < storage.Columns; column += _chunk)
            {
                int columns = Math.Min(
                    _chunk,
                    (storage.Columns - column + TFormat.Info.Block - 1) / TFormat.Info.Block * TFormat.Info.Block
                );
                int groups = columns / group;
                for (int r = 0; r < rows; r++)
                {
                    Span<byte> mine = codes.AsSpan(r * stride, columns);
                    TFormat.ReadGroups(
                        packed.Slice((block * Rows + r) * _rowBytes, _rowBytes),
                        column / group,
                        tensorScale,
                        mine,
                        scales.AsSpan(0, groups),
                        offsets.AsSpan(0, groups)
                    );
                    if (!_asTheyAre)
                    {
                        Translate(mine);
                    }
                    for (int g = 0; g < groups; g++)
                    {
                        rowScales[g * Rows + r] = scales[g];
                        rowOffsets[g * Rows + r] = offsets[g];
                    }
                }
                // the last block of a row may have groups past the last column
                for (int g = 0; g < groups && column + g * group < storage.Columns; g++)
                {
                    Vector512<float> scale = Vector512.Create<float>(rowScales.AsSpan(g * Rows, Rows)),
                        offset = Vector512.Create<float>(rowOffsets.AsSpan(g * Rows, Rows));
                    if (
                        !Vector512.LessThanAll(
                            Vector512.Max(Vector512.Abs(scale), Vector512.Abs(offset)),
                            Vector512.Create(float.PositiveInfinity)
                        )
                    )
                    {
                        _finite = false;
                        return;
                    }
                    storage.StoreScales(block * storage.Groups + column / group + g, scale, offset);
                }
                Interleave(codes, stride, columns, block, column / TRecipe.SliceColumns);
            }
        }
    }

    /// <summary>Codes to the bytes that are stored for them.</summary>
    private static void Translate(Span<byte> codes)
    {
        ReadOnlySpan<byte> stored = TRecipe.Stored;
        int i = 0;
        if (Vector128.IsHardwareAccelerated && stored.Length <= 16)
        {
            Span<byte> padded = stackalloc byte[16];
            padded.Clear();
            stored.CopyTo(padded);
            Vector128<byte> table = Vector128.Create<byte>(padded);
            for (; i <= codes.Length - 16; i += 16)
            {
                Vector128.ShuffleNative(table, Vector128.Create<byte>(codes[i..])).CopyTo(codes[i..]);
            }
        }
        else if (Avx512Vbmi.IsSupported && stored.Length <= 64)
        {
            Span<byte> padded = stackalloc byte[64];
            padded.Clear();
            stored.CopyTo(padded);
            Vector512<byte> table = Vector512.Create<byte>(padded);
            for (; i <= codes.Length - 64; i += 64)
            {
                Avx512Vbmi.PermuteVar64x8(table, Vector512.Create<byte>(codes[i..])).CopyTo(codes[i..]);
            }
        }
        for (; i < codes.Length; i++)
        {
            codes[i] = stored[codes[i]];
        }
    }

    private static bool IsIdentity(ReadOnlySpan<byte> stored)
    {
        for (int code = 0; code < stored.Length; code++)
        {
            if (stored[code] != code)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Four columns of a row become a dword; with nibbles the next four go above them.</summary>
    private void Interleave(byte[] codes, int stride, int columns, int block, int firstSlice)
    {
        int slices = Math.Min((columns + TRecipe.SliceColumns - 1) / TRecipe.SliceColumns, storage.Slices - firstSlice);
        int per = TRecipe.Nibbles ? 8 : 4,
            vectors = slices * TRecipe.SliceColumns / per;
        ref byte source = ref MemoryMarshal.GetArrayDataReference(codes);
        Span<byte> slice = storage.All.Codes.Slice((block * storage.Slices + firstSlice) * Int8Layout<TRecipe>.SliceBytes, vectors * 64);
        ref byte target = ref MemoryMarshal.GetReference(slice);
        for (int r = 0; r < Rows; r++)
        {
            ref byte row = ref Unsafe.Add(ref source, r * stride);
            ref byte lane = ref Unsafe.Add(ref target, 4 * r);
            for (int v = 0; v < vectors; v++)
            {
                uint dword;
                if (TRecipe.Nibbles)
                {
                    ulong eight = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref row, v * 8));
                    dword = (uint)(eight | eight >> 28);
                }
                else
                {
                    dword = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref row, v * 4));
                }
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref lane, v * 64), dword);
            }
        }
    }
}
