using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Kernels.Vectors;

/// <summary>Asks for memory before it is needed: a stream of weights comes faster than the hardware's own guess makes it.</summary>
internal static class Prefetch
{
    /// <summary>How far ahead of the loads; measured best between 4 and 16 KiB.</summary>
    private const int Distance = 8192;

    /// <summary>Asks for one cache line. Any address will do.</summary>
    /// <param name="source">Where the distance is counted from.</param>
    /// <param name="distance">Bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Line(ref readonly byte source, nuint distance)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0((byte*)Unsafe.AsPointer(ref Unsafe.AsRef(in source)) + distance);
        }
    }

    /// <summary>
    /// Asks for up to 128 bytes, which may touch three lines, for the second-level cache: the first has more urgent use for its own.
    /// </summary>
    /// <param name="source">The first number.</param>
    /// <param name="bytes">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void SecondLevel(ref readonly float source, int bytes)
    {
        if (Sse.IsSupported)
        {
            byte* first = (byte*)Unsafe.AsPointer(ref Unsafe.AsRef(in source));
            Sse.Prefetch1(first);
            Sse.Prefetch1(first + bytes / 2);
            Sse.Prefetch1(first + bytes - 1);
        }
    }

    /// <summary>Asks for the cache lines of one slice some slices ahead. Any address will do: one that cannot be read is ignored.</summary>
    /// <param name="codes">The slice in work.</param>
    /// <param name="bytes">Bytes of a slice, a multiple of 64.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Slice(ref readonly byte codes, int bytes)
    {
        if (!Sse.IsSupported)
        {
            return;
        }
        byte* ahead = (byte*)Unsafe.AsPointer(ref Unsafe.AsRef(in codes)) + Distance;
        Sse.Prefetch0(ahead);
        Sse.Prefetch0(ahead + 64);
        if (bytes >= 256)
        {
            Sse.Prefetch0(ahead + 128);
            Sse.Prefetch0(ahead + 192);
        }
        if (bytes >= 512)
        {
            Sse.Prefetch0(ahead + 256);
            Sse.Prefetch0(ahead + 320);
            Sse.Prefetch0(ahead + 384);
            Sse.Prefetch0(ahead + 448);
        }
    }
}
