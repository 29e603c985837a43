namespace KernelGen.Scaling;

/// <summary>
/// A vector register of 32-bit lanes, read as float or as integer. The arithmetic of the sources is written once over
/// this interface; only operations that IEEE 754 rounds the same way everywhere are in it (no fused multiply–add), so
/// that a seed gives the same bits on every vector width and machine.
/// </summary>
internal interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    static abstract int Width { get; }

    static abstract TSelf Of(float value);

    static abstract TSelf OfBits(uint bits);

    static abstract TSelf Load(ref readonly uint source);

    void Store(ref uint target);

    void Store(ref float target);

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);

    static abstract TSelf operator &(TSelf a, TSelf b);

    static abstract TSelf operator |(TSelf a, TSelf b);

    static abstract TSelf operator ^(TSelf a, TSelf b);

    static abstract TSelf operator <<(TSelf a, int count);

    /// <summary>Arithmetic shift.</summary>
    static abstract TSelf operator >>(TSelf a, int count);

    /// <summary>Logical shift.</summary>
    static abstract TSelf operator >>>(TSelf a, int count);

    static abstract TSelf Sqrt(TSelf a);

    static abstract TSelf AddBits(TSelf a, TSelf b);

    static abstract TSelf SubtractBits(TSelf a, TSelf b);

    /// <summary>Signed 32-bit integers to the nearest floats.</summary>
    static abstract TSelf ToFloat(TSelf integers);

    /// <summary>Bit by bit: <paramref name="a"/> where the mask is set, <paramref name="b"/> elsewhere.</summary>
    static abstract TSelf Select(TSelf mask, TSelf a, TSelf b);
}
