using System.Runtime.CompilerServices;

namespace KernelGen.Kernels.Vectors;

/// <summary>One float: where there are no vectors.</summary>
internal readonly struct FloatLanes32 : ICodeLanes<float>
{
    /// <inheritdoc/>
    public static int Count => 1;

    /// <inheritdoc/>
    public static float Broadcast(float value) => value;

    /// <inheritdoc/>
    public static float Load(ref float source, nuint offset) => Unsafe.Add(ref source, offset);

    /// <inheritdoc/>
    public static void Store(float value, ref float target, nuint offset) => Unsafe.Add(ref target, offset) = value;

    /// <inheritdoc/>
    public static float Add(float a, float b) => a + b;

    /// <inheritdoc/>
    public static float MultiplyAdd(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    /// <inheritdoc/>
    public static float Multiply(float a, float b) => a * b;

    /// <inheritdoc/>
    public static float Estimate(float a, float b, float c) => a * b + c;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(float vector) => vector;

    /// <inheritdoc/>
    public static float Bits(ref byte source) => Unsafe.ReadUnaligned<float>(ref source);

    /// <inheritdoc/>
    public static float Nibble(float levels, ref float table, float bits, int shift) =>
        Unsafe.Add(ref table, BitConverter.SingleToInt32Bits(bits) >>> shift & 15);

    /// <inheritdoc/>
    public static float Byte(float bits, int index, bool signed)
    {
        int code = BitConverter.SingleToInt32Bits(bits) >> (8 * index);
        return signed ? (sbyte)code : (byte)code;
    }

    /// <inheritdoc/>
    public static float SmallFloat(float bits, int index, int exponent, int bias)
    {
        int top = BitConverter.SingleToInt32Bits(bits) << (24 - 8 * index);
        float normal = BitConverter.Int32BitsToSingle(((top & 0x7F000000) >>> (8 - exponent)) + ((127 - bias) << 23));
        float value = MathF.Min(normal, 2f * normal - BitConverter.Int32BitsToSingle((128 - bias) << 23));
        return BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(value) | top & int.MinValue);
    }

    /// <inheritdoc/>
    public static float Float16(ref byte source, nuint index) => Halves(ref source, index);

    /// <inheritdoc/>
    public static float BFloat16(ref byte source, nuint index) =>
        BitConverter.Int32BitsToSingle(Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref source, 2 * index)) << 16);

    /// <inheritdoc/>
    public static float Halves(ref byte source, nuint index) => (float)Unsafe.ReadUnaligned<Half>(ref Unsafe.Add(ref source, 2 * index));
}
