using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelGen.Kernels.Products;

/// <summary>
/// A repacked matrix of indices into a codebook of vectors of three numbers or more: the indices of 16 rows side by side, held as
/// distances in the table, so that an entry is one load and one multiplication for four weights.
/// </summary>
internal sealed class EntryMatrix : InterleavedMatrix
{
    /// <summary>Smaller vectors leave most of a load unused.</summary>
    public const int SmallestDimension = 3;

    /// <summary>Distances are counted in so many numbers: what addresses scale by.</summary>
    private const int Unit = 2;

    /// <summary>Rows that are multiplied side by side: as many sums as hide the time of an addition.</summary>
    private const int SideBySide = 8;

    private readonly int _dimension,
        _stride,
        _vectors,
        _tableStart;
    private readonly float[] _table,
        _scales;
    private readonly ushort[] _distances;

    /// <summary>Repacks a matrix.</summary>
    /// <param name="book">The codebook.</param>
    /// <param name="rows">Packed rows.</param>
    public EntryMatrix(Codebook book, in CodebookRows rows)
        : base(rows.Rows, rows.Columns, rows.Group)
    {
        (_dimension, _stride, _vectors) = (book.Dimension, Stride(book.Dimension), rows.Group / book.Dimension);
        // entries do not cross cache lines
        _table = GC.AllocateArray<float>(book.Count * _stride + 16, pinned: true);
        _tableStart = (int)(-(long)Marshal.UnsafeAddrOfPinnedArrayElement(_table, 0) & 63) / sizeof(float);
        for (int i = 0; i < book.Entries.Length; i++)
        {
            _table[_tableStart + i / _dimension * _stride + i % _dimension] = book.Entries[i];
        }
        _distances = new ushort[checked(Blocks * Groups * _vectors * BlockRows)];
        _scales = new float[Blocks * Groups * BlockRows];
        Span<ushort> indices = new ushort[_vectors];
        for (int r = 0; r < rows.Rows; r++)
        {
            for (int g = 0; g < Groups; g++)
            {
                int at = r / BlockRows * Groups + g;
                _scales[at * BlockRows + r % BlockRows] = rows.Read(r, g, indices);
                for (int v = 0; v < _vectors; v++)
                {
                    _distances[(at * _vectors + v) * BlockRows + r % BlockRows] = (ushort)(indices[v] * _stride / Unit);
                }
            }
        }
    }

    private EntryMatrix(EntryMatrix other)
        : base(other.Rows, other.Columns, other.Group)
    {
        (_dimension, _stride, _vectors, _tableStart, _table) = (
            other._dimension,
            other._stride,
            other._vectors,
            other._tableStart,
            other._table
        );
        (_scales, _distances) = ([.. other._scales], [.. other._distances]);
    }

    public override long Bytes => 2L * _distances.Length + 4L * (_scales.Length + _table.Length);

    /// <summary>Whether distances fit 16 bits.</summary>
    public static bool Fits(Codebook book) => book.Dimension >= SmallestDimension && book.Count * Stride(book.Dimension) / Unit <= 1 << 16;

    internal override int MostFloatVectors => 9;

    protected override void Multiply(int first, int count, ReadOnlySpan<float> x, Span<float> sums)
    {
        float[]? spread = null;
        if (_stride != _dimension)
        {
            spread = System.Buffers.ArrayPool<float>.Shared.Rent(Groups * _vectors * _stride);
            x = Spread(x, spread.AsSpan(0, Groups * _vectors * _stride));
        }
        for (int row = 0; row < count * BlockRows; row += SideBySide)
        {
            if (_stride == 4)
            {
                Dot<OneLoad>(first + row / BlockRows, row % BlockRows, ref MemoryMarshal.GetReference(x), sums.Slice(row, SideBySide));
            }
            else
            {
                Dot<TwoLoads>(first + row / BlockRows, row % BlockRows, ref MemoryMarshal.GetReference(x), sums.Slice(row, SideBySide));
            }
        }
        if (spread is not null)
        {
            System.Buffers.ArrayPool<float>.Shared.Return(spread);
        }
    }

    /// <summary>Numbers from one entry to the next: whole vectors of four.</summary>
    private static int Stride(int dimension) => dimension <= 4 ? 4 : 8;

