using System.Diagnostics;
using KernelGen.Kernels.Products;

namespace KernelGen.Bench;

/// <summary>One format multiplied in one shape: W·x, or X·Wᵀ for several x.</summary>
internal sealed class KernelCase : IDisposable
{
    /// <summary>
    /// A warm-up goes on in stretches of this length until so many of them in a row bring no gain: first versions that
    /// the JIT makes are many times slower, and when it replaces them depends on what else the machine does.
    /// </summary>
    private const double StretchSeconds = 0.04;

    private const int SteadyStretches = 5;

    /// <summary>What counts as a gain.</summary>
    private const double Gain = 0.9;

    /// <summary>A warm-up ends here, steady or not.</summary>
    private const double LongestWarmSeconds = 3;

    /// <summary>A repetition makes as many calls as fill this time, so that the clock and the threads' start do not count.</summary>
    private const double RepetitionSeconds = 0.01;

    private readonly byte[] _packed;
    private readonly float[] _x,
        _y;
    private readonly int _rows,
        _columns,
        _batch;
    private readonly Parallelism _parallelism;
    private readonly List<double> _seconds = [];
    private readonly MatVecPrecision _precision;
    private CompressedMatrix[] _matrices = [];
    private int _calls;

    public KernelCase(
        CompressedFormat format,
        byte[] packed,
        int rows,
        int columns,
        float[] x,
        int batch,
        int threads,
        MatVecPrecision precision
    )
    {
        _precision = precision;
        Format = format;
        Threads = threads;
        _packed = packed;
        _rows = rows;
        _columns = columns;
        _x = x;
        _y = new float[(long)batch * rows];
        _batch = batch;
        _parallelism = new Parallelism { Threads = threads };
    }

    public CompressedFormat Format { get; }

    public int Threads { get; }

    public MatVecPrecision Precision => _precision;

    /// <summary>Whether rows are interleaved in memory; otherwise the bytes are those of a file.</summary>
    public bool IsRepacked => _matrices is [{ RepackedBytes: > 0 }, ..];

    /// <summary>What multiplies: an engine of repacked rows, or .NET's own code.</summary>
    public string Engine => _matrices[0].Engine(_batch, _precision);

    public long PackedBytes => _packed.Length;

    /// <summary>Multiplications and additions of one call.</summary>
    public double Operations => 2.0 * _rows * _columns * _batch;

    /// <summary>Seconds of a call, over the repetitions.</summary>
    public Sample Seconds => Sample.Of(_seconds);

    /// <summary>ggml's ways of doing the same; empty without ggml, or if it has no such type.</summary>
    public IReadOnlyList<GgmlProduct> Peers { get; private set; } = [];

    /// <summary>Runs until the code is what the JIT ends up with, and finds how many calls make a repetition.</summary>
    /// <param name="workingSet">See <see cref="Repeat"/>.</param>
    /// <param name="peer">ggml, if it multiplies too.</param>
    public void WarmUp(byte[] workingSet, GgmlLibrary? peer)
    {
        if (peer is not null)
        {
            Peers = GgmlProduct.Of(peer, Format, _packed, _rows, _columns, _x, _batch, Threads, Math.Max(1, workingSet.Length / Stride));
            foreach (GgmlProduct product in Peers)
            {
                product.WarmUp();
            }
        }
        // what is repacked has memory of its own, one for each copy; the rest is multiplied where it is copied to
        int copies = Math.Max(1, workingSet.Length / Stride),
            call = 0,
            steady = 0;
        _matrices =
        [
            .. Enumerable
                .Range(0, copies)
                .Select(copy => Format.Matrix(workingSet.AsMemory(copy * Stride, _packed.Length), _rows, _columns)),
        ];
        Fill(workingSet);
        for (int copy = 0; copy < copies; copy++)
        {
            Call(copy);
        }
        double best = double.PositiveInfinity;
        long start = Stopwatch.GetTimestamp();
        while (steady < SteadyStretches && Stopwatch.GetElapsedTime(start).TotalSeconds < LongestWarmSeconds)
        {
            long stretch = Stopwatch.GetTimestamp();
            int from = call;
            do
            {
                Call(call++ % copies);
            } while (Stopwatch.GetElapsedTime(stretch).TotalSeconds < StretchSeconds);
            double seconds = Stopwatch.GetElapsedTime(stretch).TotalSeconds / (call - from);
            steady = seconds < Gain * best ? 0 : steady + 1;
            best = Math.Min(best, seconds);
        }
        _calls = (int)Math.Clamp(RepetitionSeconds / best, 1, 1_000_000);
    }

    /// <summary>One repetition.</summary>
    /// <param name="workingSet">
    /// Filled with copies of the matrix that are multiplied in turn: a model's weights come from memory, and so shall these,
    /// not from the cache that a single matrix would stay in.
    /// </param>
    public void Repeat(byte[] workingSet)
    {
        Fill(workingSet);
        Call(0); // the threads wake up
        long start = Stopwatch.GetTimestamp();
        for (int call = 0; call < _calls; call++)
        {
            Call(call % _matrices.Length);
        }
        _seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds / _calls);
        foreach (GgmlProduct product in Peers)
        {
            product.Repeat();
        }
    }

    /// <summary>‖a peer's result − ours‖ / ‖ours‖ of the last call: both round, but it must be the same product.</summary>
    public double DifferenceTo(float[] theirs)
    {
        double difference = 0,
            square = 0;
        for (int i = 0; i < _y.Length; i++)
        {
            difference += Math.Pow((double)theirs[i] - _y[i], 2);
            square += (double)_y[i] * _y[i];
        }
        return Math.Sqrt(difference / square);
    }

    public void Dispose()
    {
        foreach (GgmlProduct product in Peers)
        {
            product.Dispose();
        }
        Peers = [];
    }

    /// <summary>Bytes from one copy to the next: whole cache lines.</summary>
    private int Stride => (_packed.Length + 63) / 64 * 64;

    private void Fill(byte[] workingSet)
    {
        for (int copy = 0; copy < _matrices.Length; copy++)
        {
            _packed.CopyTo(workingSet, copy * Stride);
        }
    }

    private void Call(int copy) => _matrices[copy].MatMul(_x, _batch, _y, _precision, _parallelism);
}
