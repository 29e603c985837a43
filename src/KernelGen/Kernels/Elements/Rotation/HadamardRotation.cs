using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// Randomised Hadamard rotation in blocks: each block of 2^k values is multiplied by seeded signs and by the orthonormal
/// Walsh–Hadamard matrix. It spreads outliers over their block, so that the values become nearly Gaussian.
/// </summary>
/// <remarks>
/// <para>
/// The rotation is orthonormal: inner products stay, so a matvec may rotate the activation instead of un-rotating the
/// weights. The inverse is the transpose; forward and back differ from the input by rounding, about 2⁻²³ · √k of the
/// block's root mean square.
/// </para>
/// <para>
/// Sign of column i: bit (i mod 32) of mix(seed + 0x9E3779B9 · (⌊i / 32⌋ + 1)), 1 = negative, all modulo 2³², where
/// mix is the finaliser of MurmurHash3 (Appleby): h ^= h ≫ 16; h *= 0x85EBCA6B; h ^= h ≫ 13; h *= 0xC2B2AE35; h ^= h ≫ 16.
/// </para>
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class HadamardRotation
{
    /// <summary>Smallest block.</summary>
    public const int MinSize = 16;

    /// <summary>Largest block.</summary>
    public const int MaxSize = 4096;

    /// <summary>Rotates rows in place: signs, then the transform.</summary>
    /// <param name="values">Blocks one after the other.</param>
    /// <param name="size">Values of a block, a power of two from 16 to 4096.</param>
    /// <param name="seed">Seed of the signs.</param>
    /// <param name="firstColumn">Column of the first value, which the signs depend on; a multiple of <paramref name="size"/>.</param>
    /// <exception cref="ArgumentException">The size is none of those or the values are not whole blocks.</exception>
    public static void Forward(Span<float> values, int size, uint seed, int firstColumn = 0) =>
        Run(values, size, seed, inverse: false, firstColumn);

    /// <summary>Undoes <see cref="Forward"/>: the transform, then the signs.</summary>
    /// <param name="values">Rotated blocks.</param>
    /// <param name="size">Values of a block, as given to <see cref="Forward"/>.</param>
    /// <param name="seed">Seed of the signs, as given to <see cref="Forward"/>.</param>
    /// <param name="firstColumn">Column of the first value, a multiple of <paramref name="size"/>.</param>
    /// <exception cref="ArgumentException">The size is not allowed or the values are not whole blocks.</exception>
    public static void Inverse(Span<float> values, int size, uint seed, int firstColumn = 0) =>
        Run(values, size, seed, inverse: true, firstColumn);

    /// <summary>The signs of 32 columns as bits, 1 = negative.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="word">Which 32 columns: ⌊column / 32⌋.</param>
    public static uint Signs(uint seed, int word)
    {
        uint h = seed + 0x9E3779B9 * ((uint)word + 1);
        h ^= h >> 16;
        h *= 0x85EBCA6B;
        h ^= h >> 13;
        h *= 0xC2B2AE35;
        return h ^ h >> 16;
    }

    /// <summary>The reference: stage by stage over single values.</summary>
    /// <param name="values">Blocks, rotated in place.</param>
    /// <param name="size">Values of a block.</param>
    /// <param name="seed">Seed of the signs.</param>
    /// <param name="inverse">Whether to rotate back.</param>
    /// <param name="firstColumn">Column of the first value, a multiple of <paramref name="size"/>.</param>
    public static void Reference(Span<float> values, int size, uint seed, bool inverse, int firstColumn = 0)
    {
        Check(values, size);
        if (!inverse)
        {
            ScaleReference(values, size, seed, firstColumn);
        }
        for (int block = 0; block < values.Length; block += size)
        {
            for (int half = size / 2; half >= 1; half /= 2)
            {
                for (int i = 0; i < size; i++)
                {
                    if ((i & half) == 0)
                    {
                        float a = values[block + i],
                            b = values[block + i + half];
                        values[block + i] = a + b;
                        values[block + i + half] = a - b;
                    }
                }
            }
        }
        if (inverse)
        {
            ScaleReference(values, size, seed, firstColumn);
        }
    }

    private static void Run(Span<float> values, int size, uint seed, bool inverse, int firstColumn)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Run<Simd512>(values, size, seed, inverse, firstColumn);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Run<Simd256>(values, size, seed, inverse, firstColumn);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Run<Simd128>(values, size, seed, inverse, firstColumn);
        }
        else
        {
            Reference(values, size, seed, inverse, firstColumn);
        }
    }

    /// <summary>The rotation in lanes; the same additions as the reference, in the same stages.</summary>
    internal static void Run<T>(Span<float> values, int size, uint seed, bool inverse, int firstColumn = 0)
        where T : struct, ISimd<T>
    {
        Check(values, size);
        ref float value = ref MemoryMarshal.GetReference(values);
        if (!inverse)
        {
            Scale<T>(ref value, values.Length, size, seed, firstColumn);
        }
        for (int block = 0; block < values.Length; block += size)
        {
            ref float start = ref Unsafe.Add(ref value, block);
            for (int half = size / 2; half >= 1; half /= 2)
            {
                if (half >= T.Count)
                {
                    WideStage<T>(ref start, size, half);
                }
                else
                {
                    NarrowStage<T>(ref start, size, half);
                }
            }
        }
        if (inverse)
        {
            Scale<T>(ref value, values.Length, size, seed, firstColumn);
        }
    }

    private static void WideStage<T>(ref float value, int size, int half)
        where T : struct, ISimd<T>
    {
        for (int group = 0; group < size; group += 2 * half)
        {
            for (int i = group; i < group + half; i += T.Count)
            {
                T a = T.Load(ref value, (nuint)i),
                    b = T.Load(ref value, (nuint)(i + half));
                T.Store(T.Add(a, b), ref value, (nuint)i);
                T.Store(T.Subtract(a, b), ref value, (nuint)(i + half));
            }
        }
    }

    /// <summary>Both partners in one vector: partner + (± own), where the lanes of the second partner take the minus.</summary>
    private static void NarrowStage<T>(ref float value, int size, int half)
        where T : struct, ISimd<T>
    {
        T lane = T.Load(ref MemoryMarshal.GetReference(Iota), 0);
        T partner = T.Xor(lane, T.Int((uint)half));
        T minus = T.And(T.MultiplyInt(lane, T.Int(0x80000000u >> BitOperations.Log2((uint)half))), T.Int(0x80000000u));
        for (int i = 0; i < size; i += T.Count)
        {
            T own = T.Xor(T.Load(ref value, (nuint)i), minus);
            T.Store(T.Add(T.LoadPermuted(ref value, (nuint)i, partner), own), ref value, (nuint)i);
        }
    }

    private static void Scale<T>(ref float value, int count, int size, uint seed, int firstColumn)
        where T : struct, ISimd<T>
    {
        T factor = T.Float(Norm(size)),
            top = T.Int(0x80000000u);
        for (int i = 0; i < count; i += T.Count)
        {
            // The lowest of the remaining bits belongs to lane 0: a product by 2^(31 − lane) moves each lane's bit to its sign.
            int column = firstColumn + i;
            T signs = T.ShiftRight(T.Int(Signs(seed, column >> 5)), column & 31);
            T moved = T.MultiplyInt(signs, T.Load(ref MemoryMarshal.GetReference(ToTop), 0));
            T.Store(T.Xor(T.Multiply(T.Load(ref value, (nuint)i), factor), T.And(moved, top)), ref value, (nuint)i);
        }
    }

    private static void ScaleReference(Span<float> values, int size, uint seed, int firstColumn)
    {
        float factor = Norm(size);
        for (int i = 0; i < values.Length; i++)
        {
            float scaled = values[i] * factor;
            int column = firstColumn + i;
            values[i] = (Signs(seed, column >> 5) >> (column & 31) & 1) != 0 ? -scaled : scaled;
        }
    }

    /// <summary>1 / √size in float32, which every value is multiplied by.</summary>
    /// <param name="size">Values of a block.</param>
    public static float Norm(int size) => (float)(1 / Math.Sqrt(size));

    /// <summary>Refuses sizes that no rotation has.</summary>
    internal static void Check(int size)
    {
        if (size < MinSize || size > MaxSize || !BitOperations.IsPow2(size))
        {
            throw new ArgumentException($"A Hadamard block has 16, 32, 64 … 4096 values, not {size}.", nameof(size));
        }
    }

    private static void Check(Span<float> values, int size)
    {
        Check(size);
        if (values.Length % size != 0)
        {
            throw new ArgumentException(
                $"{values.Length} values are not whole Hadamard blocks of {size}; the next length that is: "
                    + $"{(values.Length / size + 1) * size}.",
                nameof(values)
            );
        }
    }

    private static ReadOnlySpan<uint> Iota => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    private static ReadOnlySpan<uint> ToTop =>
        [
            1u << 31,
            1u << 30,
            1u << 29,
            1u << 28,
            1u << 27,
            1u << 26,
            1u << 25,
            1u << 24,
            1u << 23,
            1u << 22,
            1u << 21,
            1u << 20,
            1u << 19,
            1u << 18,
            1u << 17,
            1u << 16,
        ];
}
