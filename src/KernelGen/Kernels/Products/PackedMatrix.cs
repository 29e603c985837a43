using System.ComponentModel;
using KernelGen.Kernels.Threads;

namespace KernelGen.Kernels.Products;

/// <summary>Matrices that are multiplied as they are packed. What generated code calls.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class PackedMatrix
{
    /// <summary>A matrix over packed bytes, which are not copied.</summary>
    /// <typeparam name="TFormat">The format.</typeparam>
    /// <param name="packed">The packed matrix.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="plain">What the elements are if there is nothing else.</param>
    /// <exception cref="ArgumentException">There are fewer bytes than the shape needs.</exception>
    public static ProductMatrix Of<TFormat>(ReadOnlyMemory<byte> packed, int rows, int columns, PlainFloat plain = PlainFloat.None)
        where TFormat : struct, ICompressedFormat<TFormat>
    {
        MatrixShape.Check(TFormat.Info, rows, columns, packed.Length, int.MaxValue);
        return new PackedMatrix<TFormat>(packed, rows, columns, plain);
    }
}

/// <summary>
/// Products of packed bytes of any format, for matrices that are not repacked: a part of a row is decoded into a first-level cache and
/// multiplied from there; 32 rows for many vectors.
/// </summary>
/// <typeparam name="TFormat">The format.</typeparam>
/// <param name="packed">The packed matrix.</param>
/// <param name="rows">Rows.</param>
/// <param name="columns">Columns.</param>
/// <param name="plain">What the elements are if there is nothing else.</param>
internal sealed class PackedMatrix<TFormat>(ReadOnlyMemory<byte> packed, int rows, int columns, PlainFloat plain)
    : ProductMatrix(rows, columns)
    where TFormat : struct, ICompressedFormat<TFormat>
{
    /// <summary>Columns of a row that are decoded at a time for few vectors, about.</summary>
    private const int Segment = 512;

    public override long Bytes => 0;

    public override bool HasIntegers => false;

    public override void MatMul(
        ReadOnlyMemory<float> x,
        int batch,
        Memory<float> y,
        MatVecPrecision precision,
        Parallelism? parallelism = null
    )
    {
        Check(x.Length, batch, y.Length, precision);
        Product.Mine.Run(packed, Rows, Columns, plain, x, batch, y, parallelism ?? Parallelism.Default);
    }

    /// <summary>One call, kept by its thread for the next: nothing is allocated in steady state.</summary>
    private sealed class Product : StretchWork
    {
        /// <summary>Weights of a range of rows that are worth a thread.</summary>
        private const long SmallestRange = 1 << 14;

        [ThreadStatic]
        private static Product? t_mine;

        private readonly VectorTiles _tiles = new();
        private ReadOnlyMemory<byte> _packed;
        private ReadOnlyMemory<float> _x;
        private Memory<float> _y;
        private int _rows,
            _columns,
            _batch;
        private float _scale;
        private PlainFloat _plain;
        private bool _tiled;

        /// <summary>The calling thread's.</summary>
        public static Product Mine => t_mine ??= new();

        /// <summary>Multiplies.</summary>
        /// <param name="packed">The packed matrix.</param>
        /// <param name="rows">Rows.</param>
        /// <param name="columns">Columns.</param>
        /// <param name="plain">What the elements are.</param>
        /// <param name="x"><c>batch × columns</c> activations.</param>
        /// <param name="batch">Number of activation vectors.</param>
        /// <param name="y">Receives <c>batch × rows</c> sums.</param>
        /// <param name="parallelism">Threads, and who may cancel.</param>
        public void Run(
            ReadOnlyMemory<byte> packed,
            int rows,
            int columns,
            PlainFloat plain,
            ReadOnlyMemory<float> x,
            int batch,
            Memory<float> y,
            Parallelism parallelism
        )
        {
            parallelism.Cancellation.ThrowIfCancellationRequested();
            if (rows == 0 || batch == 0)
            {
                return;
            }
            (_packed, _rows, _columns, _plain, _x, _batch, _y) = (packed, rows, columns, plain, x, batch, y);
            _scale = MatrixDriver.ReadHeader<TFormat>(packed.Span);
            _tiled = batch >= (plain == PlainFloat.None ? PanelProduct.FewestVectors : PlainTile.TooMany);
            if (_tiled)
            {
                _tiles.Reserve(batch, columns);
                _tiles.Fill(x.Span, 0, _tiles.Tiles);
            }
            // whole panels, so that results do not depend on threads
            int panels = (rows + PanelProduct.Rows - 1) / PanelProduct.Rows,
                smallest = (int)Math.Clamp(SmallestRange / ((long)PanelProduct.Rows * columns * batch), 1, panels),
                largest = parallelism.Cancellation.CanBeCanceled ? Math.Max(smallest, panels / (8 * parallelism.Threads)) : panels;
            try
            {
                WorkerPool.Shared.Run(this, panels, new Grain(smallest, largest), parallelism.Threads, parallelism.Cancellation);
            }
            finally
            {
                (_packed, _x, _y) = (default, default, default);
            }
        }

        public override void Run(int first, int count)
        {
            int end = Math.Min((first + count) * PanelProduct.Rows, _rows);
            for (int row = first * PanelProduct.Rows; row < end; row += PanelProduct.Rows)
            {
                int rows = Math.Min(PanelProduct.Rows, end - row);
                if (_tiled)
                {
                    MultiplyPanel(row, rows);
                }
                else if (_plain != PlainFloat.None)
                {
                    MultiplyPlain(row, rows);
                }
                else
                {
                    MultiplyRows(row, rows);
                }
            }
        }

        /// <summary>Whole blocks that make about so many columns.</summary>
        private static int Width(int columns) => Math.Max(1, columns / TFormat.Info.Block) * TFormat.Info.Block;

        private ReadOnlySpan<byte> Row(int row)
        {
            int rowBytes = TFormat.Info.RowBytes(_columns);
            return _packed.Span.Slice(TFormat.Info.TensorHeaderBytes + row * rowBytes, rowBytes);
        }

        private void MultiplyPlain(int first, int rows)
        {
            if (_batch > 1)
            {
                int rowBytes = TFormat.Info.RowBytes(_columns);
                ReadOnlySpan<byte> weights = _packed.Span[(TFormat.Info.TensorHeaderBytes + first * rowBytes)..];
                PlainTile.Run(_plain, weights, rowBytes, rows, _x.Span[..(_batch * _columns)], _columns, _y.Span[first..], _rows);
                return;
            }
            for (int row = first; row < first + rows; row++)
            {
                _y.Span[row] = PlainDot.Run(_plain, Row(row), _x.Span[.._columns]);
            }
        }

        private unsafe void MultiplyRows(int first, int rows)
        {
            int width = Width(Segment);
            var part = new Span<float>(DenseWorkspace.Mine.Left(width), width);
            ReadOnlySpan<float> x = _x.Span;
            Span<float> y = _y.Span;
            for (int row = first; row < first + rows; row++)
            {
                ReadOnlySpan<byte> bytes = Row(row);
                for (int column = 0; column < _columns; column += width)
                {
                    int count = Math.Min(width, _columns - column);
                    TFormat.UnpackSegment(bytes, column, _scale, part[..count]);
                    for (int v = 0; v < _batch; v++)
                    {
                        float sum = DenseDot.Dot(part, x[(v * _columns + column)..], count);
                        ref float target = ref y[v * _rows + row];
                        target = column == 0 ? sum : target + sum;
                    }
                }
            }
        }

        private unsafe void MultiplyPanel(int first, int rows)
        {
            int width = Width(PanelProduct.Columns);
            DenseWorkspace workspace = DenseWorkspace.Mine;
            float* decoded = workspace.Left(rows * width),
                panel = workspace.Right(PanelProduct.Rows * width);
            for (int column = 0; column < _columns; column += width)
            {
                int count = Math.Min(width, _columns - column);
                for (int row = 0; row < rows; row++)
                {
                    TFormat.UnpackSegment(Row(first + row), column, _scale, new Span<float>(decoded + row * width, count));
                }
                DensePanels.Copy((nint)decoded, width, 1, rows, count, PanelProduct.Rows, panel);
                for (int p = 0; p < count; p += PanelProduct.Columns)
                {
                    int depth = Math.Min(PanelProduct.Columns, count - p);
                    var part = new ReadOnlySpan<float>(panel + PanelProduct.Rows * p, PanelProduct.Rows * depth);
                    PanelProduct.Run(part, depth, rows, _tiles, column + p, _y.Span[first..], _rows);
                }
            }
        }
    }
}
