using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KernelGen;

/// <summary>Sums over a group under chosen levels ℓ.</summary>
/// <param name="Level">Σ w·ℓ.</param>
/// <param name="LevelSquare">Σ w·ℓ².</param>
/// <param name="Product">Σ w·x·ℓ.</param>
internal readonly record struct LevelSums(double Level, double LevelSquare, double Product);

/// <summary>
/// The levels of an element, ascending, and sums over the levels nearest to scaled values. All sums run in 16 lanes that are
/// joined as a fixed tree, so that every vector width finds the same.
/// </summary>
internal sealed class LevelGrid
{
    /// <summary>1.5 · 2²³: added and subtracted, it rounds a float32 of less than 2²² to the nearest integer, ties to even.</summary>
    private const float Rounder = 12582912f;

    private readonly float[] _levels;
    private readonly float[] _boundaries;
    private readonly byte[] _codes;

    public LevelGrid(IReadOnlyList<float> levelOfCode)
    {
        (float Level, byte Code)[] sorted = [.. levelOfCode.Select((level, code) => (level, (byte)code)).Where(entry => float.IsFinite(entry.level))
            .DistinctBy(entry => entry.level).OrderBy(entry => entry.level)];
        _levels = [.. sorted.Select(entry => entry.Level)];
        _codes = [.. sorted.Select(entry => entry.Code)];
        IsInteger = _levels.Select((level, rank) => level == _levels[0] + rank && level == MathF.Round(level)).All(whole => whole);
        _boundaries = IsInteger ? [] : [.. _levels.Zip(_levels.Skip(1), (a, b) => 0.5f * (a + b))];
    }

    public float Lowest => _levels[0];

    public float Highest => _levels[^1];

    /// <summary>Number of levels.</summary>
    public int Count => _levels.Length;

    /// <summary>Whether −ℓ is a level for every level ℓ.</summary>
    public bool IsMirrored => _levels.Select((level, rank) => level == -_levels[^(rank + 1)]).All(same => same);

    /// <summary>Whether the levels are all integers between the lowest and the highest.</summary>
    public bool IsInteger { get; }

    /// <summary>The code of the level nearest to (x + minimum) · inverse.</summary>
    public byte Code(float x, float minimum, float inverse)
    {
        float value = (x + minimum) * inverse;
        if (IsInteger)
        {
            float inside = value < Lowest ? Lowest : Highest < value ? Highest : value;
            return _codes[(int)(inside + Rounder - Rounder - Lowest)];
        }
        int rank = 0;
        foreach (float boundary in _boundaries)
        {
            rank += boundary < value ? 1 : 0;
        }
        return _codes[rank];
    }

    /// <summary>Sums over the levels nearest to (x + minimum) · inverse.</summary>
    public LevelSums Sums<T>(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, float minimum, float inverse) where T : struct, ISimd<T>
    {
        ref float x = ref MemoryMarshal.GetReference(values), w = ref MemoryMarshal.GetReference(weights);
        Span<float> lanes = stackalloc float[48];
        ref float sums = ref MemoryMarshal.GetReference(lanes);
        T add = T.Float(minimum), factor = T.Float(inverse), zero = T.Float(0f);
        for (int lane = 0; lane < 16; lane += T.Count)
        {
            T level = zero, square = zero, product = zero;
            for (int i = lane; i < values.Length; i += 16)
            {
                T value = T.Load(ref x, (nuint)i), weight = T.Load(ref w, (nuint)i);
                T nearest = Nearest(T.Multiply(T.Add(value, add), factor));
                T weighted = T.Multiply(nearest, weight);
                level = T.Add(level, weighted);
                square = T.Add(square, T.Multiply(weighted, nearest));
                product = T.Add(product, T.Multiply(weighted, value));
            }
            T.Store(level, ref sums, (nuint)lane);
            T.Store(square, ref sums, (nuint)(16 + lane));
            T.Store(product, ref sums, (nuint)(32 + lane));
        }
        return new(GroupMath.LaneSum(lanes[..16]), GroupMath.LaneSum(lanes[16..32]), GroupMath.LaneSum(lanes[32..]));
    }

    /// <summary>Σ w·(x − (ℓ·scale − minimum))² over the nearest levels ℓ.</summary>
    public float Error<T>(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, float scale, float minimum) where T : struct, ISimd<T>
    {
        ref float x = ref MemoryMarshal.GetReference(values), w = ref MemoryMarshal.GetReference(weights);
        Span<float> lanes = stackalloc float[16];
        ref float sums = ref MemoryMarshal.GetReference(lanes);
        T add = T.Float(minimum), factor = T.Float(ScaleCodec.Reciprocal(scale)), back = T.Float(scale);
        for (int lane = 0; lane < 16; lane += T.Count)
        {
            T sum = T.Float(0f);
            for (int i = lane; i < values.Length; i += 16)
            {
                T value = T.Load(ref x, (nuint)i);
                T nearest = Nearest(T.Multiply(T.Add(value, add), factor));
                T difference = T.Subtract(value, T.Subtract(T.Multiply(nearest, back), add));
                sum = T.Add(sum, T.Multiply(T.Multiply(difference, difference), T.Load(ref w, (nuint)i)));
            }
            T.Store(sum, ref sums, (nuint)lane);
        }
        return GroupMath.LaneSum(lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T Nearest<T>(T value) where T : struct, ISimd<T>
    {
        if (IsInteger)
        {
            T low = T.Float(Lowest), high = T.Float(Highest), rounder = T.Float(Rounder);
            T inside = T.SelectLess(value, low, low, T.SelectLess(high, value, high, value));
            return T.Subtract(T.Add(inside, rounder), rounder);
        }
        T level = T.Float(_levels[0]);
        for (int i = 0; i < _boundaries.Length; i++)
        {
            level = T.SelectLess(T.Float(_boundaries[i]), value, T.Float(_levels[i + 1]), level);
        }
        return level;
    }
}
