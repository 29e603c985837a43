using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Products;

/// <summary>The memory of a repacked matrix.</summary>
internal sealed class Int8Storage<TRecipe>
    where TRecipe : struct, IInt8Recipe
{
    /// <summary>What a core's own caches hold, about: larger matrices are prefetched.</summary>
    private const long SecondLevelCache = 2 << 20;

    private readonly int _codesStart,
        _codesLength;
    private readonly byte[] _codes,
        _scales;
    private readonly float[] _floatScales,
        _offsets;

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

    public Int8Rows All =>
        new(_codes.AsSpan(_codesStart, _codesLength), _scales, _floatScales, _offsets, Slices, Groups, Bytes > SecondLevelCache);

    /// <summary>Whether a matrix stays in a core's own caches.</summary>
    public static bool IsSmall(int rows, int columns) =>
        (rows + Int8Layout<TRecipe>.Rows - 1L)
            * Int8Layout<TRecipe>.Slices(columns)
            * (Int8Layout<TRecipe>.SliceBytes / Int8Layout<TRecipe>.Rows)
        <= SecondLevelCache;

    /// <summary>Repacks a matrix; null if a scale is not finite.</summary>
    public static Int8Storage<TRecipe>? Repack<TFormat>(ReadOnlySpan<byte> packed, int rows, int columns)
        where TFormat : struct, ICompressedFormat<TFormat>
    {
        var storage = new Int8Storage<TRecipe>(rows, columns);
        return storage.Fill<TFormat>(packed) ? storage : null;
    }

    private bool Fill<TFormat>(ReadOnlySpan<byte> packed)
        where TFormat : struct, ICompressedFormat<TFormat> =>
        new Int8Filler<TFormat, TRecipe>(this, MatrixDriver.ReadHeader<TFormat>(packed)).Run(packed[TFormat.Info.TensorHeaderBytes..]);

    /// <summary>Puts the scales, and offsets, of a group of 16 rows to their places.</summary>
    /// <param name="at">Index of the block's group.</param>
    /// <param name="scales">A scale for every row.</param>
    /// <param name="offsets">An offset for every row.</param>
    public void StoreScales(int at, Vector512<float> scales, Vector512<float> offsets)
    {
        if (TRecipe.HalfScales)
        {
            Vector512<uint> halves = ScaleLanes.Encode(ScaleType.Float16, scales);
            Vector256.Narrow(halves.GetLower(), halves.GetUpper()).AsByte().CopyTo(_scales.AsSpan(at * 32, 32));
        }
        else
        {
            scales.CopyTo(_floatScales.AsSpan(at * 16, 16));
        }
        if (TRecipe.Offsets)
        {
            offsets.CopyTo(_offsets.AsSpan(at * 16, 16));
        }
    }
}
