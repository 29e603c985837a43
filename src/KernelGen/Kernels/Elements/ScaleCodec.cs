using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KernelGen.Kernels.Elements;

/// <summary>Encoding and decoding of the small types that scales and offsets are stored in. Little-endian.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ScaleCodec
{
    /// <summary>Largest finite binary16.</summary>
    private const float LargestHalf = 65504f;

    /// <summary>Its bits.</summary>
    private const uint LargestHalfBits = 0x7BFFu;

    /// <summary>2^-14 as bits of a binary32: below it a binary16 is subnormal.</summary>
    private const uint SmallestNormalHalf = 0x38800000u;

    /// <summary>1/2 as bits of a binary32.</summary>
    private const uint OneHalf = 0x3F000000u;

    /// <summary>Difference of the exponents' biases, in a binary16's place.</summary>
    private const uint HalfBias = 112u << 10;

    /// <summary>2^112, by which a binary16's bits read as binary32 exponent and mantissa have to be multiplied.</summary>
    private const float HalfRebias = 5.192296858534828e33f;

    /// <summary>Bytes of a type.</summary>
    /// <param name="type">The type.</param>
    public static int Bytes(ScaleType type) =>
        type switch
        {
            ScaleType.Float32 => 4,
            ScaleType.Float16 or ScaleType.BFloat16 => 2,
            _ => 1,
        };

    /// <summary>The largest finite value of a type.</summary>
    /// <param name="type">The type.</param>
    public static float Largest(ScaleType type) =>
        type switch
        {
            ScaleType.Float32 => float.MaxValue,
            ScaleType.Float16 => LargestHalf,
            ScaleType.BFloat16 => 3.3895314e38f,
            ScaleType.E8M0 => 1.7014118e38f,
            _ => 448f,
        };

    /// <summary>Writes a value in a type; values outside its range saturate, see <see cref="ScaleType"/>.</summary>
    /// <param name="type">The type.</param>
    /// <param name="value">A finite value.</param>
    /// <param name="bytes">Receives the bytes.</param>
    public static void Write(ScaleType type, float value, Span<byte> bytes)
    {
        switch (type)
        {
            case ScaleType.Float32:
                MemoryMarshal.Write(bytes, value);
                break;
            case ScaleType.Float16:
                MemoryMarshal.Write(bytes, ToHalf(value));
                break;
            case ScaleType.BFloat16:
                MemoryMarshal.Write(bytes, ToBFloat16(value));
                break;
            case ScaleType.E8M0:
                bytes[0] = ToE8M0(value);
                break;
            case ScaleType.E4M3:
                bytes[0] = ToE4M3(value);
                break;
            default:
                bytes[0] = ToUE4M3(value);
                break;
        }
    }

    /// <summary>Reads a value.</summary>
    /// <param name="type">The type.</param>
    /// <param name="bytes">The bytes.</param>
    public static float Read(ScaleType type, ReadOnlySpan<byte> bytes) =>
        type switch
        {
            ScaleType.Float32 => MemoryMarshal.Read<float>(bytes),
            ScaleType.Float16 => FromHalf(MemoryMarshal.Read<ushort>(bytes)),
            ScaleType.BFloat16 => FromBFloat16(MemoryMarshal.Read<ushort>(bytes)),
            ScaleType.E8M0 => FromE8M0(bytes[0]),
            ScaleType.E4M3 => FromE4M3(bytes[0]),
            _ => FromUE4M3(bytes[0]),
        };

    /// <summary>The value that a type makes of a value: <see cref="Read"/> of <see cref="Write"/>.</summary>
    /// <param name="type">The type.</param>
    /// <param name="value">A finite value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Rounded(ScaleType type, float value) =>
        type switch
        {
            ScaleType.Float32 => value,
            ScaleType.Float16 => FromHalf(ToHalf(value)),
            ScaleType.BFloat16 => FromBFloat16(ToBFloat16(value)),
            ScaleType.E8M0 => FromE8M0(ToE8M0(value)),
            ScaleType.E4M3 => FromE4M3(ToE4M3(value)),
            _ => FromUE4M3(ToUE4M3(value)),
        };

    /// <summary>
    /// 1/scale where that is a finite float32; 0 for a scale of zero or below 2^-126, which makes every code the zero code.
    /// </summary>
    /// <param name="scale">A finite scale.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Reciprocal(float scale) => MathF.Abs(scale) >= 1.1754944e-38f ? 1f / scale : 0f;

    /// <summary>binary32 to binary16 bits, to nearest even; finite values saturate at ±65504.</summary>
    /// <param name="value">A value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort ToHalf(float value)
    {
        // The runtime's own conversion is a call into software that takes as long as packing a dozen weights.
        uint bits = BitConverter.SingleToUInt32Bits(value),
            sign = bits >> 16 & 0x8000u,
            magnitude = bits & 0x7FFFFFFFu;
        if (magnitude < SmallestNormalHalf)
        {
            // Next to 1/2 the unit of the last place is that of subnormal halves, so that the addition rounds to it.
            float aligned = BitConverter.UInt32BitsToSingle(magnitude) + 0.5f;
            return (ushort)(sign | BitConverter.SingleToUInt32Bits(aligned) - OneHalf);
        }
        if (magnitude >= 0x7F800000u)
        {
            uint payload = magnitude > 0x7F800000u ? 0x0200u | magnitude >> 13 & 0x03FFu : 0u; // a NaN becomes quiet
            return (ushort)(sign | 0x7C00u | payload);
        }
        uint rounded = (magnitude + 0x0FFFu + (magnitude >> 13 & 1u) >> 13) - HalfBias;
        return (ushort)(sign | Math.Min(rounded, LargestHalfBits));
    }

    /// <summary>binary16 bits to binary32; exact.</summary>
    /// <param name="bits">The bits.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float FromHalf(ushort bits)
    {
        // Sign, exponent and mantissa at their places in a binary32; the value stays in a vector register.
        int aligned = (short)bits << 13 & unchecked((int)0x8FFFE000);
        return (aligned & 0x0F800000) != 0x0F800000 ? BitConverter.Int32BitsToSingle(aligned) * HalfRebias : NonFiniteHalf(aligned);
    }

    /// <summary>Infinity and NaN keep their mantissa.</summary>
    private static float NonFiniteHalf(int aligned) => BitConverter.Int32BitsToSingle(aligned | 0x7F800000);

    /// <summary>binary32 to bfloat16 bits, to nearest even; finite values saturate.</summary>
    /// <param name="value">A value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        uint magnitude = bits & 0x7FFFFFFFu;
        if (magnitude >= 0x7F800000u)
        {
            return (ushort)(bits >> 16 | (magnitude > 0x7F800000u ? 0x40u : 0u));
        }
        uint rounded = Math.Min((magnitude + 0x7FFFu + (magnitude >> 16 & 1u)) >> 16, 0x7F7Fu);
        return (ushort)(rounded | bits >> 16 & 0x8000u);
    }

    /// <summary>bfloat16 bits to binary32; exact.</summary>
    /// <param name="bits">The bits.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float FromBFloat16(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>
    /// The E8M0 code of the power of two at or below a value: its exponent, at least 0 (2^-127) and at most 254 (2^127).
    /// Scale rules give powers of two, so nothing is lost.
    /// </summary>
    /// <param name="value">A value of 0 or more.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte ToE8M0(float value) => (byte)Math.Min(BitConverter.SingleToUInt32Bits(value) >> 23 & 0xFFu, 254u);

    /// <summary>2^(code − 127); NaN for 0xFF (OCP MX v1.0).</summary>
    /// <param name="code">The code.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float FromE8M0(byte code) =>
        code switch
        {
            0 => 5.877472e-39f,
            0xFF => float.NaN,
            _ => BitConverter.UInt32BitsToSingle((uint)code << 23),
        };

    /// <summary>OCP E4M3 bits, to nearest even, saturating at ±448.</summary>
    /// <param name="value">A finite value.</param>
    public static byte ToE4M3(float value)
    {
        float magnitude = MathF.Abs(value);
        int sign = float.IsNegative(value) ? 0x80 : 0;
        if (magnitude >= 448f)
        {
            return (byte)(sign | 0x7E);
        }
        if (magnitude < 0.015625f)
        {
            return (byte)(sign | (int)MathF.Round(magnitude * 512f)); // subnormal: multiples of 2^-9
        }
        uint bits = BitConverter.SingleToUInt32Bits(magnitude);
        uint rounded = (bits + 0x7FFFFu + (bits >> 20 & 1u) >> 20) - (120u << 3);
        return (byte)(sign | (int)Math.Min(rounded, 0x7Eu));
    }

    /// <summary>OCP E4M3: 0x7F and 0xFF are NaN.</summary>
    /// <param name="code">The code.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float FromE4M3(byte code)
    {
        int magnitude = code & 0x7F;
        float value = magnitude switch
        {
            0x7F => float.NaN,
            < 8 => magnitude * 0.001953125f,
            _ => BitConverter.Int32BitsToSingle((magnitude << 20) + (120 << 23)),
        };
        return code >= 0x80 ? -value : value;
    }

    /// <summary>ggml's unsigned E4M3 (see <see cref="ScaleType.UE4M3"/>); negative values become 0.</summary>
    /// <param name="value">A finite value.</param>
    public static byte ToUE4M3(float value)
    {
        if (!(value > 0f))
        {
            return 0;
        }
        if (value < 0.015625f)
        {
            return (byte)Math.Min((int)(value * 512f + 0.5f), 7); // subnormal: multiples of 2^-9
        }
        if (value >= 256f)
        {
            return 0x7E;
        }
        uint rounded = (BitConverter.SingleToUInt32Bits(value) + 0x80000u >> 20) - (120u << 3);
        return (byte)(rounded >= 15u << 3 ? 0x7Eu : rounded);
    }

    /// <summary>ggml's unsigned E4M3: 0x7F is 0; the top bit is part of the exponent field as ggml reads it and stays unused.</summary>
    /// <param name="code">The code.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float FromUE4M3(byte code) =>
        code == 0x7F ? 0f
        : FromE4M3((byte)(code & 0x7F)) is var value && float.IsNaN(value) ? 0f
        : value;
}
