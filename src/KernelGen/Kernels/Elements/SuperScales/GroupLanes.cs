using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// The values of a super-block turned so that every group has a lane, and where 16 lanes have room for all groups several times, that
/// often: as many candidates are compared at once for all groups. Sums run within a lane, from the first value of a group to
/// the last, so that every vector width finds the same.
/// </summary>
/// <remarks>Numbers for candidates are entry <c>candidate · Groups + group</c> of a span.</remarks>
internal readonly ref struct GroupLanes
{
    private const int Lanes = 16;

    private const float SmallestNormal = 1.1754944e-38f;

    private readonly Span<float> _values,
        _weights;
    private readonly LevelGrid _grid;
    private readonly int _elements,
        _width;

    /// <summary>Turns a super-block.</summary>
    /// <param name="grid">The levels.</param>
    /// <param name="x">Its values.</param>
    /// <param name="w">Their weights.</param>
    /// <param name="groups">Groups.</param>
    /// <param name="room"><see cref="Room"/> floats.</param>
    public GroupLanes(LevelGrid grid, ReadOnlySpan<float> x, ReadOnlySpan<float> w, int groups, Span<float> room)
    {
        (_grid, Groups, _elements, Copies, _width) = (grid, groups, x.Length / groups, CopiesOf(groups), WidthOf(groups));
        _values = room[..(_elements * _width)];
        _weights = room.Slice(_values.Length, _values.Length);
        room.Clear();
        for (int i = 0; i < _elements; i++)
        {
            Span<float> values = _values.Slice(i * _width, _width),
                weights = _weights.Slice(i * _width, _width);
            for (int g = 0; g < groups; g++)
            {
                (values[g], weights[g]) = (x[g * _elements + i], w[g * _elements + i]);
            }
            for (int copy = 1; copy < Copies; copy++)
            {
                values[..groups].CopyTo(values[(copy * groups)..]);
                weights[..groups].CopyTo(weights[(copy * groups)..]);
            }
        }
    }

    /// <summary>Groups.</summary>
    public int Groups { get; }

    /// <summary>Candidates that are compared at once.</summary>
    public int Copies { get; }

    /// <summary>Floats that the turned values and weights take.</summary>
    /// <param name="group">Values of a group.</param>
    /// <param name="groups">Groups.</param>
    public static int Room(int group, int groups) => 2 * group * WidthOf(groups);

    /// <summary>Sums over the nearest levels ℓ of (x + minimum) · inverse, for candidates of all groups.</summary>
    /// <param name="candidates">Candidates.</param>
    /// <param name="minima">Minima.</param>
    /// <param name="inverses">Inverse scales.</param>
    /// <param name="level">Receives Σ w·ℓ.</param>
    /// <param name="square">Receives Σ w·ℓ².</param>
    /// <param name="product">Receives Σ w·x·ℓ.</param>
    public void Sums<T>(
        int candidates,
        ReadOnlySpan<float> minima,
        ReadOnlySpan<float> inverses,
        Span<float> level,
        Span<float> square,
        Span<float> product
    )
        where T : struct, ISimd<T>
    {
        Span<float> buffer = stackalloc float[5 * _width];
        Span<float> tables = stackalloc float[2 * Lanes];
        buffer.Clear();
        for (int first = 0; first < candidates; first += Copies)
        {
            int from = first * Groups,
                count = Math.Min(Copies, candidates - first) * Groups;
            minima.Slice(from, count).CopyTo(buffer);
            inverses.Slice(from, count).CopyTo(buffer[_width..]);
            if (_grid.IsInteger)
            {
                Sums<T, NearestIntegers<T>>(new(_grid), buffer);
            }
            else if (_grid.Count <= Lanes)
            {
                Sums<T, NearestOfSixteen<T>>(new(_grid, tables), buffer);
            }
            else
            {
                Sums<T, NearestOfMany<T>>(new(_grid), buffer);
            }
            buffer.Slice(2 * _width, count).CopyTo(level[from..]);
            buffer.Slice(3 * _width, count).CopyTo(square[from..]);
            buffer.Slice(4 * _width, count).CopyTo(product[from..]);
        }
    }

    /// <summary>Σ w·(x − (ℓ·scale − minimum))² over the nearest levels ℓ, for candidates of all groups.</summary>
    /// <param name="candidates">Candidates.</param>
    /// <param name="minima">Minima.</param>
    /// <param name="scales">Scales.</param>
    /// <param name="errors">Receives the errors.</param>
    public void Errors<T>(int candidates, ReadOnlySpan<float> minima, ReadOnlySpan<float> scales, Span<float> errors)
        where T : struct, ISimd<T>
    {
        Span<float> buffer = stackalloc float[3 * _width];
        Span<float> tables = stackalloc float[2 * Lanes];
        buffer.Clear();
        for (int first = 0; first < candidates; first += Copies)
        {
            int from = first * Groups,
                count = Math.Min(Copies, candidates - first) * Groups;
            minima.Slice(from, count).CopyTo(buffer);
            scales.Slice(from, count).CopyTo(buffer[_width..]);
            if (_grid.IsInteger)
            {
                Errors<T, NearestIntegers<T>>(new(_grid), buffer);
            }
            else if (_grid.Count <= Lanes)
            {
                Errors<T, NearestOfSixteen<T>>(new(_grid, tables), buffer);
            }
            else
            {
                Errors<T, NearestOfMany<T>>(new(_grid), buffer);
            }
            buffer.Slice(2 * _width, count).CopyTo(errors[from..]);
        }
    }

    private void Sums<T, TLevels>(TLevels levels, Span<float> buffer)
        where T : struct, ISimd<T>
        where TLevels : INearestLevels<T>, allows ref struct
    {
        ref float x = ref MemoryMarshal.GetReference(_values),
            w = ref MemoryMarshal.GetReference(_weights),
            b = ref MemoryMarshal.GetReference(buffer);
        nuint width = (nuint)_width,
            end = (nuint)_values.Length;
        for (nuint lane = 0; lane < width; lane += (nuint)T.Count)
        {
            T minimum = T.Load(ref b, lane),
                inverse = T.Load(ref b, width + lane);
            T level = T.Float(0f),
                square = T.Float(0f),
                product = T.Float(0f);
            for (nuint at = lane; at < end; at += width)
            {
                T value = T.Load(ref x, at);
                T nearest = levels.Of(T.Multiply(T.Add(value, minimum), inverse));
                T weighted = T.Multiply(nearest, T.Load(ref w, at));
                level = T.Add(level, weighted);
                square = T.Add(square, T.Multiply(weighted, nearest));
                product = T.Add(product, T.Multiply(weighted, value));
            }
            T.Store(level, ref b, 2 * width + lane);
            T.Store(square, ref b, 3 * width + lane);
            T.Store(product, ref b, 4 * width + lane);
        }
    }

    private void Errors<T, TLevels>(TLevels levels, Span<float> buffer)
        where T : struct, ISimd<T>
        where TLevels : INearestLevels<T>, allows ref struct
    {
        ref float x = ref MemoryMarshal.GetReference(_values),
            w = ref MemoryMarshal.GetReference(_weights),
            b = ref MemoryMarshal.GetReference(buffer);
        nuint width = (nuint)_width,
            end = (nuint)_values.Length;
        for (nuint lane = 0; lane < width; lane += (nuint)T.Count)
        {
            T minimum = T.Load(ref b, lane),
                scale = T.Load(ref b, width + lane),
                sum = T.Float(0f);
            // ScaleCodec.Reciprocal in lanes
            T inverse = T.SelectLess(T.And(scale, T.Int(0x7FFFFFFF)), T.Float(SmallestNormal), sum, T.Divide(T.Float(1f), scale));
            for (nuint at = lane; at < end; at += width)
            {
                T value = T.Add(T.Load(ref x, at), minimum);
                T difference = T.Subtract(value, T.Multiply(levels.Of(T.Multiply(value, inverse)), scale));
                sum = T.Add(sum, T.Multiply(T.Multiply(difference, difference), T.Load(ref w, at)));
            }
            T.Store(sum, ref b, 2 * width + lane);
        }
    }

    private static int CopiesOf(int groups) => Math.Max(1, Lanes / groups);

    private static int WidthOf(int groups) => (CopiesOf(groups) * groups + Lanes - 1) / Lanes * Lanes;
}
