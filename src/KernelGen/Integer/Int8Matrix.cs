using System.Runtime.InteropServices;

namespace KernelGen;

/// <summary>
/// A matrix repacked in memory for integer dot products: rows interleaved by 16, scales apart. Made when a matrix is loaded
/// from any format that has an <see cref="Int8Layout"/>; never stored.
/// </summary>
public abstract class Int8Matrix
{
    private protected Int8Matrix(int rows, int columns) => (Rows, Columns) = (rows, columns);

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Columns.</summary>
    public int Columns { get; }

    /// <summary>Bytes held, scales included.</summary>
    public abstract long Bytes { get; }

    /// <summary>A copy with memory of its own: what a benchmark streams through.</summary>
    internal abstract Int8Matrix Copy();

    /// <summary>Y = X·Wᵀ with activations rounded to bytes.</summary>
    /// <param name="x"><c>batch × Columns</c> finite activations.</param>
    /// <param name="batch">Number of activation vectors.</param>
    /// <param name="y">Receives <c>batch × Rows</c> sums.</param>
    /// <param name="twoDigits">Whether each activation keeps two bytes.</param>
    /// <param name="parallelism">How many threads; the result does not depend on it.</param>
    public abstract void MatMul(ReadOnlyMemory<float> x, int batch, Memory<float> y, bool twoDigits = false, Parallelism? parallelism = null);

    /// <summary>Repacks a matrix; null if the format has no integer kernels or a scale is not finite.</summary>
    /// <typeparam name="TFormat">The format.</typeparam>
    /// <param name="packed">The packed matrix.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public static Int8Matrix? Of<TFormat>(ReadOnlySpan<byte> packed, int rows, int columns) where TFormat : struct, ICompressedFormat<TFormat>
    {
        MatrixShape.Check(TFormat.Info, rows, columns, packed.Length, int.MaxValue);
        return TFormat.IntegerLayout is { } layout && rows > 0 ? Int8Matrix<TFormat>.Repack(layout, packed, rows, columns) : null;
    }
}

/// <summary>The repacked matrix of one format.</summary>
internal sealed class Int8Matrix<TFormat> : Int8Matrix where TFormat : struct, ICompressedFormat<TFormat>
{
    private readonly Int8Layout _layout;
    private readonly int _slices, _blocks, _scaleBytes, _codesStart;
    private readonly byte[] _codes, _scales;
    private readonly float[] _offsets;

    private Int8Matrix(Int8Layout layout, int rows, int columns) : base(rows, columns)
    {
        _layout = layout;
        _slices = (columns + Int8Activations.Group - 1) / Int8Activations.Group * (Int8Activations.Group / layout.SliceColumns);
        _blocks = (rows + Int8Layout.Rows - 1) / Int8Layout.Rows;
        _scaleBytes = layout.HalfScales ? 2 : 4;
        // Vectors of 64 bytes are fastest where they do not cross cache lines.
        _codes = GC.AllocateArray<byte>(checked(_blocks * BlockBytes + 64), pinned: true);
        _codesStart = (int)(-(long)Marshal.UnsafeAddrOfPinnedArrayElement(_codes, 0) & 63);
        _scales = new byte[_blocks * ScalesPerBlock * _scaleBytes];
        _offsets = layout.Offsets ? new float[_blocks * ScalesPerBlock] : [];
    }

    public override long Bytes => _codes.Length + _scales.Length + 4L * _offsets.Length;

    private int BlockBytes => _layout.SliceBytes * _slices;

    private int ScalesPerBlock => Int8Layout.Rows * ((_slices + _layout.SlicesPerScale - 1) / _layout.SlicesPerScale);

    public static Int8Matrix<TFormat>? Repack(Int8Layout layout, ReadOnlySpan<byte> packed, int rows, int columns)
    {
        var matrix = new Int8Matrix<TFormat>(layout, rows, columns);
        return matrix.Fill(packed) ? matrix : null;
    }

    internal override Int8Matrix Copy()
    {
        var copy = new Int8Matrix<TFormat>(_layout, Rows, Columns);
        _codes.AsSpan(_codesStart, _blocks * BlockBytes).CopyTo(copy._codes.AsSpan(copy._codesStart));
        _scales.CopyTo(copy._scales, 0);
        _offsets.CopyTo(copy._offsets, 0);
        return copy;
    }

