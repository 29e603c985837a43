using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace KernelGen.Gpu;

/// <summary>A buffer that gives its bytes back to the device's account.</summary>
internal sealed class GpuBuffer<T> : IDisposable
    where T : unmanaged
{
    private readonly GpuDevice _device;
    private readonly MemoryBuffer1D<T, Stride1D.Dense> _buffer;
    private bool _disposed;

    public GpuBuffer(GpuDevice device, string what, long length)
    {
        _device = device;
        _buffer = device.Allocate<T>(what, length);
    }

    /// <summary>A buffer with the words, halves or bytes of an array, taken as records.</summary>
    public static GpuBuffer<T> Of<TSource>(GpuDevice device, string what, TSource[] source)
        where TSource : unmanaged
    {
        Span<T> records = MemoryMarshal.Cast<TSource, T>(source.AsSpan());
        var buffer = new GpuBuffer<T>(device, what, records.Length);
        buffer.Upload(device.Accelerator.DefaultStream, records);
        return buffer;
    }

    public ArrayView<T> View => _buffer.View;

    public long Length => _buffer.Length;

    // Spans are pinned by ILGPU while they are copied; what takes a reference to the first element does not pin it.

    public void Upload(AcceleratorStream stream, ReadOnlySpan<T> data) => _buffer.View.SubView(0, data.Length).CopyFromCPU(stream, data);

    public void Download(AcceleratorStream stream, Span<T> data) => _buffer.View.SubView(0, data.Length).CopyToCPU(stream, data);

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _device.Release(_buffer.LengthInBytes);
            _buffer.Dispose();
        }
    }
}
