using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Elements;

/// <summary>The levels nearest to values, a lane each.</summary>
internal interface INearestLevels<T>
    where T : struct, ISimd<T>
{
    T Of(T value);
}

/// <summary>All integers between two.</summary>
internal readonly struct NearestIntegers<T>(LevelGrid grid) : INearestLevels<T>
    where T : struct, ISimd<T>
{
    private readonly T _low = T.Float(grid.Lowest),
        _high = T.Float(grid.Highest),
        _rounder = T.Float(LevelGrid.Rounder);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Of(T value) => T.Subtract(T.Add(T.SelectLess(value, _low, _low, T.Min(value, _high)), _rounder), _rounder);
}

/// <summary>Up to 16 levels of a table: four steps of a binary search, each a look-up of the boundary in the middle.</summary>
internal readonly ref struct NearestOfSixteen<T> : INearestLevels<T>
    where T : struct, ISimd<T>
{
    private readonly ref float _levels,
        _boundaries;

    /// <param name="grid">The levels.</param>
    /// <param name="tables">Room for 32 floats that stay where they are.</param>
    public NearestOfSixteen(LevelGrid grid, Span<float> tables)
    {
        grid.Levels.CopyTo(tables);
        tables[grid.Count..16].Fill(grid.Highest);
        grid.Boundaries.CopyTo(tables[16..]);
        tables[(16 + grid.Boundaries.Length)..32].Fill(float.PositiveInfinity);
        _levels = ref tables[0];
        _boundaries = ref tables[16];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Of(T value)
    {
        T rank = T.Int(0);
        for (uint step = 8; step > 0; step >>= 1)
        {
            T boundary = T.Lookup16(ref _boundaries, T.AddInt(rank, T.Int(step - 1)));
            rank = T.AddInt(rank, T.SelectLess(boundary, value, T.Int(step), T.Int(0)));
        }
        return T.Lookup16(ref _levels, rank);
    }
}

/// <summary>Any levels: every boundary is compared.</summary>
internal readonly ref struct NearestOfMany<T>(LevelGrid grid) : INearestLevels<T>
    where T : struct, ISimd<T>
{
    private readonly ReadOnlySpan<float> _levels = grid.Levels,
        _boundaries = grid.Boundaries;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Of(T value)
    {
        T level = T.Float(_levels[0]);
        for (int i = 0; i < _boundaries.Length; i++)
        {
            level = T.SelectLess(T.Float(_boundaries[i]), value, T.Float(_levels[i + 1]), level);
        }
        return level;
    }
}
