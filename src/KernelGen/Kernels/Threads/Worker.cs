namespace KernelGen.Kernels.Threads;

/// <summary>A thread of a <see cref="WorkerPool"/>, which starts when it is first called.</summary>
/// <param name="pool">The pool.</param>
/// <param name="lines">Its lines, one a thread.</param>
/// <param name="line">This thread's, where its state is.</param>
internal sealed class Worker(WorkerPool pool, SharedLines lines, int line)
{
    private const long Idle = 0,
        Called = 1,
        Working = 2;

    private readonly SemaphoreSlim _sleep = new(0);
    private bool _started;

    private ref long State => ref lines.State(line);

    private ref long Asleep => ref lines.Asleep(line);

    /// <summary>Asks it to take part; the pool's fields are set.</summary>
    public void Call()
    {
        if (!_started)
        {
            _started = true;
            new Thread(Loop) { IsBackground = true, Name = "KernelGen worker" }.Start();
        }
        Volatile.Write(ref State, Called);
        if (Volatile.Read(ref Asleep) != 0 && Interlocked.Exchange(ref Asleep, 0) != 0)
        {
            _sleep.Release();
        }
    }

    /// <summary>
    /// Returns when it has done what it took. Where it has not come yet, the call is taken back: all units are done. This looks often at
    /// first, as threads end within a stretch of each other; <see cref="SpinWait"/> looks half as often each time.
    /// </summary>
    public void Await()
    {
        if (Interlocked.CompareExchange(ref State, Idle, Called) != Working)
        {
            return;
        }
        for (int round = 0; round < WorkerPool.SpinRounds; round++)
        {
            if (Volatile.Read(ref State) != Working)
            {
                return;
            }
            Thread.SpinWait(1);
        }
        var spin = new SpinWait();
        while (Volatile.Read(ref State) == Working)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    private void Loop()
    {
        while (true)
        {
            WaitForCall();
            if (Interlocked.CompareExchange(ref State, Working, Called) == Called)
            {
                pool.Take(line);
                Volatile.Write(ref State, Idle);
            }
        }
    }

    private void WaitForCall()
    {
        for (int round = 0; round < WorkerPool.SpinRounds; round++)
        {
            if (Volatile.Read(ref State) == Called)
            {
                return;
            }
            Thread.SpinWait(1);
        }
        Volatile.Write(ref Asleep, 1);
        // Either the caller sees that, or its call is seen here: it need not wait for its stores, which every call would pay for.
        Interlocked.MemoryBarrierProcessWide();
        if (Volatile.Read(ref State) != Called || Interlocked.Exchange(ref Asleep, 0) == 0)
        {
            _sleep.Wait();
        }
    }
}
