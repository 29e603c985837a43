namespace KernelGen.Kernels.Vectors;

/// <summary>
/// What float32 products of repacked rows need: 32 bits for each row, read as nibbles, bytes or small floats. Kernels are written once over
/// this interface and compiled for each width.
/// </summary>
/// <typeparam name="TVector">The vector: 512, 256 or 128 bits, or a float.</typeparam>
internal interface ICodeLanes<TVector> : IFloatLanes<TVector>
    where TVector : struct
{
    /// <summary>a · b.</summary>
    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>a · b + c, rounded once or twice, whichever the machine does in one instruction or two.</summary>
    static abstract TVector Estimate(TVector a, TVector b, TVector c);

    /// <summary>The sum of the lanes.</summary>
    static abstract float Sum(TVector vector);

    /// <summary>32 bits for each lane.</summary>
    static abstract TVector Bits(ref byte source);

    /// <summary>The level that four bits of each lane name.</summary>
    /// <param name="levels">The first levels of the table, as many as there are lanes.</param>
    /// <param name="table">Sixteen levels.</param>
    /// <param name="bits">Codes.</param>
    /// <param name="shift">Lowest of the four bits.</param>
    static abstract TVector Nibble(TVector levels, ref float table, TVector bits, int shift);

    /// <summary>A byte of each lane as a number.</summary>
    /// <param name="bits">Codes.</param>
    /// <param name="index">0 for the lowest byte, up to 3.</param>
    /// <param name="signed">Whether bytes are two's complement.</param>
    static abstract TVector Byte(TVector bits, int index, bool signed);

    /// <summary>A byte of each lane as a float: sign, exponent and mantissa, subnormals included, no infinity and no NaN.</summary>
    /// <param name="bits">Codes.</param>
    /// <param name="index">0 for the lowest byte, up to 3.</param>
    /// <param name="exponent">Bits of the exponent, 1 to 7; those of the mantissa fill the byte.</param>
    /// <param name="bias">Bias of the exponent.</param>
    static abstract TVector SmallFloat(TVector bits, int index, int exponent, int bias);

    /// <summary>Any binary16 numbers.</summary>
    static abstract TVector Float16(ref byte source, nuint index);

    /// <summary>bfloat16 numbers.</summary>
    static abstract TVector BFloat16(ref byte source, nuint index);

    /// <summary>Finite binary16 numbers.</summary>
    static abstract TVector Halves(ref byte source, nuint index);
}

/// <summary>
/// The same lanes for sums whose last bit is not promised: <see cref="ICodeLanes{TVector}.Estimate"/> in place of the fused operation,
/// which is slow on machines without it.
/// </summary>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="TLanes">The lanes.</typeparam>
internal readonly struct Estimated<TVector, TLanes> : IFloatLanes<TVector>
    where TVector : struct
    where TLanes : struct, ICodeLanes<TVector>
{
    /// <inheritdoc/>
    public static int Count => TLanes.Count;

    /// <inheritdoc/>
    public static TVector Broadcast(float value) => TLanes.Broadcast(value);

    /// <inheritdoc/>
    public static TVector Load(ref float source, nuint offset) => TLanes.Load(ref source, offset);

    /// <inheritdoc/>
    public static void Store(TVector value, ref float target, nuint offset) => TLanes.Store(value, ref target, offset);

    /// <inheritdoc/>
    public static TVector Add(TVector a, TVector b) => TLanes.Add(a, b);

    /// <inheritdoc/>
    public static TVector MultiplyAdd(TVector a, TVector b, TVector c) => TLanes.Estimate(a, b, c);
}
