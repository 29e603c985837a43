using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelGen.Kernels.Products;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// Products of blocks of codebook indices with activations. Immutable; may be shared by threads.
/// </summary>
/// <remarks>
/// Codebooks of 16 and 64 entries are looked up in registers where there are 512-bit vectors, a permutation of one, or two and a
/// blend, for 16 numbers of one dimension. The activations are arranged for that once per matvec: chunk by chunk, and in a chunk
/// dimension by dimension, so that 16 neighbours belong to 16 indices that come out of the packed bits together. Other
/// codebooks are read entry by entry: a vector of 8, 4 or 2 numbers is one load.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class VectorGridProduct
{
    private readonly float[] _entries;
    private readonly float[] _byDimension;
    private readonly int _dimension,
        _bits,
        _vectors,
        _chunk;

    /// <summary>Prepares the products of a format.</summary>
    /// <param name="dimension">Dimension of the entries, 1 to 8.</param>
    /// <param name="entries">The entries one after the other, a power of two of them.</param>
    /// <param name="vectors">Indices of a block.</param>
    public VectorGridProduct(int dimension, ReadOnlySpan<float> entries, int vectors)
    {
        int count = entries.Length / dimension;
        (_dimension, _entries, _vectors, _bits) = (dimension, entries.ToArray(), vectors, int.Log2(count));
        _byDimension = new float[entries.Length];
        for (int i = 0; i < entries.Length; i++)
        {
            _byDimension[i % dimension * count + i / dimension] = entries[i];
        }
        // 16 indices of a nibble each are 8 bytes, but 32 of them spread over lanes more cheaply: low nibbles, then high ones.
        int chunk = count switch
        {
            16 => 32,
            64 => 16,
            _ => 0,
        };
        _chunk = Avx512F.IsSupported && chunk > 0 && vectors % chunk == 0 ? chunk : 0;
    }

    /// <summary>Arranges the activations of whole blocks.</summary>
    /// <param name="x">The activations.</param>
    /// <param name="arranged">Room for as many.</param>
    /// <returns>The arranged activations, or <paramref name="x"/> where they need no arranging.</returns>
    public ReadOnlySpan<float> Arrange(ReadOnlySpan<float> x, Span<float> arranged)
    {
        if (_chunk == 0)
        {
            return x;
        }
        int size = _chunk * _dimension,
            halves = _chunk / 16;
        for (int start = 0; start < x.Length; start += size)
        {
            for (int i = 0; i < size; i++)
            {
                int vector = i / _dimension,
                    dimension = i % _dimension;
                arranged[start + (dimension * halves + vector % halves) * 16 + vector / halves] = x[start + i];
            }
        }
        return arranged[..x.Length];
    }

    /// <summary>Σ entry·x over one block at the scale 1.</summary>
    /// <param name="plane">The block's indices, see <see cref="IndexPlane"/>.</param>
    /// <param name="x">The block's activations, as <see cref="Arrange"/> returned them.</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public float Dot(ReadOnlySpan<byte> plane, ReadOnlySpan<float> x)
    {
        if (plane.Length < IndexPlane.Bytes(_vectors, _bits) || x.Length < _vectors * _dimension)
        {
            throw new ArgumentException(
                $"{_vectors} indices of {_bits} bits and {_vectors * _dimension} activations make a block; {plane.Length} bytes and {x.Length} activations were given."
            );
        }
        return _chunk switch
        {
            32 => DotNibbles(ref MemoryMarshal.GetReference(plane), ref MemoryMarshal.GetReference(x)),
            16 => DotSixBits(plane, ref MemoryMarshal.GetReference(x)),
            _ => DotEntries(plane, x),
        };
    }

    private float DotNibbles(ref byte plane, ref float x)
    {
        ref float table = ref MemoryMarshal.GetArrayDataReference(_byDimension);
        Vector512<float> even = default,
            odd = default;
        int dimension = _dimension;
        for (int vector = 0; vector < _vectors; vector += 32)
        {
            Vector512<int> indices = Lanes512.Bytes(ref plane, vector / 2),
                high = indices >>> 4;
            for (int d = 0; d < dimension; d++)
            {
                // the permutation looks at four bits only
                Vector512<float> entries = Vector512.LoadUnsafe(ref table, (nuint)d * 16);
                even = Vector512.FusedMultiplyAdd(
                    Avx512F.PermuteVar16x32(entries, indices),
                    Vector512.LoadUnsafe(ref x, (nuint)d * 32),
                    even
                );
                odd = Vector512.FusedMultiplyAdd(
                    Avx512F.PermuteVar16x32(entries, high),
                    Vector512.LoadUnsafe(ref x, (nuint)d * 32 + 16),
                    odd
                );
            }
            x = ref Unsafe.Add(ref x, 32 * dimension);
        }
        return GroupMath.LaneSum(even + odd);
    }

    /// <summary>16 indices are 12 bytes, picked from a load of 16.</summary>
    private float DotSixBits(ReadOnlySpan<byte> plane, ref float x)
    {
        ref float table = ref MemoryMarshal.GetArrayDataReference(_byDimension);
        Vector512<uint> bit = Vector512.Create(0u, 6, 12, 18, 24, 30, 36, 42, 48, 54, 60, 66, 72, 78, 84, 90);
        Vector512<byte> pick = ((bit >>> 3) * 0x01010101u + Vector512.Create(0x03020100u)).AsByte();
        Vector512<uint> shift = bit & Vector512.Create(7u);
        Vector512<float> sum = default;
        Span<byte> last = stackalloc byte[16];
        int dimension = _dimension;
        for (int at = 0; at + 12 <= plane.Length && at < _vectors / 16 * 12; at += 12)
        {
            Vector128<byte> bytes;
            if (at + 16 <= plane.Length)
            {
                bytes = Vector128.Create(plane.Slice(at, 16));
            }
            else
            {
                plane.Slice(at, 12).CopyTo(last);
                bytes = Vector128.Create<byte>(last);
            }
            Vector512<byte> four = Vector512.Create(Vector256.Create(bytes, bytes), Vector256.Create(bytes, bytes));
            Vector512<int> indices = Avx512F.ShiftRightLogicalVariable(Avx512BW.Shuffle(four, pick).AsUInt32(), shift).AsInt32();
            Vector512<int> upper = Vector512.Equals(indices & Vector512.Create(32), Vector512.Create(32));
            for (int d = 0; d < dimension; d++)
            {
                ref float entries = ref Unsafe.Add(ref table, d * 64);
                Vector512<float> low = Avx512F.PermuteVar16x32x2(
                    Vector512.LoadUnsafe(ref entries),
                    indices,
                    Vector512.LoadUnsafe(ref entries, 16)
                );
                Vector512<float> high = Avx512F.PermuteVar16x32x2(
                    Vector512.LoadUnsafe(ref entries, 32),
                    indices,
                    Vector512.LoadUnsafe(ref entries, 48)
                );
                sum = Vector512.FusedMultiplyAdd(
                    Vector512.ConditionalSelect(upper.AsSingle(), high, low),
                    Vector512.LoadUnsafe(ref x, (nuint)d * 16),
                    sum
                );
            }
            x = ref Unsafe.Add(ref x, 16 * dimension);
        }
        return GroupMath.LaneSum(sum);
    }

    private float DotEntries(ReadOnlySpan<byte> plane, ReadOnlySpan<float> x)
    {
        Span<ushort> indices = stackalloc ushort[_vectors];
        IndexPlane.Read(plane, _bits, indices);
        ref float entries = ref MemoryMarshal.GetArrayDataReference(_entries),
            activations = ref MemoryMarshal.GetReference(x);
        switch (_dimension)
        {
            case 2 when indices.Length % 8 == 0:
                return DotPairs(ref entries, indices, ref activations);
            case 4 when indices.Length % 4 == 0:
                return DotFours(ref entries, indices, ref activations);
            default:
                Span<float> values = stackalloc float[_vectors * _dimension];
                VectorGridDecoder.Decode(_dimension, _entries, indices, 1f, values);
                return DenseDot.Dot(values, x, values.Length);
        }
    }

    private static float DotPairs(ref float entries, ReadOnlySpan<ushort> indices, ref float x)
    {
        Vector256<float> first = default,
            second = default;
        for (int i = 0; i < indices.Length; i += 8)
        {
            first = Vector256.MultiplyAddEstimate(
                FourPairs(ref entries, indices.Slice(i, 4)),
                Vector256.LoadUnsafe(ref x, (nuint)i * 2),
                first
            );
            second = Vector256.MultiplyAddEstimate(
                FourPairs(ref entries, indices.Slice(i + 4, 4)),
                Vector256.LoadUnsafe(ref x, (nuint)i * 2 + 8),
                second
            );
        }
        return Vector256.Sum(first + second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> FourPairs(ref float entries, ReadOnlySpan<ushort> indices) =>
        Vector256
            .Create(
                Vector128.Create(Pair(ref entries, indices[0]), Pair(ref entries, indices[1])),
                Vector128.Create(Pair(ref entries, indices[2]), Pair(ref entries, indices[3]))
            )
            .AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Pair(ref float entries, int index) =>
        Unsafe.ReadUnaligned<double>(ref Unsafe.As<float, byte>(ref Unsafe.Add(ref entries, 2 * index)));

    private static float DotFours(ref float entries, ReadOnlySpan<ushort> indices, ref float x)
    {
        Vector128<float> s0 = default,
            s1 = default,
            s2 = default,
            s3 = default;
        for (int i = 0; i < indices.Length; i += 4)
        {
            ReadOnlySpan<ushort> four = indices.Slice(i, 4);
            s0 = Vector128.MultiplyAddEstimate(
                Vector128.LoadUnsafe(ref entries, (nuint)four[0] * 4),
                Vector128.LoadUnsafe(ref x, (nuint)i * 4),
                s0
            );
            s1 = Vector128.MultiplyAddEstimate(
                Vector128.LoadUnsafe(ref entries, (nuint)four[1] * 4),
                Vector128.LoadUnsafe(ref x, (nuint)i * 4 + 4),
                s1
            );
            s2 = Vector128.MultiplyAddEstimate(
                Vector128.LoadUnsafe(ref entries, (nuint)four[2] * 4),
                Vector128.LoadUnsafe(ref x, (nuint)i * 4 + 8),
                s2
            );
            s3 = Vector128.MultiplyAddEstimate(
                Vector128.LoadUnsafe(ref entries, (nuint)four[3] * 4),
                Vector128.LoadUnsafe(ref x, (nuint)i * 4 + 12),
                s3
            );
        }
        return Vector128.Sum((s0 + s1) + (s2 + s3));
    }
}
