using System.Runtime.CompilerServices;
using ILGPU.Emulation;
using ILGPU.Runtime;

namespace ILGPU;

/// <summary>A view of device or shared memory. Every access is checked against its bounds and the buffer's life.</summary>
public readonly unsafe struct ArrayView<T>
    where T : unmanaged
{
    internal readonly EmulatedMemory? Memory;
    internal readonly long Offset;

    internal ArrayView(EmulatedMemory? memory, long offset, long length)
    {
        Memory = memory;
        Offset = offset;
        Length = length;
    }

    public static ArrayView<T> Empty => default;

    public long Length { get; }

    public int IntLength => checked((int)Length);

    public long LengthInBytes => Length * sizeof(T);

    public bool IsValid => Memory is not null;

    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        // the compilers of ILGPU zero-extend 32-bit indices: a negative one is a very large one there as well
        get => ref this[(long)(uint)index];
    }

    public ref T this[Index1D index] => ref this[index.X];

    public ref T this[LongIndex1D index] => ref this[index.X];

    public ref T this[long index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((ulong)index >= (ulong)Length)
            {
                EmulationException.ThrowOutOfBounds(index, Length, typeof(T));
            }
            return ref *(T*)(Memory!.Pointer + Offset + index * sizeof(T));
        }
    }

    public ArrayView<T> SubView(long offset) => SubView(offset, Length - offset);

    public ArrayView<T> SubView(long offset, long length)
    {
        if (offset < 0 || length < 0 || offset + length > Length)
        {
            EmulationException.Throw($"a sub-view of {length} elements from {offset} on leaves a view of {Length}");
        }
        return new(Memory, Offset + offset * sizeof(T), length);
    }

    public ArrayView<TOther> Cast<TOther>()
        where TOther : unmanaged => new(Memory, Offset, LengthInBytes / sizeof(TOther));

    /// <summary>A promise to the compiler about the address; kept here by an error.</summary>
    public ArrayView<T> AsAligned(int alignmentInBytes)
    {
        if (Memory is not null && (Memory.Pointer + Offset) % alignmentInBytes != 0)
        {
            EmulationException.Throw($"a view that is not aligned to {alignmentInBytes} bytes was declared to be");
        }
        return this;
    }
}

/// <summary>The strides that exist here: rows one after the other.</summary>
public static class Stride1D
{
    public readonly struct Dense;
}

public static class Stride2D
{
    public readonly struct DenseX;
}

/// <summary>A dense one-dimensional view.</summary>
public readonly struct ArrayView1D<T, TStride>(ArrayView<T> view)
    where T : unmanaged
    where TStride : struct
{
    public ArrayView<T> BaseView { get; } = view;

    public long Length => BaseView.Length;

    public int IntLength => BaseView.IntLength;

    public Index1D IntExtent => BaseView.IntLength;

    public ref T this[int index] => ref BaseView[index];

    public ref T this[Index1D index] => ref BaseView[index.X];

    public ref T this[long index] => ref BaseView[index];

    public static implicit operator ArrayView<T>(ArrayView1D<T, TStride> view) => view.BaseView;

    public ArrayView1D<T, TStride> SubView(long offset, long length) => new(BaseView.SubView(offset, length));

    public void CopyFromCPU(AcceleratorStream stream, ref T source, long length) => EmulatedMemory.CopyFrom(BaseView, ref source, length);

    public void CopyToCPU(AcceleratorStream stream, ref T target, long length) => EmulatedMemory.CopyTo(BaseView, ref target, length);
}

/// <summary>A dense two-dimensional view; X is the fastest index.</summary>
public readonly struct ArrayView2D<T, TStride>(ArrayView<T> view, Index2D extent)
    where T : unmanaged
    where TStride : struct
{
    public ArrayView<T> BaseView { get; } = view;

    public Index2D IntExtent { get; } = extent;

    public long Length => BaseView.Length;

    public ref T this[Index2D index] => ref this[index.X, index.Y];

    public ref T this[int x, int y]
    {
        get
        {
            if ((uint)x >= (uint)IntExtent.X || (uint)y >= (uint)IntExtent.Y)
            {
                EmulationException.Throw($"index ({x}, {y}) is outside a view of {IntExtent.X} × {IntExtent.Y}");
            }
            return ref BaseView[(long)y * IntExtent.X + x];
        }
    }
}
