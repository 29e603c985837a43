namespace ILGPU.Emulation;

/// <summary>
/// One group after the other on one thread of the process: every emulated thread runs to where it waits, warp by warp, and
/// when all wait at the same place they go on. Any wait that not all reach is an error.
/// </summary>
internal sealed class GroupRun : IDisposable
{
    private readonly EmulatedThread[] _threads;
    private readonly SyncKind[] _waits;
    private readonly int[] _warpEpochs;

    public GroupRun(CompiledKernel kernel, KernelConfig config, object[] arguments)
    {
        (Kernel, Config) = (kernel, config);
        Shared = new SharedArena(config.SharedMemoryConfig.Bytes);
        _threads = new EmulatedThread[config.GroupDim.Size];
        _waits = new SyncKind[_threads.Length];
        _warpEpochs = new int[(_threads.Length + Warp.Size - 1) / Warp.Size];
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = kernel.NewThread();
            _threads[i].Load(arguments);
        }
    }

    public CompiledKernel Kernel { get; }

    public KernelConfig Config { get; }

    public SharedArena Shared { get; }

    /// <summary>The group that runs.</summary>
    public Index3D Index { get; private set; }

    /// <summary>Barriers passed.</summary>
    public int Epoch { get; private set; }

    public int WarpEpochOf(EmulatedThread thread) => _warpEpochs[thread.Linear / Warp.Size];

    public void Dispose() => Shared.Dispose();

    public void Run(Index3D index)
    {
        Index = index;
        Shared.Clear();
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i].Enter(this, i);
        }
        do
        {
            for (int first = 0; first < _threads.Length; first += Warp.Size)
            {
                RunWarp(first, Math.Min(first + Warp.Size, _threads.Length));
            }
        } while (PassBarrier());
    }

    /// <summary>Lets a warp run until all of it waits for the group or has returned.</summary>
    private void RunWarp(int first, int end)
    {
        while (true)
        {
            for (int i = first; i < end; i++)
            {
                _waits[i] = Resume(_threads[i]);
            }
            SyncKind kind = _waits[first];
            if (kind == SyncKind.Done && All(first, end, SyncKind.Done))
            {
                return;
            }
            RequireSame(first, end);
            if (kind is SyncKind.Done or SyncKind.GroupBarrier)
            {
                return;
            }
            if (kind == SyncKind.Instruction)
            {
                PtxInstruction.Of(_threads[first].Instruction!).Execute(_threads.AsSpan(first, end - first));
                continue;
            }
            _warpEpochs[first / Warp.Size]++;
            for (int i = first; i < end && kind != SyncKind.WarpBarrier; i++)
            {
                int lane = i - first,
                    argument = _threads[i].Argument;
                int source = kind switch
                {
                    SyncKind.ShuffleDown => lane + argument,
                    SyncKind.ShuffleUp => lane - argument,
                    SyncKind.ShuffleXor => lane ^ argument,
                    _ => argument,
                };
                // a lane that is not there gives the own value back
                _threads[i].Receive(_threads[source >= 0 && first + source < end ? first + source : i]);
            }
        }
    }

    private static SyncKind Resume(EmulatedThread thread)
    {
        EmulatedThread.Current = thread;
        try
        {
            return (SyncKind)thread.Run();
        }
        catch (Exception e) when (e is not EmulationException)
        {
            throw thread.Error($"{e.GetType().Name}: {e.Message.TrimEnd('.')}");
        }
        finally
        {
            EmulatedThread.Current = null;
        }
    }

    /// <summary>False when all threads have returned.</summary>
    private bool PassBarrier()
    {
        if (All(0, _threads.Length, SyncKind.Done))
        {
            return false;
        }
        RequireSame(0, _threads.Length);
        Epoch++;
        int count = _threads.Sum(thread => thread.Argument);
        foreach (EmulatedThread thread in _threads)
        {
            thread.Count = count;
        }
        return true;
    }

    private bool All(int first, int end, SyncKind kind) => !_waits.AsSpan(first, end - first).ContainsAnyExcept(kind);

    /// <summary>All threads wait, at the same place of the kernel.</summary>
    private void RequireSame(int first, int end)
    {
        int other = -1;
        for (int i = first + 1; i < end && other < 0; i++)
        {
            if (_waits[i] != _waits[first] || (_waits[i] != SyncKind.Done && _threads[i].State != _threads[first].State))
            {
                other = i;
            }
        }
        if (other >= 0)
        {
            int waiting = _waits[first] == SyncKind.Done ? other : first,
                elsewhere = waiting == first ? other : first;
            throw _threads[waiting]
                .Error(
                    $"{Kernel.Describe(_waits[waiting], _threads[waiting].State)} is not reached by all: "
                        + $"thread {elsewhere} {Kernel.Describe(_waits[elsewhere], _threads[elsewhere].State, verb: true)}"
                );
        }
    }
}
