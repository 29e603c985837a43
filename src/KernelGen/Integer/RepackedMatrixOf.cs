using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelGen;

/// <summary>Products of a repacked matrix: activations are quantised once, rows are shared out, and the number of vectors chooses the kernel.</summary>
internal sealed class RepackedMatrix<TRecipe>(Int8Storage<TRecipe> storage) : RepackedMatrix(storage.Rows, storage.Columns) where TRecipe : struct, IInt8Recipe
{
    /// <summary>From so many vectors on sums go through memory, so that more rows share the work on activations.</summary>
    private const int ManyVectors = 8;

    [ThreadStatic]
    private static Product? t_product;

    public override long Bytes => storage.Bytes;

    private int Blocks => storage.Blocks;

    private int Pairs => (storage.Blocks + 1) / 2;

    private int Slices => storage.Slices;

    internal override RepackedMatrix Copy() => new RepackedMatrix<TRecipe>(storage.Copy());

    public override bool HasIntegers => TRecipe.HasIntegers;

    public override void MatMul(ReadOnlyMemory<float> x, int batch, Memory<float> y, MatVecPrecision precision, Parallelism? parallelism = null)
    {
        if (precision != MatVecPrecision.Float && !TRecipe.HasIntegers)
        {
            throw new NotSupportedException("The levels of this format are not integers times a step: its products are in float32 only. Use MatVecPrecision.Float.");
        }
        RequireRoom(x.Length, batch, y.Length);
        Product product = t_product ??= new();
        product.Run(this, x[..(batch * Columns)], batch, y, precision, parallelism ?? Parallelism.Default);
    }

