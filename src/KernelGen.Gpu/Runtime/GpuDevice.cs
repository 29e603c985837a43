using System.Collections.Concurrent;
using ILGPU;
using ILGPU.Runtime;

namespace KernelGen.Gpu;

using ProductAction = Action<AcceleratorStream, KernelConfig, ArrayView<U4>, ArrayView<U2>, ArrayView<uint>, ArrayView<uint>, ArrayView<float>, ArrayView<ushort>,
    ArrayView<byte>, ArrayView<float>, GpuShape, ArrayView<F4>, ArrayView<float>>;
using UnpackAction = Action<AcceleratorStream, KernelConfig, ArrayView<U4>, ArrayView<U2>, ArrayView<uint>, ArrayView<uint>, ArrayView<float>, ArrayView<ushort>,
    ArrayView<byte>, ArrayView<float>, GpuShape, ArrayView<float>>;

/// <summary>Which form of the matvec kernels runs.</summary>
public enum GpuReduction
{
    /// <summary>Shuffles on CUDA and in the emulator, shared memory elsewhere.</summary>
    Automatic,

    /// <summary>Warp shuffles.</summary>
    Shuffle,

    /// <summary>Shared memory only.</summary>
    Shared,
}

/// <summary>An open device: kernels are compiled when they are first used, and kept.</summary>
public sealed class GpuDevice : IDisposable
{
    private readonly Context _context;
    private readonly ConcurrentDictionary<(string Format, bool Shuffles), LoadedKernels> _kernels = [];
    private readonly long _memoryLimit;
    private long _used;

    internal GpuDevice(Context context, Accelerator accelerator, string id, GpuCatalog catalog, long memoryLimit)
    {
        (_context, Accelerator, Id, Catalog) = (context, accelerator, id, catalog);
        _memoryLimit = memoryLimit > 0 ? Math.Min(memoryLimit, accelerator.MemorySize) : accelerator.MemorySize;
    }

    /// <summary>What it was opened by.</summary>
    public string Id { get; }

    /// <summary>Its name.</summary>
    public string Name => Accelerator.Name;

    /// <summary>The kernels that it can run.</summary>
    public GpuCatalog Catalog { get; }

    internal Accelerator Accelerator { get; }

    /// <summary>A further stream; work on different streams may overlap.</summary>
    public GpuStream CreateStream() => new(Accelerator.CreateStream());

    /// <summary>Waits for all work.</summary>
    public void Synchronize() => Accelerator.Synchronize();

    /// <inheritdoc/>
    public void Dispose()
    {
        Accelerator.Dispose();
        _context.Dispose();
    }

    /// <summary>The kernels of a format, compiled.</summary>
    /// <exception cref="GpuException">The format has none, or the device's compiler rejects them.</exception>
    internal LoadedKernels Load(string format, GpuReduction reduction)
    {
        // a lane per unit and 32 lanes per row: with shuffles the warp has to be as wide
        bool shuffles = reduction == GpuReduction.Shuffle || (reduction == GpuReduction.Automatic && Accelerator.WarpSize == 32 && Accelerator.AcceleratorType != AcceleratorType.OpenCL);
        if (shuffles && Accelerator.WarpSize != 32)
        {
            throw new GpuException($"{Name} has warps of {Accelerator.WarpSize} threads; kernels with shuffles want 32, those with shared memory do not care.");
        }
        GpuKernels kernels = Catalog[format];
        return _kernels.GetOrAdd((format, shuffles), _ => new LoadedKernels(Accelerator, format, kernels, shuffles));
    }

    internal MemoryBuffer1D<T, Stride1D.Dense> Allocate<T>(string what, long length) where T : unmanaged
    {
        length = Math.Max(1, length);
        long bytes = length * System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
        Reserve(what, bytes);
        try
        {
            return Accelerator.Allocate1D<T>(length);
        }
        catch (Exception e) when (e is AcceleratorException or OutOfMemoryException)
        {
            Release(bytes);
            throw new GpuException($"{Name} could not allocate {bytes} bytes for {what}: {e.Message}", e);
        }
    }

    internal void Release(long bytes) => Interlocked.Add(ref _used, -bytes);

    /// <exception cref="GpuException">There are fewer bytes left.</exception>
    internal void Require(string what, long bytes)
    {
        long left = _memoryLimit - Interlocked.Read(ref _used);
        if (bytes > left)
        {
            throw new GpuException($"{what} needs {bytes} bytes on {Id} ({Name}); {left} of {_memoryLimit} are free. Free other matrices, split it by rows, or take a format of fewer bits.");
        }
    }

    private void Reserve(string what, long bytes)
    {
        Require(what, bytes);
        Interlocked.Add(ref _used, bytes);
    }
}

/// <summary>A stream of a device.</summary>
public sealed class GpuStream : IDisposable
{
    internal GpuStream(AcceleratorStream stream) => Stream = stream;

    internal AcceleratorStream Stream { get; }

    /// <summary>Waits for the work on this stream.</summary>
    public void Synchronize() => Stream.Synchronize();

    /// <inheritdoc/>
    public void Dispose() => Stream.Dispose();
}

/// <summary>Kernels of a format on a device; each is compiled when it is first needed.</summary>
internal sealed class LoadedKernels
{
    private readonly Accelerator _accelerator;
    private readonly string _format;
    private readonly Lazy<UnpackAction> _unpack;
    private readonly Lazy<ProductAction>[] _matVec;
    private readonly Lazy<ProductAction> _matMul;

    public LoadedKernels(Accelerator accelerator, string format, GpuKernels kernels, bool shuffles)
    {
        (_accelerator, _format, Layout) = (accelerator, format, kernels.Layout);
        // the delegates are of our types; the methods behind them are what is compiled
        _unpack = new(() => Compile(() => accelerator.LoadKernel(kernels.Unpack.Method.CreateDelegate<
            Action<ArrayView<U4>, ArrayView<U2>, ArrayView<uint>, ArrayView<uint>, ArrayView<float>, ArrayView<ushort>, ArrayView<byte>, ArrayView<float>, GpuShape, ArrayView<float>>>())));
        _matVec = [.. (shuffles ? kernels.MatVecShuffle : kernels.MatVecShared).Select(kernel => new Lazy<ProductAction>(() => Product(kernel)))];
        _matMul = new(() => Product(kernels.MatMul));
    }

    public GpuLayout Layout { get; }

    public UnpackAction Unpack => _unpack.Value;

    public ProductAction MatMul => _matMul.Value;

    /// <summary>The matvec kernel of so many activation vectors.</summary>
    public ProductAction MatVec(int batch) => _matVec[batch - 1].Value;

    private ProductAction Product(ProductKernel kernel) => Compile(() => _accelerator.LoadKernel(kernel.Method.CreateDelegate<
        Action<ArrayView<U4>, ArrayView<U2>, ArrayView<uint>, ArrayView<uint>, ArrayView<float>, ArrayView<ushort>, ArrayView<byte>, ArrayView<float>, GpuShape, ArrayView<F4>, ArrayView<float>>>()));

    private T Compile<T>(Func<T> compile)
    {
        try
        {
            return compile();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new GpuException($"A kernel of {_format} was rejected by {_accelerator.Name}: {e.Message}", e);
        }
    }
}
