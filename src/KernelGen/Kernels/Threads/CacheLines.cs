using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KernelGen.Kernels.Threads;

/// <summary>
/// Vectors of 64 bytes are fastest where they do not cross cache lines; the stack and arrays begin at multiples of 16 or 8.
/// </summary>
internal static class CacheLines
{
    /// <summary>Numbers of a line: what a buffer has more than is needed of it.</summary>
    public const int Floats = 16;

    /// <summary>The part of a buffer that begins with a line and is <see cref="Floats"/> shorter.</summary>
    /// <param name="fixedBuffer">Memory that does not move: on the stack or pinned.</param>
    public static unsafe Span<float> Align(Span<float> fixedBuffer)
    {
        nint address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(fixedBuffer));
        return fixedBuffer.Slice((int)(-address & 63) / sizeof(float), fixedBuffer.Length - Floats);
    }
}
