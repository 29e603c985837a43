using System.Runtime.CompilerServices;

namespace KernelGen.Scaling;

/// <summary>
/// One xoshiro128++ generator per lane (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2019;
/// period 2^128 − 1), started at hashed states: 16 lanes for every (seed, chunk).
/// </summary>
internal struct RandomLanes<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    private TLanes _s0,
        _s1,
        _s2,
        _s3;

    /// <summary>Takes the states of <c>TLanes.Width</c> of the 16 lanes.</summary>
    /// <param name="states">64 words: word 0 of the 16 lanes, word 1 of the 16 lanes…</param>
    /// <param name="firstLane">First lane.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RandomLanes(ReadOnlySpan<uint> states, int firstLane)
    {
        _s0 = TLanes.Load(in states[firstLane]);
        _s1 = TLanes.Load(in states[16 + firstLane]);
        _s2 = TLanes.Load(in states[32 + firstLane]);
        _s3 = TLanes.Load(in states[48 + firstLane]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Save(Span<uint> states, int firstLane)
    {
        _s0.Store(ref states[firstLane]);
        _s1.Store(ref states[16 + firstLane]);
        _s2.Store(ref states[32 + firstLane]);
        _s3.Store(ref states[48 + firstLane]);
    }

    /// <summary>32 random bits per lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TLanes Next()
    {
        TLanes sum = TLanes.AddBits(_s0, _s3);
        TLanes result = TLanes.AddBits(sum << 7 | sum >>> 25, _s0);
        TLanes t = _s1 << 9;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = _s3 << 11 | _s3 >>> 21;
        return result;
    }
}
