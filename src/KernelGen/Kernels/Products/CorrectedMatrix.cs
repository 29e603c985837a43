using KernelGen.Kernels.Threads;

namespace KernelGen.Kernels.Products;

/// <summary>A repacked matrix and what its codes leave of single weights; products are sums of both.</summary>
/// <param name="codes">The repacked matrix.</param>
/// <param name="exceptions">What is missing in it.</param>
internal sealed class CorrectedMatrix(ProductMatrix codes, ExceptionList exceptions) : ProductMatrix(codes.Rows, codes.Columns)
{
    [ThreadStatic]
    private static Correction? t_correction;

    public override long Bytes => codes.Bytes + exceptions.Bytes;

    public override bool HasIntegers => codes.HasIntegers;

    public override IReadOnlyList<string> MachineCode => codes.MachineCode;

    public override string Engine(int batch, MatVecPrecision precision) => codes.Engine(batch, precision);

    internal override int MostFloatVectors => codes.MostFloatVectors;

    public override void MatMul(
        ReadOnlyMemory<float> x,
        int batch,
        Memory<float> y,
        MatVecPrecision precision,
        Parallelism? parallelism = null
    )
    {
        Check(x.Length, batch, y.Length, precision);
        codes.MatMul(x, batch, y, precision, parallelism);
        Correction correction = t_correction ??= new();
        correction.Run(exceptions, x[..(batch * Columns)], Columns, batch, y, precision, parallelism ?? Parallelism.Default);
    }

    /// <summary>The second part of a product, kept by its thread for the next one.</summary>
    private sealed class Correction : StretchWork
    {
        /// <summary>The exceptions of fewer rows are not worth a thread.</summary>
        private static readonly Grain s_rows = new(256, 256);

        private float[] _rounded = [];
        private ExceptionList? _exceptions;
        private ReadOnlyMemory<float> _x;
        private Memory<float> _y;
        private int _columns,
            _batch;

        public void Run(
            ExceptionList exceptions,
            ReadOnlyMemory<float> x,
            int columns,
            int batch,
            Memory<float> y,
            MatVecPrecision precision,
            Parallelism parallelism
        )
        {
            (_exceptions, _x, _columns, _batch, _y) = (exceptions, x, columns, batch, y);
            if (precision == MatVecPrecision.Int8)
            {
                // the products of all weights are those of the same activations
                if (_rounded.Length < x.Length)
                {
                    _rounded = new float[x.Length];
                }
                Int8Activations.Round(x.Span, columns, _rounded);
                _x = _rounded;
            }
            try
            {
                WorkerPool.Shared.Run(this, exceptions.Rows, s_rows, parallelism.Threads, parallelism.Cancellation);
            }
            finally
            {
                (_exceptions, _x, _y) = (null, default, default);
            }
        }

        public override void Run(int first, int count)
        {
            for (int v = 0; v < _batch; v++)
            {
                _exceptions!.AddTo(first, _x.Span.Slice(v * _columns, _columns), _y.Span.Slice(v * _exceptions.Rows + first, count));
            }
        }
    }
}
