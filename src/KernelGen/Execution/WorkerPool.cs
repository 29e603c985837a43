namespace KernelGen;

/// <summary>Work that is done in numbered parts, in any order and by any thread.</summary>
internal abstract class PartedWork
{
    /// <summary>Does one part.</summary>
    public abstract void Run(int part);
}

/// <summary>
/// Threads that wait for kernels. A matvec takes microseconds: a task scheduler would cost as much. Workers spin for a moment
/// after each call and then sleep; a call while another one runs is done by its own thread alone, so that threads never
/// outnumber processors.
/// </summary>
internal sealed class WorkerPool
{
    /// <summary>Rounds of a worker's wait, a few nanoseconds each, before it sleeps: some 50 µs.</summary>
    private const int SpinRounds = 2000;

    private readonly Worker[] _workers;
    private PartedWork? _work;
    private int _parts, _next, _running, _busy;
    private Exception? _failure;
    private CancellationToken _cancellation;

    private WorkerPool(int workers) => _workers = [.. Enumerable.Range(0, workers).Select(_ => new Worker(this))];

    /// <summary>One thread less than there are processors, as the caller works too.</summary>
    public static WorkerPool Shared { get; } = new(Environment.ProcessorCount - 1);

    /// <summary>Does all parts and returns when the last one is done; nothing is allocated.</summary>
    /// <param name="work">The work.</param>
    /// <param name="parts">Number of parts.</param>
    /// <param name="threads">Most threads that work at a time, the caller among them.</param>
    /// <param name="cancellation">Looked at before each part.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; parts that had begun are done.</exception>
    public void Run(PartedWork work, int parts, int threads, CancellationToken cancellation)
    {
        int helpers = Math.Min(Math.Min(threads, parts) - 1, _workers.Length);
        if (helpers <= 0 || Interlocked.Exchange(ref _busy, 1) != 0)
        {
            for (int part = 0; part < parts; part++)
            {
                cancellation.ThrowIfCancellationRequested();
                work.Run(part);
            }
            return;
        }
        (_work, _parts, _next, _failure, _cancellation) = (work, parts, 0, null, cancellation);
        Volatile.Write(ref _running, helpers);
        for (int i = 0; i < helpers; i++)
        {
            _workers[i].Start();
        }
        TakeParts();
        WaitForHelpers();
        Exception? failure = _failure;
        (_work, _failure, _cancellation) = (null, null, default);
        Volatile.Write(ref _busy, 0);
        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Looks often at first, as helpers end within a part of each other; <see cref="SpinWait"/> looks half as often each time.</summary>
    private void WaitForHelpers()
    {
        for (int round = 0; round < SpinRounds; round++)
        {
            if (Volatile.Read(ref _running) == 0)
            {
                return;
            }
            Thread.SpinWait(1);
        }
        var spin = new SpinWait();
        while (Volatile.Read(ref _running) > 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    private void TakeParts()
    {
        try
        {
            while (!_cancellation.IsCancellationRequested && Volatile.Read(ref _failure) is null && Interlocked.Increment(ref _next) - 1 is int part && part < _parts)
            {
                _work!.Run(part);
            }
        }
        catch (Exception e)
        {
            Record(e);
        }
    }

    /// <summary>Of several bad rows the first one is named, whichever thread met it.</summary>
    private void Record(Exception e)
    {
        lock (_workers)
        {
            if (_failure is null || (e is NonFiniteWeightException mine && _failure is NonFiniteWeightException other && mine.Row < other.Row))
            {
                _failure = e;
            }
        }
    }

    private sealed class Worker
    {
        private readonly WorkerPool _pool;
        private readonly SemaphoreSlim _sleep = new(0);
        private int _state; // Idle, Sleeping or Called
        private bool _started;

        public Worker(WorkerPool pool) => _pool = pool;

        private const int Idle = 0, Sleeping = 1, Called = 2;

        /// <summary>Wakes the worker; the pool's fields are set.</summary>
        public void Start()
        {
            if (!_started)
            {
                _started = true;
                new Thread(Loop) { IsBackground = true, Name = "KernelGen worker" }.Start();
            }
            if (Interlocked.Exchange(ref _state, Called) == Sleeping)
            {
                _sleep.Release();
            }
        }

        private void Loop()
        {
            while (true)
            {
                Wait();
                _pool.TakeParts();
                Interlocked.Decrement(ref _pool._running);
            }
        }

        private void Wait()
        {
            for (int round = 0; round < SpinRounds; round++)
            {
                if (Volatile.Read(ref _state) == Called)
                {
                    Volatile.Write(ref _state, Idle);
                    return;
                }
                Thread.SpinWait(1);
            }
            if (Interlocked.CompareExchange(ref _state, Sleeping, Idle) == Idle)
            {
                _sleep.Wait();
            }
            Volatile.Write(ref _state, Idle);
        }
    }
}
