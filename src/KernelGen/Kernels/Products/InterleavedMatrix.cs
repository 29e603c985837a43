using KernelGen.Kernels.Threads;

namespace KernelGen.Kernels.Products;

/// <summary>
/// A repacked matrix of codes that are no integers: blocks of rows side by side, multiplied in float32. Subclasses have the codes
/// and the kernel of a block; here activations are padded and rows are shared out.
/// </summary>
/// <param name="rows">Rows.</param>
/// <param name="columns">Columns.</param>
/// <param name="group">Columns under one scale.</param>
/// <param name="blockRows">Rows of a block.</param>
internal abstract class InterleavedMatrix(int rows, int columns, int group, int blockRows = InterleavedMatrix.BlockRows)
    : ProductMatrix(rows, columns)
{
    /// <summary>Rows of a block, unless a subclass has more.</summary>
    protected const int BlockRows = 16;

    [ThreadStatic]
    private static Product? t_product;

    public override bool HasIntegers => false;

    /// <summary>Columns under one scale.</summary>
    protected int Group => group;

    /// <summary>Groups of a row.</summary>
    protected int Groups { get; } = (columns + group - 1) / group;

    private int RowsOfBlock => blockRows;

    /// <summary>Blocks of rows.</summary>
    protected int Blocks { get; } = (rows + blockRows - 1) / blockRows;

    /// <summary>How many blocks a thread takes at a time.</summary>
    /// <param name="threads">Number of threads.</param>
    private protected virtual Grain Grain(int threads) => new(Math.Max(1, (1 << 12) / Columns));

    /// <summary>Products of some blocks of rows with one activation vector.</summary>
    /// <param name="first">The first block.</param>
    /// <param name="count">Number of blocks.</param>
    /// <param name="x">Activations, padded with zeros to whole groups.</param>
    /// <param name="sums">Receives as many sums a block as it has rows.</param>
    protected abstract void Multiply(int first, int count, ReadOnlySpan<float> x, Span<float> sums);

    public sealed override void MatMul(
        ReadOnlyMemory<float> x,
        int batch,
        Memory<float> y,
        MatVecPrecision precision,
        Parallelism? parallelism = null
    )
    {
        Check(x.Length, batch, y.Length, precision);
        Product product = t_product ??= new();
        product.Run(this, x.Span[..(batch * Columns)], batch, y, parallelism ?? Parallelism.Default);
    }

    /// <summary>One call, kept by its thread for the next: nothing is allocated in steady state.</summary>
    private sealed class Product : StretchWork
    {
        private InterleavedMatrix? _matrix;
        private Memory<float> _y;
        private float[] _padded = [],
            _sums = [];
        private int _batch;

        public void Run(InterleavedMatrix matrix, ReadOnlySpan<float> x, int batch, Memory<float> y, Parallelism parallelism)
        {
            (_matrix, _y, _batch) = (matrix, y, batch);
            int length = matrix.Groups * matrix.Group,
                sums = matrix.Blocks * matrix.RowsOfBlock;
            if (_padded.Length < length * batch)
            {
                _padded = new float[length * batch];
            }
            if (_sums.Length < sums)
            {
                _sums = new float[sums];
            }
            for (int v = 0; v < batch; v++)
            {
                Span<float> target = _padded.AsSpan(v * length, length);
                x.Slice(v * matrix.Columns, matrix.Columns).CopyTo(target);
                target[matrix.Columns..].Clear();
            }
            Grain grain = matrix.Grain(parallelism.Threads);
            if (parallelism.Cancellation.CanBeCanceled)
            {
                grain = grain with { Largest = Math.Max(grain.Smallest, matrix.Blocks / (8 * parallelism.Threads)) };
            }
            try
            {
                WorkerPool.Shared.Run(this, matrix.Blocks, grain, parallelism.Threads, parallelism.Cancellation);
            }
            finally
            {
                (_matrix, _y) = (null, default);
            }
        }

        public override void Run(int first, int count)
        {
            InterleavedMatrix matrix = _matrix!;
            int length = matrix.Groups * matrix.Group,
                start = first * matrix.RowsOfBlock;
            Span<float> sums = _sums.AsSpan(start, count * matrix.RowsOfBlock);
            for (int v = 0; v < _batch; v++)
            {
                matrix.Multiply(first, count, _padded.AsSpan(v * length, length), sums);
                sums[..Math.Min(sums.Length, matrix.Rows - start)].CopyTo(_y.Span[(v * matrix.Rows + start)..]);
            }
        }
    }
}