    /// <summary>Activations with zeros where entries have them.</summary>
    private ReadOnlySpan<float> Spread(ReadOnlySpan<float> x, Span<float> target)
    {
        target.Clear();
        for (int v = 0; v < target.Length / _stride; v++)
        {
            x.Slice(v * _dimension, _dimension).CopyTo(target[(v * _stride)..]);
        }
        return target;
    }

    private void Dot<TLoads>(int block, int firstRow, ref float x, Span<float> sums)
        where TLoads : struct, ILoads
    {
        int groups = Groups,
            vectors = _vectors;
        ref float table = ref _table[_tableStart],
            scale = ref _scales[block * groups * BlockRows + firstRow];
        ref ushort distance = ref _distances[block * groups * vectors * BlockRows + firstRow];
        Vector128<float> t0 = default,
            t1 = default,
            t2 = default,
            t3 = default,
            t4 = default,
            t5 = default,
            t6 = default,
            t7 = default;
        for (int g = 0; g < groups; g++)
        {
            Vector128<float> s0 = default,
                s1 = default,
                s2 = default,
                s3 = default,
                s4 = default,
                s5 = default,
                s6 = default,
                s7 = default;
            for (int v = 0; v < vectors; v++)
            {
                Vector128<float> low = Vector128.LoadUnsafe(ref x),
                    high = TLoads.Count == 2 ? Vector128.LoadUnsafe(ref x, 4) : default;
                s0 = Add<TLoads>(s0, ref table, distance, low, high);
                s1 = Add<TLoads>(s1, ref table, Unsafe.Add(ref distance, 1), low, high);
                s2 = Add<TLoads>(s2, ref table, Unsafe.Add(ref distance, 2), low, high);
                s3 = Add<TLoads>(s3, ref table, Unsafe.Add(ref distance, 3), low, high);
                s4 = Add<TLoads>(s4, ref table, Unsafe.Add(ref distance, 4), low, high);
                s5 = Add<TLoads>(s5, ref table, Unsafe.Add(ref distance, 5), low, high);
                s6 = Add<TLoads>(s6, ref table, Unsafe.Add(ref distance, 6), low, high);
                s7 = Add<TLoads>(s7, ref table, Unsafe.Add(ref distance, 7), low, high);
                x = ref Unsafe.Add(ref x, 4 * TLoads.Count);
                distance = ref Unsafe.Add(ref distance, BlockRows);
            }
            t0 += s0 * Vector128.Create(scale);
            t1 += s1 * Vector128.Create(Unsafe.Add(ref scale, 1));
            t2 += s2 * Vector128.Create(Unsafe.Add(ref scale, 2));
            t3 += s3 * Vector128.Create(Unsafe.Add(ref scale, 3));
            t4 += s4 * Vector128.Create(Unsafe.Add(ref scale, 4));
            t5 += s5 * Vector128.Create(Unsafe.Add(ref scale, 5));
            t6 += s6 * Vector128.Create(Unsafe.Add(ref scale, 6));
            t7 += s7 * Vector128.Create(Unsafe.Add(ref scale, 7));
            scale = ref Unsafe.Add(ref scale, BlockRows);
        }
        (sums[0], sums[1], sums[2], sums[3]) = (Vector128.Sum(t0), Vector128.Sum(t1), Vector128.Sum(t2), Vector128.Sum(t3));
        (sums[4], sums[5], sums[6], sums[7]) = (Vector128.Sum(t4), Vector128.Sum(t5), Vector128.Sum(t6), Vector128.Sum(t7));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Add<TLoads>(
        Vector128<float> sum,
        ref float table,
        ushort distance,
        Vector128<float> low,
        Vector128<float> high
    )
        where TLoads : struct, ILoads
    {
        ref float entry = ref Unsafe.As<double, float>(ref Unsafe.Add(ref Unsafe.As<float, double>(ref table), (nuint)distance));
        sum = Vector128.MultiplyAddEstimate(Vector128.LoadUnsafe(ref entry), low, sum);
        return TLoads.Count == 2 ? Vector128.MultiplyAddEstimate(Vector128.LoadUnsafe(ref entry, 4), high, sum) : sum;
    }

    /// <summary>Vectors of four numbers of an entry, known to the JIT.</summary>
    private interface ILoads
    {
        static abstract int Count { get; }
    }

    private readonly struct OneLoad : ILoads
    {
        public static int Count => 1;
    }

    private readonly struct TwoLoads : ILoads
    {
        public static int Count => 2;
    }
}
