using System.Runtime.ExceptionServices;

namespace KernelGen.Kernels.Threads;

/// <summary>
/// Threads that wait for kernels. A matvec takes microseconds: a task scheduler would cost as much. Workers spin for a moment
/// after each call and then sleep; one that has not come when all is done is not waited for. A call while another one runs is done
/// by its own thread alone, so that threads never outnumber processors.
/// </summary>
internal sealed class WorkerPool
{
    /// <summary>Rounds of a wait, a few nanoseconds each, before a worker sleeps or the caller yields: some 50 µs.</summary>
    public const int SpinRounds = 2000;

    private readonly Worker[] _workers;
    private readonly SharedLines _lines;
    private StretchWork? _work;
    private Grain _grain;
    private int _team,
        _busy;
    private Exception? _failure;
    private CancellationToken _cancellation;

    /// <summary>A pool of its own, for tests: whoever multiplies at the same time does not use its threads.</summary>
    /// <param name="workers">Threads besides the caller.</param>
    internal WorkerPool(int workers)
    {
        _lines = new(1 + workers);
        _workers = [.. Enumerable.Range(1, workers).Select(line => new Worker(this, _lines, line))];
    }

    /// <summary>One thread less than there are processors, as the caller works too.</summary>
    public static WorkerPool Shared { get; } = new(Environment.ProcessorCount - 1);

    /// <summary>Does all units and returns when the last one is done; nothing is allocated.</summary>
    /// <param name="work">The work.</param>
    /// <param name="units">Number of units.</param>
    /// <param name="grain">How many are taken at a time.</param>
    /// <param name="threads">Most threads that work at a time, the caller among them.</param>
    /// <param name="cancellation">Looked at before each stretch.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; stretches that had begun are done.</exception>
    public void Run(StretchWork work, int units, Grain grain, int threads, CancellationToken cancellation)
    {
        long worth = ((long)units + grain.Smallest - 1) / grain.Smallest;
        int team = (int)Math.Min(worth, Math.Min(threads, 1 + _workers.Length));
        if (team <= 1 || Interlocked.Exchange(ref _busy, 1) != 0)
        {
            RunAlone(work, units, grain, cancellation);
            return;
        }
        (_work, _grain, _team, _failure, _cancellation) = (work, grain, team, null, cancellation);
        for (int line = 0; line < team; line++)
        {
            _lines.Stretch(line) = Stretch.Of((int)((long)units * line / team), (int)((long)units * (line + 1) / team));
        }
        ReadOnlySpan<Worker> helpers = _workers.AsSpan(0, team - 1);
        foreach (Worker helper in helpers)
        {
            helper.Call();
        }
        Take(0);
        foreach (Worker helper in helpers)
        {
            helper.Await();
        }
        Exception? failure = _failure;
        (_work, _failure, _cancellation) = (null, null, default);
        Volatile.Write(ref _busy, 0);
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
        cancellation.ThrowIfCancellationRequested();
    }

    private static void RunAlone(StretchWork work, int units, Grain grain, CancellationToken cancellation)
    {
        for (int first = 0; first < units; )
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(units - first, grain.Largest);
            work.Run(first, count);
            first += count;
        }
    }

    /// <summary>Does a thread's own units, then some of what others have left.</summary>
    /// <param name="line">The thread's line.</param>
    internal void Take(int line)
    {
        try
        {
            while (
                !_cancellation.IsCancellationRequested
                && Volatile.Read(ref _failure) is null
                && Next(line, out int first) is int count and > 0
            )
            {
                _work!.Run(first, count);
            }
        }
        catch (Exception e)
        {
            Record(e);
        }
    }

    private int Next(int line, out int first)
    {
        int count = Stretch.TakeFront(ref _lines.Stretch(line), _grain, out first);
        for (int other = 1; count == 0 && other < _team; other++)
        {
            count = Stretch.TakeBack(ref _lines.Stretch((line + other) % _team), _grain, out first);
        }
        return count;
    }

    /// <summary>Of several bad rows the first one is named, whichever thread met it.</summary>
    private void Record(Exception e)
    {
        lock (_workers)
        {
            if (
                _failure is null
                || (e is NonFiniteWeightException mine && _failure is NonFiniteWeightException other && mine.Row < other.Row)
            )
            {
                _failure = e;
            }
        }
    }
}
