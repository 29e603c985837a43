using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Elements;

namespace KernelGen.Models;

/// <summary>Turns the bytes of readable element types into float32.</summary>
internal static class SafetensorsValues
{
    /// <summary>Bias of E4M3FNUZ and E5M2FNUZ, one more than of the OCP types; the code of negative zero is NaN.</summary>
    private const int BiasE4M3Fnuz = 8,
        BiasE5M2Fnuz = 16;

    private static readonly float[] E4M3Fnuz = Fnuz(mantissaBits: 3, BiasE4M3Fnuz),
        E5M2Fnuz = Fnuz(mantissaBits: 2, BiasE5M2Fnuz);

    public static void ToSingles(SafetensorsDtype dtype, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        switch (dtype)
        {
            case SafetensorsDtype.F32:
                bytes[..(4 * values.Length)].CopyTo(MemoryMarshal.AsBytes(values));
                RawFloatFile.LittleEndian(values);
                break;
            case SafetensorsDtype.F64:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]);
                }
                break;
            case SafetensorsDtype.F16:
                FromHalf(bytes, values);
                break;
            case SafetensorsDtype.BF16:
                FromBFloat16(bytes, values);
                break;
            case SafetensorsDtype.F8E4M3:
                Each(bytes, values, ScaleCodec.FromE4M3);
                break;
            case SafetensorsDtype.F8E5M2:
                Each(bytes, values, code => ScaleCodec.FromHalf((ushort)(code << 8))); // E5M2 is binary16 without its lower byte
                break;
            case SafetensorsDtype.F8E4M3Fnuz:
                Each(bytes, values, code => E4M3Fnuz[code]);
                break;
            case SafetensorsDtype.F8E5M2Fnuz:
                Each(bytes, values, code => E5M2Fnuz[code]);
                break;
            case SafetensorsDtype.F8E8M0:
                Each(bytes, values, code => code == byte.MaxValue ? float.NaN : MathF.ScaleB(1, code - 127));
                break;
            case SafetensorsDtype.U8:
                Each(bytes, values, code => code);
                break;
            case SafetensorsDtype.I8:
                Each(bytes, values, code => (sbyte)code);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Not readable as float32.");
        }
    }

    private static void Each(ReadOnlySpan<byte> bytes, Span<float> values, Func<byte, float> decode)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = decode(bytes[i]);
        }
    }

    /// <summary>A model is mostly bfloat16, and reading must not be slower than packing: 32 at a time.</summary>
    private static void FromBFloat16(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        int i = 0;
        if (Vector256.IsHardwareAccelerated && BitConverter.IsLittleEndian)
        {
            ReadOnlySpan<ushort> codes = MemoryMarshal.Cast<byte, ushort>(bytes)[..values.Length];
            ref ushort code = ref MemoryMarshal.GetReference(codes);
            ref float value = ref MemoryMarshal.GetReference(values);
            for (; i + 2 * Vector256<ushort>.Count <= codes.Length; i += 2 * Vector256<ushort>.Count)
            {
                Widen(ref code, ref value, (nuint)i);
                Widen(ref code, ref value, (nuint)(i + Vector256<ushort>.Count));
            }
        }
        for (; i < values.Length; i++)
        {
            values[i] = ScaleCodec.FromBFloat16(BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]));
        }

        static void Widen(ref ushort codes, ref float values, nuint at)
        {
            (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(Vector256.LoadUnsafe(ref codes, at));
            (low << 16).AsSingle().StoreUnsafe(ref values, at);
            (high << 16).AsSingle().StoreUnsafe(ref values, at + (nuint)Vector256<uint>.Count);
        }
    }

    private static void FromHalf(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        int i = 0;
        if (Vector256.IsHardwareAccelerated && BitConverter.IsLittleEndian)
        {
            ReadOnlySpan<ushort> codes = MemoryMarshal.Cast<byte, ushort>(bytes);
            for (; i + Vector256<ushort>.Count <= values.Length; i += Vector256<ushort>.Count)
            {
                (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(Vector256.Create(codes[i..]));
                Widened(low).CopyTo(values[i..]);
                Widened(high).CopyTo(values[(i + Vector256<uint>.Count)..]);
            }
        }
        for (; i < values.Length; i++)
        {
            values[i] = ScaleCodec.FromHalf(BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]));
        }
    }

    /// <summary>
    /// Exponent and mantissa moved into place and multiplied by 2^112, the difference of the biases; exact for subnormals too.
    /// </summary>
    private static Vector256<float> Widened(Vector256<uint> half)
    {
        const float rebias = 5.192296858534828e33f;
        Vector256<uint> magnitude = (half & Vector256.Create(0x7FFFu)) << 13;
        // Infinity and NaN keep their mantissa under an exponent of all ones.
        Vector256<uint> special = Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(0x7C00u << 13)) & Vector256.Create(0x7F800000u);
        Vector256<uint> finite = (magnitude.AsSingle() * Vector256.Create(rebias)).AsUInt32();
        return (finite | special | ((half & Vector256.Create(0x8000u)) << 16)).AsSingle();
    }

    private static float[] Fnuz(int mantissaBits, int bias)
    {
        var values = new float[256];
        int steps = 1 << mantissaBits;
        for (int code = 0; code < values.Length; code++)
        {
            int exponent = (code & 0x7F) >> mantissaBits,
                mantissa = code & (steps - 1);
            double magnitude =
                exponent == 0
                    ? Math.ScaleB((double)mantissa / steps, 1 - bias)
                    : Math.ScaleB(1 + (double)mantissa / steps, exponent - bias);
            values[code] = code == 0x80 ? float.NaN : (float)(code > 0x80 ? -magnitude : magnitude);
        }
        return values;
    }
}