    private bool Fill(ReadOnlySpan<byte> packed)
    {
        float tensorScale = MatrixDriver.ReadHeader<TFormat>(packed);
        int rowBytes = TFormat.Info.RowBytes(Columns), groups = (Columns + _layout.Group - 1) / _layout.Group;
        Span<byte> codes = stackalloc byte[_layout.Group];
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
                int at = r / Int8Layout.Rows * ScalesPerBlock + g * Int8Layout.Rows + r % Int8Layout.Rows;
                ScaleCodec.Write(_layout.HalfScales ? ScaleType.Float16 : ScaleType.Float32, scale, _scales.AsSpan(at * _scaleBytes));
                if (_layout.Offsets)
                {
                    _offsets[at] = offset;
                }
                for (int i = 0; i < codes.Length && g * codes.Length + i < _layout.SliceColumns * _slices; i++)
                {
                    // columns past the end meet activations of zero, whatever their code
                    Place(r, g * codes.Length + i, _layout.Stored[codes[i]]);
                }
            }
        }
        return true;
    }

    private void Place(int row, int column, byte stored)
    {
        int slice = column / _layout.SliceColumns, within = column % _layout.SliceColumns, quad = within / 4;
        int start = _codesStart + row / Int8Layout.Rows * BlockBytes + slice * _layout.SliceBytes + 4 * (row % Int8Layout.Rows) + within % 4;
        if (_layout.Nibbles)
        {
            _codes[start + quad / 2 * 64] |= (byte)(quad % 2 == 0 ? stored : stored << 4);
        }
        else
        {
            _codes[start + quad * 64] = stored;
        }
    }

    [ThreadStatic]
    private static Int8Activations? t_activations;

    public override void MatMul(ReadOnlyMemory<float> x, int batch, Memory<float> y, bool twoDigits = false, Parallelism? parallelism = null)
    {
        if (x.Length < (long)batch * Columns || y.Length < (long)batch * Rows)
        {
            throw new ArgumentException($"{batch} activation vectors need {(long)batch * Columns} values and {(long)batch * Rows} results; the spans have {x.Length} and {y.Length}.");
        }
        Int8Activations activations = t_activations ??= new();
        activations.Quantise(x.Span[..(batch * Columns)], batch, Columns, twoDigits, _layout.SliceColumns);
        if (parallelism is { Threads: 1 })
        {
            Run(0, _blocks, activations, y.Span, twoDigits); // no delegate, no allocation
            return;
        }
        RowParallel.For(_blocks, (long)Int8Layout.Rows * Columns * activations.Vectors, parallelism, (start, count) => Run(start, count, activations, y.Span, twoDigits));
    }

    private void Run(int firstBlock, int count, Int8Activations activations, Span<float> y, bool twoDigits)
    {
        Span<float> sums = stackalloc float[4 * Int8Layout.Rows];
        for (int b = firstBlock; b < firstBlock + count; b++)
        {
            Int8Block block = Block(b);
            int rows = Math.Min(Int8Layout.Rows, Rows - b * Int8Layout.Rows);
            for (int v = 0; v < activations.Vectors; v += 4)
            {
                int many = Math.Min(4, activations.Vectors - v);
                Multiply(block, activations, v, many, sums);
                for (int i = 0; i < many; i++)
                {
                    Span<float> part = sums.Slice(i * Int8Layout.Rows, rows);
                    int vector = twoDigits ? (v + i) / 2 : v + i;
                    Span<float> target = y.Slice(vector * Rows + b * Int8Layout.Rows, rows);
                    if (twoDigits && (v + i) % 2 == 1)
                    {
                        for (int r = 0; r < rows; r++)
                        {
                            target[r] += part[r]; // the low digits join the high ones
                        }
                    }
                    else
                    {
                        part.CopyTo(target);
                    }
                }
            }
        }
    }

    private Int8Block Block(int index) => new(
        _codes.AsSpan(_codesStart + index * BlockBytes, BlockBytes),
        _scales.AsSpan(index * ScalesPerBlock * _scaleBytes, ScalesPerBlock * _scaleBytes),
        _offsets.Length == 0 ? [] : _offsets.AsSpan(index * ScalesPerBlock, ScalesPerBlock),
        _slices);

    private static void Multiply(in Int8Block block, Int8Activations activations, int first, int many, Span<float> sums)
    {
        if (many == 1)
        {
            TFormat.Int8Dot(block, activations[first], sums);
            return;
        }
        // vectors past the end repeat the last one
        int last = first + many - 1;
        TFormat.Int8DotFour(
            block, activations[first], activations[Math.Min(first + 1, last)], activations[Math.Min(first + 2, last)], activations[last], sums);
    }
}
