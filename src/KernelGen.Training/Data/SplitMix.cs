namespace KernelGen.Training;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood 2014): a counter that is hashed, so that any number of independent streams can be started anywhere.
/// </summary>
internal struct SplitMix(ulong seed)
{
    private const ulong Golden = 0x9E3779B97F4A7C15ul;

    private ulong _state = seed;

    /// <summary>A stream for a pair of numbers.</summary>
    public SplitMix(ulong seed, ulong index)
        : this(Mix(Mix(seed + Golden) ^ index)) { }

    /// <summary>A bijection of 64 bits in which every bit of the result depends on every bit.</summary>
    public static ulong Mix(ulong x)
    {
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ul;
        x = (x ^ x >> 27) * 0x94D049BB133111EBul;
        return x ^ x >> 31;
    }

    /// <summary>64 random bits.</summary>
    public ulong Next() => Mix(_state += Golden);

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public double NextUnit() => (Next() >> 11) * (1.0 / (1ul << 53));

    /// <summary>A number from 0 to <paramref name="count"/> − 1.</summary>
    public long NextBelow(long count) => (long)Math.BigMul(Next(), (ulong)count, out _);
}