    private void Run(int firstBlock, int count, Int8Activations activations, Span<float> y, bool twoDigits)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Run<Int8Lanes512>(firstBlock, count, activations.All, y, twoDigits);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Run<Int8Lanes256>(firstBlock, count, activations.All, y, twoDigits);
        }
        else
        {
            Run<Int8Lanes128>(firstBlock, count, activations.All, y, twoDigits);
        }
    }

    private void RunFloats(int firstBlock, int count, ReadOnlySpan<float> x, ReadOnlySpan<float> totals, int batch, Span<float> y)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            RunFloats<Int8Lanes512>(firstBlock, count, x, totals, batch, y);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            RunFloats<Int8Lanes256>(firstBlock, count, x, totals, batch, y);
        }
        else
        {
            RunFloats<Int8Lanes128>(firstBlock, count, x, totals, batch, y);
        }
    }

    private void RunFloats<TLanes>(int firstBlock, int count, ReadOnlySpan<float> x, ReadOnlySpan<float> totals, int batch, Span<float> y)
        where TLanes : struct, IInt8Lanes<TLanes>
    {
        int padded = storage.Slices * TRecipe.SliceColumns;
        Span<float> sums = stackalloc float[Int8Layout<TRecipe>.Rows];
        for (int block = firstBlock; block < firstBlock + count; block++)
        {
            for (int v = 0; v < batch; v++)
            {
                ReadOnlySpan<float> vectorTotals = TRecipe.Offsets ? totals.Slice(v * storage.Slices, storage.Slices) : [];
                FloatKernel<TRecipe, TLanes>.Dot(storage.All, block, x.Slice(v * padded, padded), vectorTotals, ref MemoryMarshal.GetReference(sums));
                Scatter(sums, Int8Layout<TRecipe>.Rows, 1f, block, v, 1, y, twoDigits: false);
            }
        }
    }

    private void Run<TLanes>(int firstBlock, int count, in Int8Vectors x, Span<float> y, bool twoDigits) where TLanes : struct, IInt8Lanes<TLanes>
    {
        if (x.Count >= ManyVectors)
        {
            RunTiles<TLanes>(firstBlock, count, x, y, twoDigits);
            return;
        }
        Span<float> sums = stackalloc float[4 * Int8Layout<TRecipe>.Rows];
        for (int block = firstBlock; block < firstBlock + count; block++)
        {
            if (TLanes.Rows == Int8Layout<TRecipe>.Rows && x.Count <= 2 && block + 1 < firstBlock + count && !storage.All.IsLarge)
            {
                if (x.Count == 1)
                {
                    Int8Pair<TRecipe, TLanes>.Dot(storage.All, block, x, 0, ref MemoryMarshal.GetReference(sums));
                }
                else
                {
                    Int8Pair<TRecipe, TLanes>.DotTwo(storage.All, block, x, 0, ref MemoryMarshal.GetReference(sums));
                }
                Scatter(sums, 2 * Int8Layout<TRecipe>.Rows, 1f, block++, 0, x.Count, y, twoDigits);
                continue;
            }
            for (int v = 0; v < x.Count;)
            {
                int many = x.Count - v;
                many = many >= 4 ? 4 : many >= 2 ? 2 : 1;
                switch (many)
                {
                    case 4:
                        Int8Kernel<TRecipe, TLanes>.DotFour(storage.All, block, x, v, ref MemoryMarshal.GetReference(sums));
                        break;
                    case 2:
                        Int8Kernel<TRecipe, TLanes>.DotTwo(storage.All, block, x, v, ref MemoryMarshal.GetReference(sums));
                        break;
                    default:
                        Int8Kernel<TRecipe, TLanes>.Dot(storage.All, block, x, v, ref MemoryMarshal.GetReference(sums));
                        break;
                }
                Scatter(sums, Int8Layout<TRecipe>.Rows, 1f, block, v, many, y, twoDigits);
                v += many;
            }
        }
    }

    private void RunTiles<TLanes>(int firstBlock, int count, in Int8Vectors x, Span<float> y, bool twoDigits) where TLanes : struct, IInt8Lanes<TLanes>
    {
        int rows = Int8Tile<TRecipe, TLanes>.Rows, most = Int8Tile<TRecipe, TLanes>.MostVectors;
        Span<float> sums = stackalloc float[rows * most];
        for (int v = 0; v < x.Count; v += most)
        {
            int many = Math.Min(most, x.Count - v);
            for (int block = firstBlock; block < firstBlock + count; block += rows / Int8Layout<TRecipe>.Rows)
            {
                Int8Tile<TRecipe, TLanes>.Run(storage.All, block, x, v, many, sums);
                Scatter(sums, rows, TRecipe.Step, block, v, many, y, twoDigits);
            }
        }
    }

    /// <summary>Sums of a block of rows to their places; low digits join the high ones.</summary>
    private void Scatter(ReadOnlySpan<float> sums, int stride, float factor, int block, int firstVector, int many, Span<float> y, bool twoDigits)
    {
        int start = block * Int8Layout<TRecipe>.Rows, rows = Math.Min(stride, Rows - start);
        for (int i = 0; i < many; i += twoDigits ? 2 : 1)
        {
            int vector = twoDigits ? (firstVector + i) / 2 : firstVector + i;
            ReadOnlySpan<float> part = sums.Slice(i * stride, rows), low = twoDigits ? sums.Slice((i + 1) * stride, rows) : default;
            Span<float> target = y.Slice(vector * Rows + start, rows);
            for (int r = 0; r < rows; r++)
            {
                target[r] = factor * (twoDigits ? part[r] + low[r] : part[r]);
            }
        }
    }

    /// <summary>One call, kept by its thread for the next: nothing is allocated in steady state.</summary>
    private sealed class Product : PartedWork
    {
        /// <summary>Multiplications of a range of rows that are worth a thread.</summary>
        private const long SmallestRange = 1 << 16;

        /// <summary>Activations that are worth a second thread to quantise.</summary>
        private const int ManyActivations = 1 << 14;

        private readonly Int8Activations _activations = new();
        private RepackedMatrix<TRecipe>? _matrix;
        private ReadOnlyMemory<float> _x;
        private Memory<float> _y;
        private MatVecPrecision _precision;
        private bool _quantising;
        private float[] _padded = [], _totals = [];
        private int _batch, _ranges;

        public void Run(RepackedMatrix<TRecipe> matrix, ReadOnlyMemory<float> x, int batch, Memory<float> y, MatVecPrecision precision, Parallelism parallelism)
        {
            parallelism.Cancellation.ThrowIfCancellationRequested();
            (_matrix, _x, _y, _batch, _precision) = (matrix, x, y, batch, precision);
            Reserve();
            try
            {
                _quantising = true;
                Start(x.Length < ManyActivations ? 1 : Math.Min(batch, parallelism.Threads), parallelism);
                _quantising = false;
                // several ranges a thread, as one of them may be held up; pairs of blocks, so that a tile of two blocks is not cut
                long work = (long)matrix.Rows * matrix.Columns * batch, most = Math.Max(1, work / SmallestRange);
                Start(parallelism.Threads == 1 && !parallelism.Cancellation.CanBeCanceled ? 1 : (int)Math.Min(Math.Min(most, 4L * parallelism.Threads), matrix.Pairs), parallelism);
            }
            finally
            {
                (_matrix, _x, _y) = (null, default, default);
            }
        }

        public override void Run(int part)
        {
            if (_quantising)
            {
                Prepare((int)((long)_batch * part / _ranges), (int)((long)_batch * (part + 1) / _ranges));
                return;
            }
            int start = 2 * (int)((long)_matrix!.Pairs * part / _ranges), end = 2 * (int)((long)_matrix.Pairs * (part + 1) / _ranges);
            int count = Math.Min(end, _matrix.Blocks) - start;
            if (_precision == MatVecPrecision.Float)
            {
                _matrix.RunFloats(start, count, _padded, _totals, _batch, _y.Span);
            }
            else
            {
                _matrix.Run(start, count, _activations, _y.Span, TwoDigits);
            }
        }

        private bool TwoDigits => _precision == MatVecPrecision.Int8TwoDigits;

        private void Reserve()
        {
            if (_precision != MatVecPrecision.Float)
            {
                _activations.Reserve<TRecipe>(_batch, _matrix!.Columns, TwoDigits);
                return;
            }
            int slices = _batch * _matrix!.Slices;
            if (_padded.Length < slices * TRecipe.SliceColumns)
            {
                _padded = new float[slices * TRecipe.SliceColumns];
            }
            if (TRecipe.Offsets && _totals.Length < slices)
            {
                _totals = new float[slices];
            }
        }

        /// <summary>Quantises or pads some vectors.</summary>
        private void Prepare(int first, int end)
        {
            int columns = _matrix!.Columns, padded = _matrix.Slices * TRecipe.SliceColumns;
            if (_precision != MatVecPrecision.Float)
            {
                _activations.Quantise<TRecipe>(_x.Span, first, end, columns, TwoDigits);
                return;
            }
            for (int v = first; v < end; v++)
            {
                Span<float> target = _padded.AsSpan(v * padded, padded);
                _x.Span.Slice(v * columns, columns).CopyTo(target);
                target[columns..].Clear();
                for (int s = 0; TRecipe.Offsets && s < _matrix.Slices; s++)
                {
                    _totals[v * _matrix.Slices + s] = Total(target.Slice(s * TRecipe.SliceColumns, TRecipe.SliceColumns));
                }
            }
        }

        private static float Total(ReadOnlySpan<float> values)
        {
            double total = 0;
            foreach (float value in values)
            {
                total += value;
            }
            return (float)total;
        }

        private void Start(int ranges, Parallelism parallelism)
        {
            _ranges = ranges;
            WorkerPool.Shared.Run(this, ranges, parallelism.Threads, parallelism.Cancellation);
        }
    }
}
