using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelGen.Kernels.Elements;

/// <summary>Decodes rows of codebook indices. An entry of 2, 4 or 8 numbers is one load, one multiplication and one store.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class VectorGridDecoder
{
    /// <summary>Decodes a row: every number of an entry times the scale, one rounding.</summary>
    /// <param name="dimension">Dimension of the entries, 1 to 8.</param>
    /// <param name="entries">The entries one after the other.</param>
    /// <param name="indices">Indices of entries.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="values">Receives <paramref name="dimension"/> numbers per index.</param>
    /// <exception cref="ArgumentException">There is too little room.</exception>
    /// <exception cref="IndexOutOfRangeException">An index is beyond the entries.</exception>
    public static void Decode(int dimension, ReadOnlySpan<float> entries, ReadOnlySpan<ushort> indices, float scale, Span<float> values)
    {
        if (values.Length < indices.Length * dimension)
        {
            throw new ArgumentException($"{indices.Length} vectors of dimension {dimension} were given room for {values.Length} numbers.");
        }
        int count = entries.Length / dimension;
        foreach (ushort index in indices)
        {
            if (index >= count)
            {
                throw new IndexOutOfRangeException($"Index {index} of a codebook of {count} entries.");
            }
        }
        ref float source = ref MemoryMarshal.GetReference(entries);
        ref float target = ref MemoryMarshal.GetReference(values);
        switch (dimension)
        {
            case 8:
                for (int i = 0; i < indices.Length; i++)
                {
                    (Vector256.LoadUnsafe(ref source, (nuint)indices[i] * 8) * scale).StoreUnsafe(ref target, (nuint)i * 8);
                }
                break;
            case 4:
                for (int i = 0; i < indices.Length; i++)
                {
                    (Vector128.LoadUnsafe(ref source, (nuint)indices[i] * 4) * scale).StoreUnsafe(ref target, (nuint)i * 4);
                }
                break;
            case 2:
                DecodePairs(ref source, indices, scale, ref target);
                break;
            case 1:
                for (int i = 0; i < indices.Length; i++)
                {
                    Unsafe.Add(ref target, i) = Unsafe.Add(ref source, indices[i]) * scale;
                }
                break;
            default:
                for (int i = 0; i < indices.Length; i++)
                {
                    for (int d = 0; d < dimension; d++)
                    {
                        Unsafe.Add(ref target, i * dimension + d) = Unsafe.Add(ref source, indices[i] * dimension + d) * scale;
                    }
                }
                break;
        }
    }

    /// <summary>Two entries of two numbers are one vector.</summary>
    private static void DecodePairs(ref float source, ReadOnlySpan<ushort> indices, float scale, ref float target)
    {
        int i = 0;
        for (; i <= indices.Length - 2; i += 2)
        {
            ulong first = Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<float, byte>(ref Unsafe.Add(ref source, indices[i] * 2)));
            ulong second = Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<float, byte>(ref Unsafe.Add(ref source, indices[i + 1] * 2)));
            (Vector128.Create(first, second).AsSingle() * scale).StoreUnsafe(ref target, (nuint)i * 2);
        }
        if (i < indices.Length)
        {
            Unsafe.Add(ref target, i * 2) = Unsafe.Add(ref source, indices[i] * 2) * scale;
            Unsafe.Add(ref target, i * 2 + 1) = Unsafe.Add(ref source, indices[i] * 2 + 1) * scale;
        }
    }
}
