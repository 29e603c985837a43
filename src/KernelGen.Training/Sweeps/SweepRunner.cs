using System.Diagnostics;

namespace KernelGen.Training;

/// <summary>
/// Works through a sweep: claims runs in their order, trains several at once, stores every outcome as it comes. A run that throws is
/// stored as failed and the others go on.
/// </summary>
public sealed class SweepRunner
{
    private readonly SweepStore _store;
    private readonly SweepTrainer _train;
    private readonly SweepOptions _options;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Dictionary<string, double> _active = [];
    private readonly Lock _gate = new();
    private IReadOnlyList<StoredRun> _runs = [];
    private CostModel _cost = new([]);
    private int _trained;
    private TimeSpan _nextReport;
    private SweepException? _beatFailure;

    private SweepRunner(SweepStore store, SweepTrainer train, SweepOptions options)
    {
        _store = store;
        _train = train;
        _options = options;
    }

    /// <summary>Runs what of a sweep is not done yet.</summary>
    /// <param name="runs">The runs, in the order in which they are to be begun.</param>
    /// <param name="store">Where outcomes are stored.</param>
    /// <param name="train">Trains one run.</param>
    /// <param name="options">Threads, limit, progress.</param>
    /// <exception cref="OperationCanceledException">The sweep was cancelled; everything finished is stored, everything begun given
    /// back.</exception>
    /// <exception cref="SweepException">The database cannot be written.</exception>
    public static SweepResult Run(IReadOnlyList<SweepRun> runs, SweepStore store, SweepTrainer train, SweepOptions options)
    {
        store.Add(runs);
        return new SweepRunner(store, train, options).Run();
    }

    private SweepResult Run()
    {
        Refresh(null);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_options.Cancellation);
        if (_options.Limit is { } time)
        {
            limit.CancelAfter(time);
        }
        using var beat = new Timer(_ => Beat(limit), null, SweepStore.Beat, SweepStore.Beat);
        using var slots = new SemaphoreSlim(Math.Max(1, _options.Threads));
        List<Task> tasks = [];
        while (!limit.IsCancellationRequested && tasks.All(task => !task.IsFaulted))
        {
            Wait(slots, 1, limit.Token);
            if (limit.IsCancellationRequested || _store.Claim() is not { } run)
            {
                slots.Release();
                break;
            }
            if (!Fits(run))
            {
                _store.Release(run.Key);
                slots.Release();
                break;
            }
            int threads = _options.TakesAllThreads(run) ? Math.Max(1, _options.Threads) : 1;
            // A run that takes all threads waits until the others have ended, and holds up those behind it.
            int more = Wait(slots, threads - 1, limit.Token);
            tasks.RemoveAll(task => task.IsCompletedSuccessfully);
            tasks.Add(
                Task.Factory.StartNew(
                    () => Train(run, threads, slots, more + 1, limit.Token),
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default
                )
            );
        }
        if (tasks.Any(task => task.IsFaulted))
        {
            limit.Cancel(); // the database cannot be written: what the others train could not be stored either
        }
        Task.WhenAll(tasks).GetAwaiter().GetResult();
        _options.Cancellation.ThrowIfCancellationRequested();
        if (_beatFailure is { } failure)
        {
            throw new SweepException(failure.Message, failure);
        }
        IReadOnlyList<StoredRun> end = _store.Added();
        return new(
            end.Count(run => run.State == RunState.Done),
            [.. end.Where(run => run.State == RunState.Failed)],
            end.Count(run => run.State == RunState.Claimed),
            end.Count(run => run.State == RunState.Waiting),
            _trained
        );
    }

    private void Beat(CancellationTokenSource stop)
    {
        try
        {
            _store.Heartbeat();
            Report(null);
        }
        catch (SweepException e)
        {
            // Without heartbeats others will take our runs: better to stop and say so.
            _beatFailure = e;
            stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The last beat of a sweep that has just ended.
        }
    }

    private static int Wait(SemaphoreSlim slots, int count, CancellationToken stop)
    {
        int taken = 0;
        try
        {
            for (; taken < count; taken++)
            {
                slots.Wait(stop);
            }
        }
        catch (OperationCanceledException)
        {
            // Whoever called sees the token.
        }
        return taken;
    }

    private bool Fits(SweepRun run)
    {
        lock (_gate)
        {
            return _options.Limit is not { } limit
                || _cost.IsBlank
                || _clock.Elapsed.TotalSeconds + _cost.Seconds(run) <= limit.TotalSeconds;
        }
    }

    private void Train(SweepRun run, int threads, SemaphoreSlim slots, int held, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        lock (_gate)
        {
            _active[run.Key] = 0;
        }
        bool stored = false;
        try
        {
            cancellation.ThrowIfCancellationRequested();
            string outcome = _train(run, threads, share => Advance(run, share), cancellation);
            stored = _store.Complete(run.Key, clock.Elapsed.TotalSeconds, outcome);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            _store.Release(run.Key);
        }
        catch (Exception e) when (e is not SweepException)
        {
            stored = _store.Fail(run.Key, clock.Elapsed.TotalSeconds, e.Message);
        }
        finally
        {
            lock (_gate)
            {
                _active.Remove(run.Key);
                _trained += stored ? 1 : 0;
            }
            slots.Release(held);
        }
        if (stored)
        {
            Refresh(run.Key);
        }
    }

    private void Advance(SweepRun run, double share)
    {
        lock (_gate)
        {
            _active[run.Key] = Math.Clamp(share, 0, 1);
            if (_clock.Elapsed < _nextReport)
            {
                return; // trainers tell every step, people read twice a second
            }
            _nextReport = _clock.Elapsed + TimeSpan.FromSeconds(0.5);
        }
        Report(null);
    }

    /// <summary>Looks at what all processes have done, after a run of this one has ended.</summary>
    private void Refresh(string? latest)
    {
        IReadOnlyList<StoredRun> runs = _store.Added();
        var cost = new CostModel(runs);
        lock (_gate)
        {
            _runs = runs;
            _cost = cost;
        }
        Report(latest is null ? null : runs.First(run => run.Run.Key == latest));
    }

    private void Report(StoredRun? latest)
    {
        lock (_gate)
        {
            if (_options.Progress is not { } progress)
            {
                return;
            }
            double all = 0,
                behind = 0,
                longest = 0;
            foreach (StoredRun run in _runs)
            {
                double seconds = run.State == RunState.Done && !_cost.IsBlank ? run.Seconds : _cost.Seconds(run.Run);
                double share = run.State is RunState.Done or RunState.Failed ? 1 : _active.GetValueOrDefault(run.Run.Key);
                all += seconds;
                behind += seconds * share;
                longest = Math.Max(longest, seconds * (1 - share));
            }
            // Runs go side by side, but the longest of those left is not shared.
            double? left = _cost.IsBlank ? null : Math.Max((all - behind) / Math.Max(1, _options.Threads), longest);
            progress(
                new(
                    _runs.Count(run => run.State == RunState.Done),
                    _runs.Count(run => run.State == RunState.Failed),
                    _runs.Count,
                    all > 0 ? behind / all : 1,
                    left,
                    latest
                )
            );
        }
    }
}
