namespace KernelGen.Scaling;

/// <summary>
/// A seeded source of independent values of unit variance. The values of a chunk depend on the seed and the chunk's
/// number alone: not on the thread, the order of calls, the vector width or the machine.
/// </summary>
public abstract class RandomSource : ValueSource
{
    private protected RandomSource(string name)
        : base(name) { }

    /// <summary>Writes the first values of a chunk; a longer span of the same chunk begins with the same values.</summary>
    /// <param name="seed">Any number.</param>
    /// <param name="chunk">Number of the chunk.</param>
    /// <param name="values">Receives the values, at most 2^31 − 1 of them.</param>
    public abstract void Fill(ulong seed, long chunk, Span<float> values);
}

/// <summary>A random source whose values one sampler makes.</summary>
internal sealed class RandomSource<TSampler>(string name, TSampler sampler) : RandomSource(name)
    where TSampler : struct, ISampler
{
    public override void Fill(ulong seed, long chunk, Span<float> values) => SampleDriver.Fill(sampler, seed, chunk, values);
}
