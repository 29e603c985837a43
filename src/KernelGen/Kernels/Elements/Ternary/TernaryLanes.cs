using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Kernels.Elements;

/// <summary>Ternary elements in registers.</summary>
internal static class TernaryLanes
{
    /// <summary>Stores 16 elements times a scale, with the widest vectors there are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<sbyte> elements, float scale, ref float target)
    {
        if (Avx512F.IsSupported)
        {
            (Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(elements)) * scale).StoreUnsafe(ref target);
        }
        else if (Avx2.IsSupported)
        {
            Vector128<sbyte> upper = Vector128.Create(elements.AsUInt64().GetElement(1), 0).AsSByte();
            (Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(elements)) * scale).StoreUnsafe(ref target);
            (Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(upper)) * scale).StoreUnsafe(ref target, 8);
        }
        else
        {
            (Vector128<short> low, Vector128<short> high) = Vector128.Widen(elements);
            (Vector128<int> a, Vector128<int> b) = Vector128.Widen(low);
            (Vector128<int> c, Vector128<int> d) = Vector128.Widen(high);
            (Vector128.ConvertToSingle(a) * scale).StoreUnsafe(ref target);
            (Vector128.ConvertToSingle(b) * scale).StoreUnsafe(ref target, 4);
            (Vector128.ConvertToSingle(c) * scale).StoreUnsafe(ref target, 8);
            (Vector128.ConvertToSingle(d) * scale).StoreUnsafe(ref target, 12);
        }
    }
}
