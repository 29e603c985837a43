using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// A codebook of vectors with exact nearest-neighbour search in the Euclidean metric. Immutable; may be shared by threads.
/// </summary>
/// <remarks>
/// <para>
/// "Exact" means: the entry with the smallest squared distance as float32 evaluates it, first dimension first, one fused
/// multiply–add per dimension. Of equal distances the entry wins that is first in the order of the first coordinate
/// (then of the index). All vector widths and the reference agree bit by bit.
/// </para>
/// <para>
/// Entries are kept in order of their first coordinate, one array per dimension. The search starts next to the query and
/// goes outwards on both sides, a vector of entries at a time; a side is closed when the distance in the first coordinate
/// alone exceeds the best found. Rounding cannot hide an entry: a sum of squares is never rounded below its first term.
/// </para>
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class VectorGrid
{
    /// <summary>Queries beyond this are taken as this, so that no squared distance overflows.</summary>
    private const float Limit = 1e9f;

    /// <summary>Coordinates of the entries that fill the last vector: their squares are infinite, so that they never win.</summary>
    private const float Nowhere = 1e30f;

    private readonly float[] _entries;
    private readonly float[] _coordinates;
    private readonly int[] _index;
    private readonly int[] _bucketStart;
    private readonly float _bucketOrigin,
        _bucketsPerUnit;
    private readonly int _stride;

    /// <summary>Prepares a codebook for searching.</summary>
    /// <param name="dimension">Dimension of the vectors, 1 to 8.</param>
    /// <param name="entries">The entries one after the other: 1 to 65536 of them, finite numbers of at most 10⁹.</param>
    /// <exception cref="ArgumentException">The numbers are out of range or not a whole number of entries.</exception>
    public VectorGrid(int dimension, ReadOnlySpan<float> entries)
    {
        if (dimension is < 1 or > 8 || entries.IsEmpty || entries.Length % dimension != 0 || entries.Length / dimension > 65536)
        {
            throw new ArgumentException(
                $"A vector grid has 1 to 65536 entries of dimension 1 to 8; {entries.Length} numbers of dimension {dimension} were given."
            );
        }
        foreach (float value in entries)
        {
            if (!(MathF.Abs(value) <= Limit))
            {
                throw new ArgumentException($"Entries of a vector grid are finite and at most 1e9; {value} was given.", nameof(entries));
            }
        }
        Dimension = dimension;
        _entries = entries.ToArray();
        Count = entries.Length / dimension;
        _index = Enumerable.Range(0, Count).OrderBy(i => _entries[i * dimension]).ToArray(); // stable
        _stride = (Count + 31) & ~15;
        _coordinates = new float[_stride * dimension];
        Array.Fill(_coordinates, Nowhere);
        for (int slot = 0; slot < Count; slot++)
        {
            for (int d = 0; d < dimension; d++)
            {
                _coordinates[d * _stride + slot] = _entries[_index[slot] * dimension + d];
            }
        }

        int buckets = Math.Max(1, Count / 4);
        float low = _coordinates[0],
            range = _coordinates[Count - 1] - low;
        _bucketOrigin = low;
        _bucketsPerUnit = range > 0 && float.IsFinite(buckets / range) ? buckets / range : 0;
        _bucketStart = new int[buckets + 1];
        for (int slot = Count - 1; slot >= 0; slot--)
        {
            _bucketStart[Bucket(_coordinates[slot])] = slot;
        }
        for (int bucket = 1; bucket <= buckets; bucket++)
        {
            // an empty one starts where the one before does
            _bucketStart[bucket] = Math.Max(_bucketStart[bucket], _bucketStart[bucket - 1]);
        }
    }

    /// <summary>Dimension of the vectors.</summary>
    public int Dimension { get; }

    /// <summary>Number of entries.</summary>
    public int Count { get; }

    /// <summary>The entries one after the other, by index.</summary>
    public ReadOnlySpan<float> Entries => _entries;

    /// <summary>log₂(entries) / dimension: the bits of a weight, without scales.</summary>
    public double BitsPerWeight => Math.Log2(Count) / Dimension;

    /// <summary>Finds the nearest entry.</summary>
    /// <param name="vector">The query, <see cref="Dimension"/> finite numbers; beyond ±10⁹ they are taken as ±10⁹.</param>
    /// <param name="squaredDistance">Receives the squared distance.</param>
    /// <returns>The index of the entry.</returns>
    /// <exception cref="ArgumentException">The vector has the wrong length or a number is NaN or infinite.</exception>
    public int Nearest(ReadOnlySpan<float> vector, out float squaredDistance)
    {
        Check(vector, 1);
        if (Vector512.IsHardwareAccelerated)
        {
            return Nearest<Simd512>(vector, out squaredDistance);
        }
        if (Vector256.IsHardwareAccelerated)
        {
            return Nearest<Simd256>(vector, out squaredDistance);
        }
        return Vector128.IsHardwareAccelerated
            ? Nearest<Simd128>(vector, out squaredDistance)
            : NearestReference(vector, out squaredDistance);
    }

    /// <summary>Finds the nearest entry for every vector of a row.</summary>
    /// <param name="values">Vectors one after the other, finite numbers.</param>
    /// <param name="indices">Receives the index of the nearest entry of each.</param>
    /// <returns>The sum of the squared distances.</returns>
    /// <exception cref="ArgumentException">The lengths do not match or a number is NaN or infinite.</exception>
    public double Encode(ReadOnlySpan<float> values, Span<ushort> indices) => Encode(values, default, indices);

    /// <summary>Finds the entry of least weighted squared distance, Σ w·(x − e)², for every vector of a row.</summary>
    /// <param name="values">Vectors one after the other, finite numbers.</param>
    /// <param name="importance">A weight w for every number, from 0 to 2; none for equal weights.</param>
    /// <param name="indices">Receives the index of the nearest entry of each.</param>
    /// <returns>The sum of the weighted squared distances.</returns>
    /// <exception cref="ArgumentException">The lengths do not match or a number is NaN or infinite.</exception>
    public double Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<ushort> indices)
    {
        Check(values, indices.Length);
        if (!importance.IsEmpty)
        {
            Check(importance, indices.Length);
        }
        if (Vector512.IsHardwareAccelerated)
        {
            return Encode<Simd512>(values, importance, indices);
        }
        if (Vector256.IsHardwareAccelerated)
        {
            return Encode<Simd256>(values, importance, indices);
        }
        return Vector128.IsHardwareAccelerated ? Encode<Simd128>(values, importance, indices) : Encode<Simd32>(values, importance, indices);
    }

    /// <summary>Decodes a row: every number of an entry times the scale.</summary>
    /// <param name="indices">Indices of entries.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="values">Receives <see cref="Dimension"/> numbers per index.</param>
    /// <exception cref="ArgumentException">There is too little room.</exception>
    /// <exception cref="IndexOutOfRangeException">An index is not below <see cref="Count"/>.</exception>
    public void Decode(ReadOnlySpan<ushort> indices, float scale, Span<float> values) =>
        VectorGridDecoder.Decode(Dimension, _entries, indices, scale, values);

    /// <summary>The reference of <see cref="Nearest"/>: all entries, one after the other.</summary>
    /// <param name="vector">The query.</param>
    /// <param name="squaredDistance">Receives the squared distance.</param>
    public int NearestReference(ReadOnlySpan<float> vector, out float squaredDistance) =>
        NearestReference(vector, default, out squaredDistance);

    /// <summary>The reference of the weighted search.</summary>
    /// <param name="vector">The query.</param>
    /// <param name="importance">A weight for every dimension, or none.</param>
    /// <param name="squaredDistance">Receives the weighted squared distance.</param>
    internal int NearestReference(ReadOnlySpan<float> vector, ReadOnlySpan<float> importance, out float squaredDistance)
    {
        Check(vector, 1);
        int best = 0;
        squaredDistance = float.PositiveInfinity;
        for (int slot = 0; slot < Count; slot++)
        {
            float sum = 0;
            for (int d = 0; d < Dimension; d++)
            {
                float difference = Math.Clamp(vector[d], -Limit, Limit) - _coordinates[d * _stride + slot];
                difference = importance.IsEmpty ? difference : difference * MathF.Sqrt(importance[d]);
                sum = d == 0 ? difference * difference : MathF.FusedMultiplyAdd(difference, difference, sum);
            }
            if (sum < squaredDistance)
            {
                squaredDistance = sum;
                best = slot;
            }
        }
        return _index[best];
    }

    /// <summary>The search in lanes, over rows.</summary>
    internal double Encode<T>(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<ushort> indices)
        where T : struct, ISimd<T>
    {
        double sum = 0;
        for (int i = 0; i < indices.Length; i++)
        {
            ReadOnlySpan<float> vector = values.Slice(i * Dimension, Dimension);
            float distance;
            indices[i] = (ushort)(
                importance.IsEmpty
                    ? Nearest<T, PlainMetric>(vector, default, out distance)
                    : Nearest<T, WeightedMetric>(vector, importance.Slice(i * Dimension, Dimension), out distance)
            );
            sum += distance;
        }
        return sum;
    }

    /// <summary>The search in lanes.</summary>
    internal int Nearest<T>(ReadOnlySpan<float> vector, out float squaredDistance)
        where T : struct, ISimd<T> => Nearest<T, PlainMetric>(vector, default, out squaredDistance);

    private int Nearest<T, TMetric>(ReadOnlySpan<float> vector, ReadOnlySpan<float> importance, out float squaredDistance)
        where T : struct, ISimd<T>
        where TMetric : struct, ISearchMetric
    {
        // The query, then the roots of its weights.
        Span<float> query = stackalloc float[TMetric.IsWeighted ? 16 : 8];
        for (int d = 0; d < vector.Length; d++)
        {
            query[d] = Math.Clamp(vector[d], -Limit, Limit);
            if (TMetric.IsWeighted)
            {
                query[8 + d] = MathF.Sqrt(importance[d]);
            }
        }
        float x = query[0],
            root = TMetric.IsWeighted ? query[8] : 1f;
        ref float coordinates = ref MemoryMarshal.GetArrayDataReference(_coordinates);
        ref float q = ref MemoryMarshal.GetReference(query);
        int right = _bucketStart[Bucket(x)] & -T.Count,
            left = right;
        T bestDistance = T.Float(float.PositiveInfinity),
            bestSlot = T.Int(0);
        T lane = T.Load(ref MemoryMarshal.GetReference(Iota), 0);
        bool rightOpen = true,
            leftOpen = left > 0;
        while (rightOpen || leftOpen)
        {
            if (rightOpen)
            {
                T distance = Distances<T, TMetric>(ref coordinates, ref q, right);
                bestSlot = T.SelectLess(distance, bestDistance, T.AddInt(T.Int((uint)right), lane), bestSlot);
                bestDistance = T.Min(distance, bestDistance);
                right += T.Count;
                float gap = right < Count ? (Unsafe.Add(ref coordinates, right) - x) * root : 0;
                // The first of the next entries may still lie before the query, as buckets are coarse.
                rightOpen = right < Count && (gap <= 0 || !T.AnyLess(bestDistance, T.Float(gap * gap)));
            }
            if (leftOpen)
            {
                left -= T.Count;
                T distance = Distances<T, TMetric>(ref coordinates, ref q, left);
                // These slots are lower than all before, so they win draws.
                bestSlot = T.SelectLess(bestDistance, distance, bestSlot, T.AddInt(T.Int((uint)left), lane));
                bestDistance = T.Min(distance, bestDistance);
                float gap = left > 0 ? (x - Unsafe.Add(ref coordinates, left - 1)) * root : 0;
                leftOpen = left > 0 && (gap <= 0 || !T.AnyLess(bestDistance, T.Float(gap * gap)));
            }
        }
        return _index[Lowest(bestDistance, bestSlot, out squaredDistance)];
    }

    /// <summary>Squared distances of the query from a vector of entries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T Distances<T, TMetric>(ref float coordinates, ref float query, int slot)
        where T : struct, ISimd<T>
        where TMetric : struct, ISearchMetric
    {
        T difference = T.Subtract(T.Float(query), T.Load(ref coordinates, (nuint)slot));
        if (TMetric.IsWeighted)
        {
            difference = T.Multiply(difference, T.Float(Unsafe.Add(ref query, 8)));
        }
        T sum = T.Multiply(difference, difference);
        for (int d = 1; d < Dimension; d++)
        {
            difference = T.Subtract(T.Float(Unsafe.Add(ref query, d)), T.Load(ref coordinates, (nuint)(d * _stride + slot)));
            if (TMetric.IsWeighted)
            {
                difference = T.Multiply(difference, T.Float(Unsafe.Add(ref query, 8 + d)));
            }
            sum = T.Fused(difference, difference, sum);
        }
        return sum;
    }

    /// <summary>The lowest distance of all lanes, and of equal ones the lowest slot.</summary>
    private static int Lowest<T>(T distances, T slots, out float distance)
        where T : struct, ISimd<T>
    {
        Span<float> d = stackalloc float[16];
        Span<uint> s = stackalloc uint[16];
        T.Store(distances, ref MemoryMarshal.GetReference(d), 0);
        T.Store(slots, ref MemoryMarshal.GetReference(s), 0);
        int best = 0;
        for (int i = 1; i < T.Count; i++)
        {
            if (d[i] < d[best] || d[i] == d[best] && s[i] < s[best])
            {
                best = i;
            }
        }
        distance = d[best];
        return (int)s[best];
    }

    /// <summary>The bucket of a first coordinate; monotone, so that entries before a bucket lie before its queries.</summary>
    private int Bucket(float x) => (int)Math.Clamp((x - _bucketOrigin) * _bucketsPerUnit, 0f, _bucketStart.Length - 1);

    private void Check(ReadOnlySpan<float> values, int vectors)
    {
        if (values.Length != vectors * Dimension)
        {
            throw new ArgumentException(
                $"{vectors} vectors of dimension {Dimension} are {vectors * Dimension} numbers; {values.Length} were given."
            );
        }
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
            {
                throw new ArgumentException($"Only finite numbers have a nearest entry; {value} was given.");
            }
        }
    }

    private static ReadOnlySpan<uint> Iota => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
}
