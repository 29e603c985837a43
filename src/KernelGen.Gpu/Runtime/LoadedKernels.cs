using ILGPU;
using ILGPU.Runtime;

namespace KernelGen.Gpu;

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

/// <summary>Kernels of a format on a device; each is compiled when it is first needed.</summary>
internal sealed class LoadedKernels
{
    private readonly Accelerator _accelerator;
    private readonly string _format;
    private readonly Lazy<UnpackAction> _unpack;
    private readonly Lazy<ProductAction>[] _matVec;
    private readonly Lazy<ProductAction> _matMul;
    private readonly Lazy<TensorAction> _tensor;

    public LoadedKernels(Accelerator accelerator, string format, GpuKernels kernels, bool shuffles)
    {
        (_accelerator, _format, Layout) = (accelerator, format, kernels.Layout);
        // the delegates are of our types; the methods behind them are what is compiled
        _unpack = new(() =>
            Compile(() =>
                accelerator.LoadKernel(
                    kernels.Unpack.Method.CreateDelegate<
                        Action<
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
                        >
                    >()
                )
            )
        );
        _matVec =
        [
            .. (shuffles ? kernels.MatVecShuffle : kernels.MatVecShared).Select(kernel => new Lazy<ProductAction>(() => Product(kernel))),
        ];
        _matMul = new(() => Product(kernels.MatMul));
        _tensor = new(() =>
            Compile(() =>
                accelerator.LoadKernel(
                    kernels.Tensor.Method.CreateDelegate<
                        Action<
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
                        >
                    >()
                )
            )
        );
    }

    public GpuLayout Layout { get; }

    public UnpackAction Unpack => _unpack.Value;

    public ProductAction MatMul => _matMul.Value;

    public TensorAction Tensor => _tensor.Value;

    /// <summary>The matvec kernel of so many activation vectors.</summary>
    public ProductAction MatVec(int batch) => _matVec[batch - 1].Value;

    private ProductAction Product(ProductKernel kernel) =>
        Compile(() =>
            _accelerator.LoadKernel(
                kernel.Method.CreateDelegate<
                    Action<
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
                    >
                >()
            )
        );

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
