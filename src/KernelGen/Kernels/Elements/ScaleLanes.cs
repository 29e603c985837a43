using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// <see cref="ScaleCodec"/> for 16 scales side by side, bit for bit the same: generated encoders choose the scales of a
/// <see cref="GroupTile{TSize}"/> at once. Values are not NaN.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ScaleLanes
{
    private const uint SmallestNormalHalf = 0x38800000u,
        OneHalf = 0x3F000000u,
        HalfBias = 112u << 10,
        LargestHalf = 0x7BFFu,
        Infinity = 0x7F800000u;

    private const float HalfRebias = 5.192296858534828e33f;

    /// <summary>The codes of values, see <see cref="ScaleCodec.Write"/>; a float32's code is its bits.</summary>
    /// <param name="type">The type.</param>
    /// <param name="values">The values.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Encode(ScaleType type, Vector512<float> values) =>
        type switch
        {
            ScaleType.Float32 => values.AsUInt32(),
            ScaleType.Float16 => ToHalf(values),
            ScaleType.BFloat16 => ToBFloat16(values),
            ScaleType.E8M0 => Vector512.Min(values.AsUInt32() >>> 23 & Vector512.Create(0xFFu), Vector512.Create(254u)),
            ScaleType.E4M3 => ToE4M3(values),
            _ => ToUE4M3(values),
        };

    /// <summary>The values of codes that <see cref="Encode"/> has written, see <see cref="ScaleCodec.Read"/>.</summary>
    /// <param name="type">The type.</param>
    /// <param name="codes">The codes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Decode(ScaleType type, Vector512<uint> codes) =>
        type switch
        {
            ScaleType.Float32 => codes.AsSingle(),
            ScaleType.Float16 => FromHalf(codes),
            ScaleType.BFloat16 => (codes << 16).AsSingle(),
            // the lowest code is 2^-127, a subnormal float32
            ScaleType.E8M0 => Vector512
                .ConditionalSelect(Vector512.Equals(codes, Vector512<uint>.Zero), Vector512.Create(0x00400000u), codes << 23)
                .AsSingle(),
            _ => FromE4M3(codes),
        };

    /// <summary>See <see cref="ScaleCodec.Reciprocal"/>.</summary>
    /// <param name="scales">The scales.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Reciprocal(Vector512<float> scales) =>
        Vector512.ConditionalSelect(
            Vector512.GreaterThanOrEqual(Vector512.Abs(scales), Vector512.Create(1.1754944e-38f)),
            Vector512.Create(1f) / scales,
            Vector512<float>.Zero
        );

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> ToHalf(Vector512<float> values)
    {
        Vector512<uint> bits = values.AsUInt32(),
            sign = bits >>> 16 & Vector512.Create(0x8000u),
            magnitude = bits & Vector512.Create(0x7FFFFFFFu);
        Vector512<uint> subnormal = (magnitude.AsSingle() + Vector512.Create(0.5f)).AsUInt32() - Vector512.Create(OneHalf);
        Vector512<uint> normal =
            (magnitude + Vector512.Create(0x0FFFu) + (magnitude >>> 13 & Vector512<uint>.One) >>> 13) - Vector512.Create(HalfBias);
        normal = Vector512.Min(normal, Vector512.Create(LargestHalf));
        normal = Vector512.ConditionalSelect(
            Vector512.GreaterThanOrEqual(magnitude, Vector512.Create(Infinity)),
            Vector512.Create(0x7C00u),
            normal
        );
        return sign | Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(SmallestNormalHalf)), subnormal, normal);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> FromHalf(Vector512<uint> codes)
    {
        Vector512<uint> magnitude = (codes & Vector512.Create(0x7FFFu)) << 13;
        Vector512<uint> value = (magnitude.AsSingle() * Vector512.Create(HalfRebias)).AsUInt32();
        value |= Vector512.GreaterThanOrEqual(magnitude, Vector512.Create(0x0F800000u)) & Vector512.Create(Infinity);
        return (value | (codes & Vector512.Create(0x8000u)) << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> ToBFloat16(Vector512<float> values)
    {
        Vector512<uint> bits = values.AsUInt32(),
            magnitude = bits & Vector512.Create(0x7FFFFFFFu);
        Vector512<uint> rounded = Vector512.Min(
            magnitude + Vector512.Create(0x7FFFu) + (magnitude >>> 16 & Vector512<uint>.One) >>> 16,
            Vector512.Create(0x7F7Fu)
        );
        rounded = Vector512.ConditionalSelect(
            Vector512.GreaterThanOrEqual(magnitude, Vector512.Create(Infinity)),
            magnitude >>> 16,
            rounded
        );
        return rounded | bits >>> 16 & Vector512.Create(0x8000u);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> ToE4M3(Vector512<float> values)
    {
        Vector512<float> magnitude = Vector512.Abs(values);
        Vector512<uint> bits = magnitude.AsUInt32();
        Vector512<uint> subnormal = Vector512
            .ConvertToInt32Native(Vector512.Round(Vector512.Min(magnitude, Vector512<float>.One) * Vector512.Create(512f)))
            .AsUInt32();
        Vector512<uint> normal = Vector512.Min(
            (bits + Vector512.Create(0x7FFFFu) + (bits >>> 20 & Vector512<uint>.One) >>> 20) - Vector512.Create(120u << 3),
            Vector512.Create(0x7Eu)
        );
        Vector512<uint> code = Vector512.ConditionalSelect(
            Vector512.LessThan(magnitude, Vector512.Create(0.015625f)).AsUInt32(),
            subnormal,
            normal
        );
        return values.AsUInt32() >>> 24 & Vector512.Create(0x80u) | code;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> ToUE4M3(Vector512<float> values)
    {
        Vector512<float> small = Vector512.Max(Vector512.Min(values, Vector512<float>.One), Vector512<float>.Zero);
        Vector512<uint> subnormal = Vector512.Min(
            Vector512.ConvertToInt32Native(small * Vector512.Create(512f) + Vector512.Create(0.5f)).AsUInt32(),
            Vector512.Create(7u)
        );
        Vector512<uint> normal = (values.AsUInt32() + Vector512.Create(0x80000u) >>> 20) - Vector512.Create(120u << 3);
        // from 256 up all become the largest
        normal = Vector512.ConditionalSelect(
            Vector512.GreaterThanOrEqual(normal, Vector512.Create(15u << 3)),
            Vector512.Create(0x7Eu),
            normal
        );
        Vector512<uint> code = Vector512.ConditionalSelect(
            Vector512.LessThan(values, Vector512.Create(0.015625f)).AsUInt32(),
            subnormal,
            normal
        );
        return Vector512.GreaterThan(values, Vector512<float>.Zero).AsUInt32() & code;
    }

    /// <summary>OCP's and ggml's values, which differ in codes that are not written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> FromE4M3(Vector512<uint> codes)
    {
        Vector512<uint> magnitude = codes & Vector512.Create(0x7Fu);
        Vector512<float> subnormal = Vector512.ConvertToSingle(magnitude.AsInt32()) * Vector512.Create(0.001953125f);
        Vector512<float> normal = ((magnitude << 20) + Vector512.Create(120u << 23)).AsSingle();
        Vector512<float> value = Vector512.ConditionalSelect(
            Vector512.LessThan(magnitude, Vector512.Create(8u)).AsSingle(),
            subnormal,
            normal
        );
        return (value.AsUInt32() | (codes & Vector512.Create(0x80u)) << 24).AsSingle();
    }
}
