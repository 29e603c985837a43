using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ILGPU.Emulation;

/// <summary>A piece of memory that views point into: aligned as device allocations are, and known to be gone after disposal.</summary>
internal sealed unsafe class EmulatedMemory : IDisposable
{
    /// <summary>What CUDA guarantees of an allocation.</summary>
    private const nuint Alignment = 256;

    private nint _pointer;

    public EmulatedMemory(long bytes)
    {
        Bytes = bytes;
        _pointer = (nint)NativeMemory.AlignedAlloc((nuint)Math.Max(1, bytes), Alignment);
        NativeMemory.Clear((void*)_pointer, (nuint)bytes);
    }

    ~EmulatedMemory() => Free();

    public long Bytes { get; }

    /// <summary>The first byte; an error after disposal.</summary>
    public nint Pointer
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (_pointer == 0)
            {
                EmulationException.Throw("a view of a disposed buffer was used");
            }
            return _pointer;
        }
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    public static void CopyFrom<T>(ArrayView<T> target, ref T source, long length)
        where T : unmanaged
    {
        CheckLength(target.Length, length);
        MemoryMarshal.CreateReadOnlySpan(ref source, checked((int)length)).CopyTo(SpanOf(target, length));
    }

    public static void CopyTo<T>(ArrayView<T> source, ref T target, long length)
        where T : unmanaged
    {
        CheckLength(source.Length, length);
        SpanOf(source, length).CopyTo(MemoryMarshal.CreateSpan(ref target, checked((int)length)));
    }

    private static Span<T> SpanOf<T>(ArrayView<T> view, long length)
        where T : unmanaged => length == 0 ? [] : new((void*)(view.Memory!.Pointer + view.Offset), checked((int)length));

    private static void CheckLength(long available, long length)
    {
        if (length < 0 || length > available)
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, $"The view has {available} elements.");
        }
    }

    private void Free()
    {
        if (_pointer != 0)
        {
            NativeMemory.AlignedFree((void*)_pointer);
            _pointer = 0;
        }
    }
}
