using ILGPU.Emulation;

namespace ILGPU.Runtime;

/// <summary>Runs kernels on the threads of this process; streams are in order and every launch is complete when it returns.</summary>
public sealed class Accelerator : IDisposable
{
    internal const int SharedMemoryBytes = 48 << 10;

    private readonly Dictionary<System.Reflection.MethodInfo, CompiledKernel> _kernels = [];
    private long _used;

    internal Accelerator(Context context, Device device) =>
        (Context, Device, DefaultStream) = (context, device, new AcceleratorStream(this));

    public Context Context { get; }

    public Device Device { get; }

    public string Name => Device.Name;

    public AcceleratorType AcceleratorType => Device.AcceleratorType;

    public long MemorySize => Device.MemorySize;

    public int WarpSize => Device.WarpSize;

    public int MaxNumThreadsPerGroup => Device.MaxNumThreadsPerGroup;

    public int MaxSharedMemoryPerGroup => SharedMemoryBytes;

    public int NumMultiprocessors => Device.NumMultiprocessors;

    /// <summary>Of the emulator only: whether kernels may use inline PTX.</summary>
    public bool HasInlinePtx => Device.InlinePtx;

    public AcceleratorStream DefaultStream { get; }

    public AcceleratorStream CreateStream() => new(this);

    public void Synchronize() { }

    public unsafe MemoryBuffer1D<T, Stride1D.Dense> Allocate1D<T>(long length)
        where T : unmanaged => new(this, Reserve(length * sizeof(T)), length);

    public MemoryBuffer1D<T, Stride1D.Dense> Allocate1D<T>(T[] data)
        where T : unmanaged
    {
        MemoryBuffer1D<T, Stride1D.Dense> buffer = Allocate1D<T>(data.Length);
        buffer.CopyFromCPU(data);
        return buffer;
    }

    public unsafe MemoryBuffer2D<T, Stride2D.DenseX> Allocate2DDenseX<T>(Index2D extent)
        where T : unmanaged => new(this, Reserve(extent.Size * sizeof(T)), extent);

    public void Dispose() { }

    internal CompiledKernel Load(Delegate kernel)
    {
        lock (_kernels)
        {
            if (!_kernels.TryGetValue(kernel.Method, out CompiledKernel? compiled))
            {
                _kernels[kernel.Method] = compiled = KernelCompiler.Compile(kernel.Method, Device.InlinePtx);
            }
            return compiled;
        }
    }

    internal void Release(long bytes) => Interlocked.Add(ref _used, -bytes);

    private EmulatedMemory Reserve(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) > MemorySize)
        {
            long used = Interlocked.Add(ref _used, -bytes);
            throw new AcceleratorException($"Out of memory: {bytes} bytes were asked for, {MemorySize - used} of {MemorySize} are free.");
        }
        return new EmulatedMemory(bytes);
    }
}

public sealed class AcceleratorStream : IDisposable
{
    internal AcceleratorStream(Accelerator accelerator) => Accelerator = accelerator;

    public Accelerator Accelerator { get; }

    public void Synchronize() { }

    public void Dispose() { }
}

public abstract class MemoryBuffer : IDisposable
{
    private readonly Accelerator _accelerator;
    private bool _disposed;

    private protected MemoryBuffer(Accelerator accelerator, EmulatedMemory memory) => (_accelerator, Memory) = (accelerator, memory);

    private protected EmulatedMemory Memory { get; }

    public long LengthInBytes => Memory.Bytes;

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _accelerator.Release(Memory.Bytes);
            Memory.Dispose();
        }
    }
}

public sealed class MemoryBuffer1D<T, TStride> : MemoryBuffer
    where T : unmanaged
    where TStride : struct
{
    internal MemoryBuffer1D(Accelerator accelerator, EmulatedMemory memory, long length)
        : base(accelerator, memory) => Length = length;

    public long Length { get; }

    public ArrayView1D<T, TStride> View => new(new ArrayView<T>(Memory, 0, Length));

    public void CopyFromCPU(T[] data) =>
        EmulatedMemory.CopyFrom(
            View.BaseView,
            ref data.Length == 0 ? ref System.Runtime.CompilerServices.Unsafe.NullRef<T>() : ref data[0],
            data.Length
        );

    public void CopyToCPU(T[] data) =>
        EmulatedMemory.CopyTo(
            View.BaseView,
            ref data.Length == 0 ? ref System.Runtime.CompilerServices.Unsafe.NullRef<T>() : ref data[0],
            data.Length
        );

    public T[] GetAsArray1D()
    {
        var data = new T[Length];
        CopyToCPU(data);
        return data;
    }
}

public sealed class MemoryBuffer2D<T, TStride> : MemoryBuffer
    where T : unmanaged
    where TStride : struct
{
    internal MemoryBuffer2D(Accelerator accelerator, EmulatedMemory memory, Index2D extent)
        : base(accelerator, memory) => IntExtent = extent;

    public Index2D IntExtent { get; }

    public ArrayView2D<T, TStride> View => new(new ArrayView<T>(Memory, 0, IntExtent.Size), IntExtent);

    /// <summary>From an array whose first index is X, as ILGPU has it.</summary>
    public void CopyFromCPU(T[,] data)
    {
        ArrayView2D<T, TStride> view = View;
        for (int x = 0; x < IntExtent.X; x++)
        {
            for (int y = 0; y < IntExtent.Y; y++)
            {
                view[x, y] = data[x, y];
            }
        }
    }

    public T[,] GetAsArray2D()
    {
        var data = new T[IntExtent.X, IntExtent.Y];
        ArrayView2D<T, TStride> view = View;
        for (int x = 0; x < IntExtent.X; x++)
        {
            for (int y = 0; y < IntExtent.Y; y++)
            {
                data[x, y] = view[x, y];
            }
        }
        return data;
    }
}
