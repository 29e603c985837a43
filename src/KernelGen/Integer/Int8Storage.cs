using System.Runtime.InteropServices;

namespace KernelGen;

/// <summary>The memory of a repacked matrix.</summary>
internal sealed class Int8Storage<TRecipe> where TRecipe : struct, IInt8Recipe
{
    /// <summary>What a core's own caches hold, about: larger matrices are prefetched.</summary>
    private const long SecondLevelCache = 2 << 20;

    private readonly int _codesStart, _codesLength;
    private readonly byte[] _codes, _scales;
    private readonly float[] _floatScales, _offsets;

    private Int8Storage(int rows, int columns)
    {
        (Rows, Columns) = (rows, columns);
        Slices = Int8Layout<TRecipe>.Slices(columns);
        Groups = (Slices + TRecipe.SlicesPerScale - 1) / TRecipe.SlicesPerScale;
        Blocks = (rows + Int8Layout<TRecipe>.Rows - 1) / Int8Layout<TRecipe>.Rows;
        _codesLength = checked(Blocks * Slices * Int8Layout<TRecipe>.SliceBytes);
        // Vectors of 64 bytes are fastest where they do not cross cache lines.
        _codes = GC.AllocateArray<byte>(checked(_codesLength + 64), pinned: true);
        _codesStart = (int)(-(long)Marshal.UnsafeAddrOfPinnedArrayElement(_codes, 0) & 63);
        int scales = Blocks * Groups * Int8Layout<TRecipe>.Rows;
        _scales = TRecipe.HalfScales ? new byte[2 * scales] : [];
        _floatScales = TRecipe.HalfScales ? [] : new float[scales];
        _offsets = TRecipe.Offsets ? new float[scales] : [];
    }

    public int Rows { get; }

    public int Columns { get; }

    public int Slices { get; }

    public int Groups { get; }

    public int Blocks { get; }

    public long Bytes => _codesLength + _scales.Length + 4L * (_floatScales.Length + _offsets.Length);

    public Int8Rows All => new(_codes.AsSpan(_codesStart, _codesLength), _scales, _floatScales, _offsets, Slices, Groups, Bytes > SecondLevelCache);

    /// <summary>Whether a matrix stays in a core's own caches.</summary>
    public static bool IsSmall(int rows, int columns)
        => (rows + Int8Layout<TRecipe>.Rows - 1L) * Int8Layout<TRecipe>.Slices(columns) * (Int8Layout<TRecipe>.SliceBytes / Int8Layout<TRecipe>.Rows) <= SecondLevelCache;

    /// <summary>Repacks a matrix; null if a scale is not finite.</summary>
    public static Int8Storage<TRecipe>? Repack<TFormat>(ReadOnlySpan<byte> packed, int rows, int columns) where TFormat : struct, ICompressedFormat<TFormat>
    {
        var storage = new Int8Storage<TRecipe>(rows, columns);
        return storage.Fill<TFormat>(packed) ? storage : null;
    }

    public Int8Storage<TRecipe> Copy()
    {
        var copy = new Int8Storage<TRecipe>(Rows, Columns);
        All.Codes.CopyTo(copy.All.Codes);
        _scales.CopyTo(copy._scales, 0);
        _floatScales.CopyTo(copy._floatScales, 0);
        _offsets.CopyTo(copy._offsets, 0);
        return copy;
    }

    private bool Fill<TFormat>(ReadOnlySpan<byte> packed) where TFormat : struct, ICompressedFormat<TFormat>
    {
        float tensorScale = MatrixDriver.ReadHeader<TFormat>(packed);
        int rowBytes = (packed.Length - TFormat.Info.TensorHeaderBytes) / Rows, group = Int8Layout<TRecipe>.Group, groups = (Columns + group - 1) / group;
        Span<byte> codes = stackalloc byte[group];
        for (int r = 0; r < Rows; r++)
        {
            ReadOnlySpan<byte> row = packed.Slice(TFormat.Info.TensorHeaderBytes + r * rowBytes, rowBytes);
            for (int g = 0; g < groups; g++)
            {
                TFormat.ReadGroup(row, g, tensorScale, codes, out float scale, out float offset);
                if (!float.IsFinite(scale) || !float.IsFinite(offset))
                {
                    return false;
                }
                StoreScale((r / Int8Layout<TRecipe>.Rows * Groups + g) * Int8Layout<TRecipe>.Rows + r % Int8Layout<TRecipe>.Rows, scale, offset);
                // columns past the end meet activations of zero, whatever their code
                for (int i = 0; i < codes.Length && g * group + i < TRecipe.SliceColumns * Slices; i++)
                {
                    Place(r, g * group + i, TRecipe.Stored[codes[i]]);
                }
            }
        }
        return true;
    }

    private void StoreScale(int at, float scale, float offset)
    {
        if (TRecipe.HalfScales)
        {
            ScaleCodec.Write(ScaleType.Float16, scale, _scales.AsSpan(2 * at));
        }
        else
        {
            _floatScales[at] = scale;
        }
        if (TRecipe.Offsets)
        {
            _offsets[at] = offset;
        }
    }

    private void Place(int row, int column, byte stored)
    {
        int slice = column / TRecipe.SliceColumns, within = column % TRecipe.SliceColumns, quad = within / 4;
        int block = row / Int8Layout<TRecipe>.Rows, lane = row % Int8Layout<TRecipe>.Rows;
        int start = _codesStart + (block * Slices + slice) * Int8Layout<TRecipe>.SliceBytes + 4 * lane + within % 4;
        if (TRecipe.Nibbles)
        {
            _codes[start + quad / 2 * 64] |= (byte)(quad % 2 == 0 ? stored : stored << 4);
        }
        else
        {
            _codes[start + quad * 64] = stored;
        }
    }
}
