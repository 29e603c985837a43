using System.Diagnostics;

namespace KernelGen.Cli.Measuring;

/// <summary>One format multiplied in one shape: W·x, or X·Wᵀ for several x.</summary>
internal sealed class KernelCase
{
    /// <summary>A warm-up lasts until the JIT has replaced first versions, which it does 100 ms after the last new method and after 30 calls…</summary>
    private const int WarmCalls = 32;

    private const double WarmSeconds = 0.15;

    /// <summary>… but not longer than this.</summary>
    private const double LongestWarmSeconds = 0.6;

    /// <summary>A repetition makes as many calls as fill this time, so that the clock and the threads' start do not count.</summary>
    private const double RepetitionSeconds = 0.01;

    private readonly byte[] _packed;
    private readonly float[] _x, _y;
    private readonly int _rows, _columns, _batch;
    private readonly Parallelism _parallelism;
    private readonly List<double> _seconds = [];
    private int _calls;

    public KernelCase(CompressedFormat format, byte[] packed, int rows, int columns, float[] x, int batch, int threads)
    {
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

    public long PackedBytes => _packed.Length;

    /// <summary>Multiplications and additions of one call.</summary>
    public double Operations => 2.0 * _rows * _columns * _batch;

    /// <summary>Seconds of a call, over the repetitions.</summary>
    public Sample Seconds => Sample.Of(_seconds);

    /// <summary>Runs until the code is what the JIT ends up with, and finds how many calls make a repetition.</summary>
    public void WarmUp(byte[] workingSet)
    {
        int copies = Fill(workingSet);
        long start = Stopwatch.GetTimestamp();
        double elapsed = 0;
        int calls = 0;
        while ((calls < WarmCalls || elapsed < WarmSeconds) && elapsed < LongestWarmSeconds)
        {
            Call(workingSet, calls++ % copies);
            elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        _calls = (int)Math.Clamp(RepetitionSeconds * calls / elapsed, 1, 1_000_000);
    }

    /// <summary>One repetition.</summary>
    /// <param name="workingSet">
    /// Filled with copies of the matrix that are multiplied in turn: a model's weights come from memory, and so shall these,
    /// not from the cache that a single matrix would stay in.
    /// </param>
    public void Repeat(byte[] workingSet)
    {
        int copies = Fill(workingSet);
        long start = Stopwatch.GetTimestamp();
        for (int call = 0; call < _calls; call++)
        {
            Call(workingSet, call % copies);
        }
        _seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds / _calls);
    }

    /// <summary>Bytes from one copy to the next: whole cache lines.</summary>
    private int Stride => (_packed.Length + 63) / 64 * 64;

    private int Fill(byte[] workingSet)
    {
        int copies = Math.Max(1, workingSet.Length / Stride);
        for (int copy = 0; copy < copies; copy++)
        {
            _packed.CopyTo(workingSet, copy * Stride);
        }
        return copies;
    }

    private void Call(byte[] workingSet, int copy)
    {
        ReadOnlyMemory<byte> packed = workingSet.AsMemory(copy * Stride, _packed.Length);
        if (_batch == 1)
        {
            Format.MatVec(packed, _rows, _columns, _x, _y, _parallelism);
        }
        else
        {
            Format.MatMul(packed, _rows, _columns, _x, _batch, _y, _parallelism);
        }
    }
}
