using System.Diagnostics;
using System.Runtime.InteropServices;
using Coverage = SharpFuzz.Common.Trace;

namespace KernelGen.Fuzz;

/// <summary>Keeps inputs that take a branch as often as no input before.</summary>
internal sealed unsafe class CoverageLoop
{
    private const int Map = 1 << 16;

    private const long MostMilliseconds = 5_000,
        MostBytes = 64 << 20;

    private readonly FuzzTarget _target;
    private readonly byte* _counts = (byte*)NativeMemory.AllocZeroed(Map);
    private readonly byte[] _seen = new byte[Map];
    private readonly List<(byte[] Input, List<int> Reached)> _kept = [];
    private readonly HashSet<string> _kinds = [];
    private readonly Random _random = new(1);

    public CoverageLoop(FuzzTarget target)
    {
        _target = target;
        Coverage.SharedMem = _counts;
    }

    public List<(byte[] Input, string Why)> Failures { get; } = [];

    public long Tried { get; private set; }

    public long Read { get; private set; }

    public int Branches => _seen.Count(buckets => buckets != 0);

    public void Run(TimeSpan time)
    {
        var mutator = new Mutator(_random, _target.Words);
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < time; )
        {
            // Newer inputs reach rarer branches.
            int newer = Math.Max(_random.Next(_kept.Count), _random.Next(_kept.Count));
            Try(mutator.Mutate(_kept[newer].Input, _kept[_random.Next(_kept.Count)].Input));
        }
    }

    public void Try(byte[] input)
    {
        new Span<byte>(_counts, Map).Clear();
        Coverage.PrevLocation = 0;
        Tried++;
        long start = Stopwatch.GetTimestamp(),
            allocated = GC.GetAllocatedBytesForCurrentThread();
        string? why = null;
        try
        {
            Read += _target.Reads(input) ? 1 : 0;
        }
        catch (Exception e)
        {
            why = $"{e.GetType().Name} at {new StackTrace(e).GetFrame(0)?.GetMethod()}: {e.Message}";
        }
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        why ??=
            milliseconds > MostMilliseconds ? $"slow: {milliseconds:0} ms"
            : allocated > MostBytes ? $"memory: {allocated >> 20} MiB"
            : null;
        if (why is not null && _kinds.Add(why.Split(':')[0]))
        {
            Failures.Add((input, why));
        }
        List<int> reached = [];
        bool fresh = false;
        for (int i = 0; i < Map; i++)
        {
            if (_counts[i] == 0)
            {
                continue;
            }
            int bucket = Math.Min(7, (int)Math.Log2(_counts[i]));
            reached.Add(i << 3 | bucket);
            fresh |= (_seen[i] & 1 << bucket) == 0;
            _seen[i] |= (byte)(1 << bucket);
        }
        if (fresh || _kept.Count == 0)
        {
            _kept.Add((input, reached));
        }
    }

    /// <summary>Few small inputs that take all branches: the shortest first, each if it adds one. How often does not count.</summary>
    public List<byte[]> Smallest()
    {
        HashSet<int> covered = [];
        List<byte[]> chosen = [];
        foreach ((byte[] input, List<int> reached) in _kept.OrderBy(kept => kept.Input.Length))
        {
            int before = covered.Count;
            covered.UnionWith(reached.Select(branch => branch >> 3));
            if (covered.Count > before)
            {
                chosen.Add(input);
            }
        }
        return chosen;
    }
}
