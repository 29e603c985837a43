using KernelGen.Kernels.Recipes;
using KernelGen.Kernels.Threads;

namespace KernelGen.Kernels.Products;

/// <summary>
/// One product of a repacked matrix: activations are prepared, then rows shared out. Kept by its thread for the next one: nothing is
/// allocated in steady state.
/// </summary>
internal sealed unsafe class RepackedProduct<TRecipe> : StretchWork
    where TRecipe : struct, IInt8Recipe
{
    /// <summary>
    /// Multiplications of a range of rows that are worth taking: some 3 µs, as long as a few trips between processors that are far apart.
    /// </summary>
    private const long SmallestRange = 1 << 19;

    /// <summary>Multiplications after which it is looked whether somebody cancels: some 60 µs.</summary>
    private const long LargestRange = 1 << 24;

    /// <summary>
    /// Activations that every thread prepares for itself, as fetching what another one has made takes as long, and waiting for it longer.
    /// </summary>
    private const int FewActivations = 1 << 14;

    /// <summary>Of more than those, so many are worth taking to prepare: some 500 ns.</summary>
    private const int SmallestActivations = 1 << 12;

    [ThreadStatic]
    private static RepackedProduct<TRecipe>? t_mine;

    private static long s_products;

    private readonly PreparedActivations<TRecipe> _activations = new();
    private RepackedMatrix<TRecipe>? _matrix;
    private int _columns,
        _batch,
        _xLength,
        _yLength;
    private MatVecPrecision _precision;
    private bool _preparing,
        _apart;

    /// <summary>Counts calls, from a number that no other product has: threads tell by it whose activations they have prepared.</summary>
    private long _call = Interlocked.Increment(ref s_products) << 40;

    /// <summary>
    /// Activations and results, which stay where they are during a call. Headers of arrays are not looked at: they share a cache line with
    /// the first results, which one thread writes while others would read.
    /// </summary>
    private float* _x,
        _y;

    /// <summary>The calling thread's.</summary>
    public static RepackedProduct<TRecipe> Mine => t_mine ??= new();

    /// <summary>Multiplies.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="x"><c>batch × columns</c> activations.</param>
    /// <param name="columns">Length of a vector: the matrix's columns, or those of the terms of its weights.</param>
    /// <param name="batch">Number of activation vectors.</param>
    /// <param name="y">Receives <c>batch × rows</c> sums.</param>
    /// <param name="precision">What becomes of the activations.</param>
    /// <param name="parallelism">Threads, and who may cancel.</param>
    public void Run(
        RepackedMatrix<TRecipe> matrix,
        ReadOnlySpan<float> x,
        int columns,
        int batch,
        Span<float> y,
        MatVecPrecision precision,
        Parallelism parallelism
    )
    {
        parallelism.Cancellation.ThrowIfCancellationRequested();
        fixed (
            float* xStart = x,
                yStart = y
        )
        {
            _x = xStart;
            _y = yStart;
            (_matrix, _columns, _batch, _xLength, _yLength, _precision) = (matrix, columns, batch, x.Length, y.Length, precision);
            _call++;
            _apart = x.Length <= FewActivations;
            try
            {
                if (!_apart)
                {
                    PrepareTogether(parallelism);
                }
                Multiply(parallelism);
            }
            finally
            {
                _matrix = null;
                _x = _y = null;
            }
        }
    }

    public override void Run(int first, int count)
    {
        var x = new ReadOnlySpan<float>(_x, _xLength);
        if (_preparing)
        {
            _activations.Prepare(x, first, count);
            return;
        }
        PreparedActivations<TRecipe> activations = _apart ? Own(x) : _activations;
        // pairs of blocks, so that a tile of two is not cut
        _matrix!.Run(2 * first, Math.Min(2 * count, _matrix.Blocks - 2 * first), activations, _batch, _precision, new(_y, _yLength));
    }

    private void PrepareTogether(Parallelism parallelism)
    {
        _activations.Reserve(_batch, _columns, _precision);
        int units = _activations.Units;
        _preparing = true;
        try
        {
            var grain = new Grain((int)Math.Max(1, (long)SmallestActivations * units / _xLength));
            WorkerPool.Shared.Run(this, units, grain, parallelism.Threads, parallelism.Cancellation);
        }
        finally
        {
            _preparing = false;
        }
    }

    private void Multiply(Parallelism parallelism)
    {
        RepackedMatrix<TRecipe> matrix = _matrix!;
        long work = (long)matrix.Rows * _columns * _batch,
            pair = Math.Max(1, work / matrix.Pairs);
        int smallest = (int)Math.Clamp((SmallestRange + pair - 1) / pair, 1, matrix.Pairs);
        int largest = parallelism.Cancellation.CanBeCanceled ? (int)Math.Clamp(LargestRange / pair, smallest, matrix.Pairs) : matrix.Pairs;
        WorkerPool.Shared.Run(this, matrix.Pairs, new Grain(smallest, largest), parallelism.Threads, parallelism.Cancellation);
    }

    /// <summary>This call's activations as the current thread has prepared them, which it does when it first comes here.</summary>
    private PreparedActivations<TRecipe> Own(ReadOnlySpan<float> x)
    {
        PreparedActivations<TRecipe> mine = Mine._activations;
        if (mine.Call != _call)
        {
            mine.Reserve(_batch, _columns, _precision);
            mine.Prepare(x, 0, mine.Units);
            mine.Call = _call;
        }
        return mine;
    }
}
