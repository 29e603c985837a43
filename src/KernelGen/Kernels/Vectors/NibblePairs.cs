using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelGen.Kernels.Vectors;

/// <summary>Splits bytes into two neighbouring nibbles.</summary>
internal static class NibblePairs
{
    /// <summary>From bytes widened to 16 bits, the two nibbles of each as two bytes, in the order of elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Spread(Vector128<ushort> bytes, bool highFirst) =>
        ((highFirst ? bytes >>> 4 | bytes << 8 : bytes | bytes << 4) & Vector128.Create((ushort)0x0F0F)).AsByte();
}
