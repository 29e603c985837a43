namespace ILGPU.Emulation;

/// <summary>Launches: groups are spread over the threads of the process.</summary>
internal static class Launcher
{
    /// <summary>Threads of a group of an implicit launch.</summary>
    private const int ImplicitGroup = 64;

    public static void Run(CompiledKernel kernel, KernelConfig config, object[] arguments)
    {
        long groups = config.GridDim.Size,
            threads = config.GroupDim.Size;
        if (groups < 1 || threads < 1 || threads > 1024)
        {
            throw new ArgumentOutOfRangeException(
                nameof(config),
                $"Kernel {kernel.Name}: {groups} groups of {threads} threads; a group has 1 to 1024 threads, a grid at least one group."
            );
        }
        long next = -1;
        int workers = (int)Math.Min(groups, Environment.ProcessorCount);
        Spread(workers, () =>
        {
            using var run = new GroupRun(kernel, config, arguments);
            for (long group = Interlocked.Increment(ref next); group < groups; group = Interlocked.Increment(ref next))
            {
                long x = group % config.GridDim.X,
                    rest = group / config.GridDim.X;
                run.Run(new Index3D((int)x, (int)(rest % config.GridDim.Y), (int)(rest / config.GridDim.Y)));
            }
        });
    }

    /// <summary>Threads get their index; the last group is cut off.</summary>
    public static void RunImplicit(CompiledKernel kernel, Index1D extent, object[] arguments)
    {
        if (kernel.Synchronises)
        {
            throw new NotSupportedException(
                $"Kernel {kernel.Name} waits for other threads or uses shared memory, which only explicitly grouped kernels may."
            );
        }
        int groups = (extent.X + ImplicitGroup - 1) / ImplicitGroup;
        Spread(
            Math.Min(groups, Environment.ProcessorCount),
            () => { },
            groups,
            group =>
            {
                for (int i = group * ImplicitGroup; i < Math.Min(extent.X, (group + 1) * ImplicitGroup); i++)
                {
                    object[] own = [.. arguments];
                    own[0] = new Index1D(i);
                    using var run = new GroupRun(kernel, (1, 1), own);
                    run.Run(new Index3D(i, 0, 0));
                }
            }
        );
    }

    private static void Spread(int workers, Action worker, int groups = 0, Action<int>? each = null)
    {
        try
        {
            if (each is not null)
            {
                Parallel.For(0, groups, each);
            }
            else if (workers == 1)
            {
                worker();
            }
            else
            {
                Parallel.For(0, workers, _ => worker());
            }
        }
        catch (AggregateException e)
        {
            // the first thread that went wrong, as if there had been no others
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(
                e.InnerExceptions.OfType<EmulationException>().OrderBy(one => one.Message, StringComparer.Ordinal).FirstOrDefault()
                    ?? e.InnerExceptions[0]
            );
        }
    }
}
