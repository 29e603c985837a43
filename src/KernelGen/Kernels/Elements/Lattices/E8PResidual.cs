using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Products;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// E8P in two stages, after QuIP#: 3 bits are E8P and a second stage of 8 bits for 8 weights from 256 points of E8,
/// 4 bits are E8P twice. The second stage encodes what the first one leaves, with a scale of its own.
/// </summary>
/// <remarks>
/// The 256 points of E8 are zero, the 240 shortest vectors (squared norm 2) and 15 of squared norm 4: ±2 in one
/// coordinate, −2 in the last one left out. A weight is (first + second · ratio) · scale, evaluated in that order.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class E8PResidual
{
    private static readonly VectorGrid s_small = new(8, SmallPoints());

    /// <summary>The 256 points of the 8-bit second stage, index by index, 8 numbers each.</summary>
    public static ReadOnlySpan<float> SmallEntries => s_small.Entries;

    /// <summary>The scale for weights of root mean square 1, by bits. Measured: the best to ±1 %.</summary>
    /// <param name="bits">Bits per weight, 3 or 4.</param>
    public static float UnitScale(int bits) => Select(bits, 1f / 0.98f, 1f / 0.9f);

    /// <summary>The scale of the second stage, in units of the first one's. Measured: the best to ±2 %.</summary>
    /// <param name="bits">Bits per weight, 3 or 4.</param>
    public static float Ratio(int bits) => Select(bits, 0.49f, 0.26f);

    /// <summary>Encodes vectors of 8 values.</summary>
    /// <param name="bits">Bits per weight, 3 or 4.</param>
    /// <param name="values">Finite values in units of the scale, 8 per code.</param>
    /// <param name="first">Receives the codes of the first stage.</param>
    /// <param name="second">Receives the codes of the second stage, below 256 at 3 bits.</param>
    /// <exception cref="ArgumentException">The lengths do not match or a value is not finite.</exception>
    public static void Encode(int bits, ReadOnlySpan<float> values, Span<ushort> first, Span<ushort> second) =>
        Encode(bits, values, first, second, reference: false);

    /// <summary>
    /// The same two stages by the searches without vectors: the reference of
    /// <see cref="Encode(int, ReadOnlySpan{float}, Span{ushort}, Span{ushort})"/>.
    /// </summary>
    /// <param name="bits">Bits per weight, 3 or 4.</param>
    /// <param name="values">Finite values in units of the scale, 8 per code.</param>
    /// <param name="first">Receives the codes of the first stage.</param>
    /// <param name="second">Receives the codes of the second stage.</param>
    public static void EncodeReference(int bits, ReadOnlySpan<float> values, Span<ushort> first, Span<ushort> second) =>
        Encode(bits, values, first, second, reference: true);

    private static void Encode(int bits, ReadOnlySpan<float> values, Span<ushort> first, Span<ushort> second, bool reference)
    {
        float inverse = 1f / Ratio(bits);
        if (first.Length != second.Length)
        {
            throw new ArgumentException($"Both stages have as many codes; room for {first.Length} and {second.Length} was given.");
        }
        Nearest(values, first, reference);
        Span<float> residual = stackalloc float[8];
        for (int i = 0; i < first.Length; i++)
        {
            E8P.Decode(first.Slice(i, 1), 1f, residual);
            for (int d = 0; d < 8; d++)
            {
                residual[d] = (values[i * 8 + d] - residual[d]) * inverse;
            }
            if (bits == 3)
            {
                second[i] = (ushort)(reference ? s_small.NearestReference(residual, out _) : s_small.Nearest(residual, out _));
            }
            else
            {
                Nearest(residual, second.Slice(i, 1), reference);
            }
        }
    }

    private static void Nearest(ReadOnlySpan<float> values, Span<ushort> codes, bool reference)
    {
        if (reference)
        {
            E8P.EncodeReference(values, codes);
        }
        else
        {
            E8P.Encode(values, codes);
        }
    }

    /// <summary>Decodes both stages.</summary>
    /// <param name="bits">Bits per weight, 3 or 4.</param>
    /// <param name="first">Codes of the first stage.</param>
    /// <param name="second">Codes of the second stage.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="values">Receives 8 weights per code.</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    public static void Decode(int bits, ReadOnlySpan<ushort> first, ReadOnlySpan<ushort> second, float scale, Span<float> values)
    {
        float ratio = Ratio(bits);
        if (first.Length != second.Length)
        {
            throw new ArgumentException($"Both stages have as many codes; {first.Length} and {second.Length} were given.");
        }
        E8P.Decode(first, 1f, values);
        Span<float> buffer = stackalloc float[256];
        for (int start = 0; start < second.Length; start += 32)
        {
            ReadOnlySpan<ushort> codes = second.Slice(start, Math.Min(32, second.Length - start));
            Span<float> addition = buffer[..(codes.Length * 8)];
            if (bits == 3)
            {
                s_small.Decode(codes, ratio, addition);
            }
            else
            {
                E8P.Decode(codes, ratio, addition);
            }
            Span<float> weights = values.Slice(start * 8, codes.Length * 8);
            for (int i = 0; i < weights.Length; i += 8)
            {
                Vector256<float> sum = Vector256.Create<float>(weights.Slice(i, 8)) + Vector256.Create<float>(addition.Slice(i, 8));
                (sum * scale).CopyTo(weights.Slice(i, 8));
            }
        }
    }

    /// <summary>The scalar reference of <see cref="Decode"/>.</summary>
    /// <param name="bits">Bits per weight, 3 or 4.</param>
    /// <param name="first">Codes of the first stage.</param>
    /// <param name="second">Codes of the second stage.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="values">Receives 8 weights per code.</param>
    public static void DecodeReference(int bits, ReadOnlySpan<ushort> first, ReadOnlySpan<ushort> second, float scale, Span<float> values)
    {
        float ratio = Ratio(bits);
        Span<float> addition = stackalloc float[8];
        for (int i = 0; i < first.Length; i++)
        {
            Span<float> weights = values.Slice(i * 8, 8);
            E8P.DecodeReference(first.Slice(i, 1), 1f, weights);
            if (bits == 3)
            {
                for (int d = 0; d < 8; d++)
                {
                    addition[d] = s_small.Entries[second[i] * 8 + d] * ratio;
                }
            }
            else
            {
                E8P.DecodeReference(second.Slice(i, 1), ratio, addition);
            }
            for (int d = 0; d < 8; d++)
            {
                weights[d] = (weights[d] + addition[d]) * scale;
            }
        }
    }

    private static float Select(int bits, float three, float four) =>
        bits switch
        {
            3 => three,
            4 => four,
            _ => throw new ArgumentOutOfRangeException(nameof(bits), bits, "E8P has residual forms of 3 and 4 bits."),
        };

    /// <summary>Zero; pairs of ±1; eight ±½ with an even number of minus signs; ±2 in one coordinate but the last −2.</summary>
    private static float[] SmallPoints()
    {
        var points = new float[256 * 8];
        int next = 8; // the first point is zero
        for (int i = 0; i < 8; i++)
        {
            for (int j = i + 1; j < 8; j++)
            {
                for (int signs = 0; signs < 4; signs++, next += 8)
                {
                    points[next + i] = 1 - (signs & 1) * 2;
                    points[next + j] = 1 - (signs & 2);
                }
            }
        }
        for (uint signs = 0; signs < 256; signs++)
        {
            if ((System.Numerics.BitOperations.PopCount(signs) & 1) == 0)
            {
                for (int d = 0; d < 8; d++)
                {
                    points[next + d] = 0.5f - (signs >> d & 1);
                }
                next += 8;
            }
        }
        for (int i = 0; i < 15; i++, next += 8)
        {
            points[next + i / 2] = 2 - (i & 1) * 4;
        }
        return points;
    }
}
