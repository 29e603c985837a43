using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelGen.Kernels.Threads;

namespace KernelGen.Kernels.Products;

/// <summary>
/// A repacked matrix of indices of at most a byte into a codebook of vectors. For the columns of an index the products of all entries
/// with the activations are made once for all rows; a row then looks up one sum for each index, 64 rows by one permutation.
/// </summary>
internal sealed class SumTableMatrix : InterleavedMatrix
{
    /// <summary>Fewer rows are not worth the tables.</summary>
    public const int FewestRows = 48;

    /// <summary>Rows of a block: indices that one permutation looks up.</summary>
    private const int Lookups = 64;

    /// <summary>Blocks that are worth a thread and its tables.</summary>
    private const int FewestBlocks = 8;

    /// <summary>What a core's own caches hold, about: the indices of larger matrices are asked for ahead.</summary>
    private const long SecondLevelCache = 2 << 20;

    /// <summary>Blocks that share a table: their sums stay in the first-level cache.</summary>
    private const int TableBlocks = 64;

    private readonly int _dimension,
        _entries,
        _vectors,
        _vectorsHeld;
    private readonly float[] _byDimension,
        _scales;
    private readonly byte[] _indices;

    /// <summary>Repacks a matrix.</summary>
    /// <param name="book">The codebook.</param>
    /// <param name="rows">Packed rows.</param>
    public SumTableMatrix(Codebook book, in CodebookRows rows)
        : base(rows.Rows, rows.Columns, rows.Group, Lookups)
    {
        (_dimension, _vectors) = (book.Dimension, rows.Group / book.Dimension);
        _entries = book.Count <= SumTable.Small ? SumTable.Small : SumTable.Large;
        _vectorsHeld = (_vectors + SumTable.Together(_entries) - 1) / SumTable.Together(_entries) * SumTable.Together(_entries);
        _byDimension = new float[_dimension * _entries];
        for (int i = 0; i < book.Count * _dimension; i++)
        {
            _byDimension[i % _dimension * _entries + i / _dimension] = book.Entries[i];
        }
        _indices = new byte[checked(Groups * _vectorsHeld * Blocks * Lookups)];
        _scales = new float[Groups * Blocks * Lookups];
        Span<ushort> indices = new ushort[_vectors];
        for (int r = 0; r < rows.Rows; r++)
        {
            for (int g = 0; g < Groups; g++)
            {
                _scales[g * Blocks * Lookups + r] = rows.Read(r, g, indices);
                for (int v = 0; v < _vectors; v++)
                {
                    _indices[((g * _vectorsHeld + v) * Blocks + r / Lookups) * Lookups + SumTable.Place(r % Lookups)] = (byte)indices[v];
                }
            }
        }
    }

    private SumTableMatrix(SumTableMatrix other)
        : base(other.Rows, other.Columns, other.Group, Lookups)
    {
        (_dimension, _entries, _vectors, _vectorsHeld, _byDimension) = (
            other._dimension,
            other._entries,
            other._vectors,
            other._vectorsHeld,
            other._byDimension
        );
        (_scales, _indices) = ([.. other._scales], [.. other._indices]);
    }

    /// <summary>Whether the machine has the permutations.</summary>
    public static bool IsSupported => Avx512Vbmi.IsSupported && Avx512BW.IsSupported;

    public override long Bytes => _indices.Length + 4L * _scales.Length;

    /// <summary>All tables are made for every stretch: no more of them than threads.</summary>
    private protected override Grain Grain(int threads) => new(Math.Max(FewestBlocks, (Blocks + threads - 1) / threads));

    internal override int MostFloatVectors =>
        _entries == SumTable.Small ? int.MaxValue
        : _dimension == 2 ? 16
        : 24;

    protected override void Multiply(int first, int count, ReadOnlySpan<float> x, Span<float> sums)
    {
        Span<float> groupSums = stackalloc float[TableBlocks * Lookups];
        for (int done = 0; done < count; done += TableBlocks)
        {
            int blocks = Math.Min(TableBlocks, count - done);
            Multiply(first + done, x, groupSums[..(blocks * Lookups)], sums.Slice(done * Lookups, blocks * Lookups));
        }
    }

    private void Multiply(int first, ReadOnlySpan<float> x, Span<float> groupSums, Span<float> sums)
    {
        int together = SumTable.Together(_entries);
        nuint stride = (nuint)(Blocks * Lookups);
        bool large = Bytes > SecondLevelCache;
        Span<byte> tables = stackalloc byte[SumTable.Bytes];
        Span<float> none = stackalloc float[_dimension];
        none.Clear();
        sums.Clear();
        for (int g = 0; g < Groups; g++)
        {
            groupSums.Clear();
            for (int v = 0; v < _vectorsHeld; v += together)
            {
                for (int i = 0; i < together; i++)
                {
                    ReadOnlySpan<float> activations = v + i < _vectors ? x.Slice(g * Group + (v + i) * _dimension, _dimension) : none;
                    SumTable.Make(_byDimension, _entries, activations, tables[(i * 4 * _entries)..]);
                }
                ref byte indices = ref _indices[((g * _vectorsHeld + v) * Blocks + first) * Lookups];
                if (_entries == SumTable.Small)
                {
                    SumTable.AddFour(ref MemoryMarshal.GetReference(tables), ref indices, stride, large, groupSums);
                }
                else
                {
                    SumTable.AddOne(ref MemoryMarshal.GetReference(tables), ref indices, stride, large, groupSums);
                }
            }
            Scale(ref _scales[(g * Blocks + first) * Lookups], ref MemoryMarshal.GetReference(groupSums), sums);
        }
    }

    private static void Scale(ref float scales, ref float groupSums, Span<float> sums)
    {
        ref float target = ref MemoryMarshal.GetReference(sums);
        for (nuint i = 0; i < (nuint)sums.Length; i += 16)
        {
            Vector512
                .FusedMultiplyAdd(
                    Vector512.LoadUnsafe(ref groupSums, i),
                    Vector512.LoadUnsafe(ref scales, i),
                    Vector512.LoadUnsafe(ref target, i)
                )
                .StoreUnsafe(ref target, i);
        }
    }
}
