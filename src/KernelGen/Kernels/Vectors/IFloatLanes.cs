namespace KernelGen.Kernels.Vectors;

/// <summary>
/// Float32 operations on a bare vector type. <see cref="ISimd{TSelf}"/> wraps its vectors in a struct; the JIT then accumulates
/// into a copy and moves it back after every other multiply–add, which the tile of a dense product can not afford.
/// </summary>
/// <typeparam name="TVector">The vector: 512, 256 or 128 bits, or a float.</typeparam>
internal interface IFloatLanes<TVector>
    where TVector : struct
{
    /// <summary>Floats of a vector.</summary>
    static abstract int Count { get; }

    /// <summary>The same float in all lanes.</summary>
    static abstract TVector Broadcast(float value);

    /// <summary>Loads floats.</summary>
    static abstract TVector Load(ref float source, nuint offset);

    /// <summary>Stores floats.</summary>
    static abstract void Store(TVector value, ref float target, nuint offset);

    /// <summary>a + b.</summary>
    static abstract TVector Add(TVector a, TVector b);

    /// <summary>a · b + c, rounded once.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);
}
