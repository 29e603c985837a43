using ILGPU;
using ILGPU.Runtime;

namespace KernelGen.Gpu;

using IntegerAction = Action<
    AcceleratorStream,
    KernelConfig,
    ArrayView<U4>,
    ArrayView<U2>,
    ArrayView<uint>,
    ArrayView<uint>,
    ArrayView<float>,
    ArrayView<ushort>,
    ArrayView<byte>,
    ArrayView<float>,
    GpuShape,
    ArrayView<U4>,
    ArrayView<U4>,
    ArrayView<float>
>;
using IntegerMethod = Action<
    ArrayView<U4>,
    ArrayView<U2>,
    ArrayView<uint>,
    ArrayView<uint>,
    ArrayView<float>,
    ArrayView<ushort>,
    ArrayView<byte>,
    ArrayView<float>,
    GpuShape,
    ArrayView<U4>,
    ArrayView<U4>,
    ArrayView<float>
>;
using ProductAction = Action<
    AcceleratorStream,
    KernelConfig,
    ArrayView<U4>,
    ArrayView<U2>,
    ArrayView<uint>,
    ArrayView<uint>,
    ArrayView<float>,
    ArrayView<ushort>,
    ArrayView<byte>,
    ArrayView<float>,
    GpuShape,
    ArrayView<F4>,
    ArrayView<float>
>;
using ProductMethod = Action<
    ArrayView<U4>,
    ArrayView<U2>,
    ArrayView<uint>,
    ArrayView<uint>,
    ArrayView<float>,
    ArrayView<ushort>,
    ArrayView<byte>,
    ArrayView<float>,
    GpuShape,
    ArrayView<F4>,
    ArrayView<float>
>;
using TensorAction = Action<
    AcceleratorStream,
    KernelConfig,
    ArrayView<U4>,
    ArrayView<U2>,
    ArrayView<uint>,
    ArrayView<uint>,
    ArrayView<float>,
    ArrayView<ushort>,
    ArrayView<byte>,
    ArrayView<float>,
    GpuShape,
    ArrayView<U4>,
    ArrayView<float>,
    ArrayView<float>
>;
using TensorMethod = Action<
    ArrayView<U4>,
    ArrayView<U2>,
    ArrayView<uint>,
    ArrayView<uint>,
    ArrayView<float>,
    ArrayView<ushort>,
    ArrayView<byte>,
    ArrayView<float>,
    GpuShape,
    ArrayView<U4>,
    ArrayView<float>,
    ArrayView<float>
>;
using UnpackAction = Action<
    AcceleratorStream,
    KernelConfig,
    ArrayView<U4>,
    ArrayView<U2>,
    ArrayView<uint>,
    ArrayView<uint>,
    ArrayView<float>,
    ArrayView<ushort>,
    ArrayView<byte>,
    ArrayView<float>,
    GpuShape,
    ArrayView<float>
>;
using UnpackMethod = Action<
    ArrayView<U4>,
    ArrayView<U2>,
    ArrayView<uint>,
    ArrayView<uint>,
    ArrayView<float>,
    ArrayView<ushort>,
    ArrayView<byte>,
    ArrayView<float>,
    GpuShape,
    ArrayView<float>
>;

/// <summary>Kernels of a format on a device; each is compiled when it is first needed.</summary>
internal sealed class LoadedKernels
{
    private readonly Accelerator _accelerator;
    private readonly string _format;
    private readonly Lazy<UnpackAction> _unpack;
    private readonly Lazy<ProductAction>[] _matVec;
    private readonly Lazy<IntegerAction>[] _integers;
    private readonly Lazy<ProductAction> _matMul;
    private readonly Lazy<TensorAction> _tensor;

    public LoadedKernels(Accelerator accelerator, string format, GpuKernels kernels, bool shuffles)
    {
        (_accelerator, _format, Layout) = (accelerator, format, kernels.Layout);
        GpuKernelSet set = accelerator.AcceleratorType == AcceleratorType.Cuda ? kernels.Cuda : kernels.Plain;
        // the delegates are of our types; the methods behind them are what is compiled
        _unpack = new(() => Compile(() => accelerator.LoadKernel(set.Unpack.Method.CreateDelegate<UnpackMethod>())));
        _matVec = [.. (shuffles ? set.MatVecShuffle : set.MatVecShared).Select(kernel => new Lazy<ProductAction>(() => Product(kernel)))];
        _integers =
        [
            .. set.MatVecInt8.Select(kernel => new Lazy<IntegerAction>(() =>
                Compile(() => accelerator.LoadKernel(kernel.Method.CreateDelegate<IntegerMethod>()))
            )),
        ];
        _matMul = new(() => Product(set.MatMul));
        _tensor = new(() => Compile(() => accelerator.LoadKernel(set.Tensor.Method.CreateDelegate<TensorMethod>())));
    }

    public GpuLayout Layout { get; }

    /// <summary>Whether there are kernels with integer products.</summary>
    public bool HasIntegers => _integers.Length > 0;

    public UnpackAction Unpack => _unpack.Value;

    public ProductAction MatMul => _matMul.Value;

    public TensorAction Tensor => _tensor.Value;

    /// <summary>The matvec kernel of so many activation vectors.</summary>
    public ProductAction MatVec(int batch) => _matVec[batch - 1].Value;

    /// <summary>The same with integer products.</summary>
    public IntegerAction MatVecInt8(int batch) => _integers[batch - 1].Value;

    private ProductAction Product(ProductKernel kernel) =>
        Compile(() => _accelerator.LoadKernel(kernel.Method.CreateDelegate<ProductMethod>()));

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
