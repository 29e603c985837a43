using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelGen.Kernels.Products;

/// <summary>Σ a·b in float32.</summary>
internal static class DenseDot
{
    /// <summary>Σ a[i]·b[i] over the first <paramref name="count"/> entries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int count)
    {
        ref float x = ref MemoryMarshal.GetReference(a),
            y = ref MemoryMarshal.GetReference(b[..count]);
        int i = 0;
        float sum = 0f;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<float> low = Vector512<float>.Zero,
                high = low;
            for (; i <= count - 32; i += 32)
            {
                low = Vector512.MultiplyAddEstimate(Vector512.LoadUnsafe(ref x, (nuint)i), Vector512.LoadUnsafe(ref y, (nuint)i), low);
                high = Vector512.MultiplyAddEstimate(
                    Vector512.LoadUnsafe(ref x, (nuint)i + 16),
                    Vector512.LoadUnsafe(ref y, (nuint)i + 16),
                    high
                );
            }
            sum = Vector512.Sum(low + high);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Vector256<float> low = Vector256<float>.Zero,
                high = low;
            for (; i <= count - 16; i += 16)
            {
                low = Vector256.MultiplyAddEstimate(Vector256.LoadUnsafe(ref x, (nuint)i), Vector256.LoadUnsafe(ref y, (nuint)i), low);
                high = Vector256.MultiplyAddEstimate(
                    Vector256.LoadUnsafe(ref x, (nuint)i + 8),
                    Vector256.LoadUnsafe(ref y, (nuint)i + 8),
                    high
                );
            }
            sum = Vector256.Sum(low + high);
        }
        // all of a row where there are no vectors: one float32 sum of products of one sign would round the same way each time
        double rest = sum;
        for (; i < count; i++)
        {
            rest += (double)Unsafe.Add(ref x, i) * Unsafe.Add(ref y, i);
        }
        return (float)rest;
    }
}
