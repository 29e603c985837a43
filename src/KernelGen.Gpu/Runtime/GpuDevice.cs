using System.Collections.Concurrent;
using ILGPU;
using ILGPU.Runtime;
using KernelGen.Kernels.Elements;

namespace KernelGen.Gpu;

using QuantiseAction = Action<AcceleratorStream, KernelConfig, GpuShape, int, ArrayView<F4>, ArrayView<U4>, ArrayView<U4>>;
using RotateAction = Action<AcceleratorStream, KernelConfig, int, int, int, int, uint, float, ArrayView<float>, ArrayView<float>>;
using RoundAction = Action<AcceleratorStream, KernelConfig, GpuShape, ArrayView<F4>, ArrayView<U4>, ArrayView<float>>;

/// <summary>Which form of the matvec kernels runs.</summary>
public enum GpuReduction
{
    /// <summary>Shuffles where warps have 32 threads, except on OpenCL; shared memory elsewhere.</summary>
    Automatic,

    /// <summary>Warp shuffles.</summary>
    Shuffle,

    /// <summary>Shared memory only.</summary>
    Shared,
}

/// <summary>How products are rounded.</summary>
public enum GpuPrecision
{
    /// <summary><see cref="Half"/> for <see cref="GpuMatrix.TensorBatch"/> activation vectors or more where the device has tensor units, else <see cref="Float"/>.</summary>
    Automatic,

    /// <summary>Activations, weights and sums in float32.</summary>
    Float,

    /// <summary>Activations, and weights of some formats, rounded to binary16; sums in float32. <see cref="GpuTensor"/> has the bound.</summary>
    Half,

    /// <summary>
    /// Activations as bytes in groups of 32, integer products, float32 across groups: <see cref="MatVecPrecision.Int8"/> on a device, with the
    /// same integers. For formats whose levels are integers.
    /// </summary>
    Int8,
}

/// <summary>An open device: kernels are compiled when they are first used, and kept.</summary>
public sealed class GpuDevice : IDisposable
{
    private readonly Context _context;
    private readonly ConcurrentDictionary<(string Format, bool Shuffles), LoadedKernels> _kernels = [];
    private readonly long _memoryLimit;
    private readonly Lazy<RoundAction> _round;
    private readonly Lazy<QuantiseAction> _quantise;
    private readonly Lazy<RotateAction> _rotate,
        _rotateBack;
    private long _used;

    internal GpuDevice(Context context, Accelerator accelerator, string id, GpuCatalog catalog, long memoryLimit)
    {
        (_context, Accelerator, Id, Catalog) = (context, accelerator, id, catalog);
        _memoryLimit = memoryLimit > 0 ? Math.Min(memoryLimit, accelerator.MemorySize) : accelerator.MemorySize;
        HasTensorUnits = IlgpuContext.HasTensorUnits(accelerator);
        bool cuda = accelerator.AcceleratorType == AcceleratorType.Cuda;
        _round = new(() =>
            accelerator.LoadKernel<GpuShape, ArrayView<F4>, ArrayView<U4>, ArrayView<float>>(
                cuda ? GpuHalves.Round<PtxMath> : GpuHalves.Round<PlainMath>
            )
        );
        _quantise = new(() =>
            accelerator.LoadKernel<GpuShape, int, ArrayView<F4>, ArrayView<U4>, ArrayView<U4>>(
                cuda ? GpuInt8.Quantise<PtxMath> : GpuInt8.Quantise<PlainMath>
            )
        );
        _rotate = new(() =>
            accelerator.LoadKernel<int, int, int, int, uint, float, ArrayView<float>, ArrayView<float>>(
                GpuRotation.Rotate<GpuRotation.Forward>
            )
        );
        _rotateBack = new(() =>
            accelerator.LoadKernel<int, int, int, int, uint, float, ArrayView<float>, ArrayView<float>>(
                GpuRotation.Rotate<GpuRotation.Inverse>
            )
        );
    }

    /// <summary>What it was opened by.</summary>
    public string Id { get; }

    /// <summary>Its name.</summary>
    public string Name => Accelerator.Name;

    /// <summary>The kernels that it can run.</summary>
    public GpuCatalog Catalog { get; }

    /// <summary>Whether it multiplies binary16 matrices: compute capability 8.0 or more.</summary>
    public bool HasTensorUnits { get; }

    /// <summary>Whether fragments can be multiplied: by tensor units, or by shuffles on devices other than CUDA.</summary>
    internal bool HasFragments => HasTensorUnits || Accelerator is { AcceleratorType: AcceleratorType.CPU, WarpSize: 32 };

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
        bool shuffles =
            reduction == GpuReduction.Shuffle
            || (reduction == GpuReduction.Automatic && Accelerator.WarpSize == 32 && Accelerator.AcceleratorType != AcceleratorType.OpenCL);
        if (shuffles && Accelerator.WarpSize != 32)
        {
            throw new GpuException(
                $"{Name} has warps of {Accelerator.WarpSize} threads; kernels with shuffles want 32, those with shared memory do not care."
            );
        }
        GpuKernels kernels = Catalog[format];
        return _kernels.GetOrAdd((format, shuffles), _ => new LoadedKernels(Accelerator, format, kernels, shuffles));
    }

    /// <summary>Rounds activations to binary16.</summary>
    internal void Round(GpuShape shape, int batch, ArrayView<F4> x, ArrayView<U4> halves, ArrayView<float> factors) =>
        _round.Value(Accelerator.DefaultStream, (batch, GpuKernels.GroupSize), shape, x, halves, factors);

    /// <summary>Rounds activations to bytes; the batch of the shape is the number of vectors.</summary>
    internal void Quantise(GpuShape shape, bool interleaved, ArrayView<F4> x, ArrayView<U4> codes, ArrayView<U4> groups)
    {
        int threads = checked(shape.XStride / 8 * shape.Batch);
        int launched = (threads + GpuKernels.GroupSize - 1) / GpuKernels.GroupSize;
        _quantise.Value(Accelerator.DefaultStream, (launched, GpuKernels.GroupSize), shape, interleaved ? 1 : 0, x, codes, groups);
    }

    /// <summary>Rotates vectors of so many columns into the order of activations.</summary>
    internal void Rotate(GpuLayout layout, GpuShape shape, int batch, int columns, ArrayView<float> values, ArrayView<float> rotated) =>
        Rotate(_rotate.Value, layout, shape, batch, columns, values, rotated);

    /// <summary>Rotates unpacked rows back.</summary>
    internal void RotateBack(GpuLayout layout, GpuShape shape, int columns, ArrayView<float> values, ArrayView<float> rotated) =>
        Rotate(_rotateBack.Value, layout, shape, shape.Rows, columns, values, rotated);

    private void Rotate(
        RotateAction rotate,
        GpuLayout layout,
        GpuShape shape,
        int vectors,
        int columns,
        ArrayView<float> values,
        ArrayView<float> rotated
    )
    {
        int blocks = shape.Columns / layout.Rotation;
        rotate(
            Accelerator.DefaultStream,
            (checked(blocks * vectors), GpuKernels.GroupSize),
            columns,
            layout.Rotation,
            blocks,
            shape.XStride,
            layout.RotationSeed,
            HadamardRotation.Norm(layout.Rotation),
            values,
            rotated
        );
    }

    internal MemoryBuffer1D<T, Stride1D.Dense> Allocate<T>(string what, long length)
        where T : unmanaged
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
            throw new GpuException(
                $"{what} needs {bytes} bytes on {Id} ({Name}); {left} of {_memoryLimit} are free. Free other matrices, split it by rows, or take a format of fewer bits."
            );
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
