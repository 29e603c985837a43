using ILGPU;

namespace KernelGen.Gpu;

/// <summary>The unpacking kernel: codes, scales and table, the shape, and the weights that are written.</summary>
/// <remarks>The parameters are those of <see cref="GpuSource"/> one by one: devices may assume of parameters that they are aligned.</remarks>
public delegate void UnpackKernel(
    ArrayView<U4> quads,
    ArrayView<U2> pairs,
    ArrayView<uint> words,
    ArrayView<uint> extra,
    ArrayView<float> floats,
    ArrayView<ushort> halves,
    ArrayView<byte> bytes,
    ArrayView<float> table,
    GpuShape shape,
    ArrayView<float> weights
);

/// <summary>A kernel that multiplies: as <see cref="UnpackKernel"/>, with activations and results.</summary>
public delegate void ProductKernel(
    ArrayView<U4> quads,
    ArrayView<U2> pairs,
    ArrayView<uint> words,
    ArrayView<uint> extra,
    ArrayView<float> floats,
    ArrayView<ushort> halves,
    ArrayView<byte> bytes,
    ArrayView<float> table,
    GpuShape shape,
    ArrayView<F4> x,
    ArrayView<float> y
);

/// <summary>
/// The kernel on tensor units: as <see cref="ProductKernel"/>, with activations as binary16 (eight in a record, rows of
/// <see cref="GpuShape.HalfStride"/> records) and the power of two that each vector was divided by.
/// </summary>
public delegate void TensorKernel(
    ArrayView<U4> quads,
    ArrayView<U2> pairs,
    ArrayView<uint> words,
    ArrayView<uint> extra,
    ArrayView<float> floats,
    ArrayView<ushort> halves,
    ArrayView<byte> bytes,
    ArrayView<float> table,
    GpuShape shape,
    ArrayView<U4> x,
    ArrayView<float> factors,
    ArrayView<float> y
);

/// <summary>
/// The kernel of integer products: as <see cref="ProductKernel"/>, with activations as bytes and their scales and sums, see
/// <see cref="GpuInt8"/>.
/// </summary>
public delegate void IntegerKernel(
    ArrayView<U4> quads,
    ArrayView<U2> pairs,
    ArrayView<uint> words,
    ArrayView<uint> extra,
    ArrayView<float> floats,
    ArrayView<ushort> halves,
    ArrayView<byte> bytes,
    ArrayView<float> table,
    GpuShape shape,
    ArrayView<U4> codes,
    ArrayView<U4> groups,
    ArrayView<float> y
);

/// <summary>The kernels of one format, for devices of one kind.</summary>
public sealed record GpuKernelSet
{
    /// <summary>Unpacks; a thread takes a unit.</summary>
    public required UnpackKernel Unpack { get; init; }

    /// <summary>Matvec with 1 to <see cref="GpuKernels.MatVecBatch"/> activation vectors, with warp shuffles.</summary>
    public required IReadOnlyList<ProductKernel> MatVecShuffle { get; init; }

    /// <summary>The same without warp shuffles: sums meet in shared memory.</summary>
    public required IReadOnlyList<ProductKernel> MatVecShared { get; init; }

    /// <summary>The same with integer products; empty if levels are no integers.</summary>
    public required IReadOnlyList<IntegerKernel> MatVecInt8 { get; init; }

    /// <summary>Matmul in tiles of <see cref="GpuKernels.TileRows"/> × <see cref="GpuKernels.TileBatch"/>; no shuffles.</summary>
    public required ProductKernel MatMul { get; init; }

    /// <summary>The same by fragments of warps, with activations rounded to binary16.</summary>
    public required TensorKernel Tensor { get; init; }

    /// <summary>All kernels, compiled for a format when they are first used.</summary>
    /// <typeparam name="TFormat">How the format is decoded.</typeparam>
    /// <typeparam name="TMath">What the devices have instructions for.</typeparam>
    public static GpuKernelSet Of<TFormat, TMath>()
        where TFormat : struct, IGpuFormat
        where TMath : struct, IGpuMath =>
        new()
        {
            Unpack = GpuUnpack.Unpack<TFormat>,
            MatVecShuffle =
            [
                GpuMatVec.Shuffle<TFormat, GpuBatch.One>,
                GpuMatVec.Shuffle<TFormat, GpuBatch.Two>,
                GpuMatVec.Shuffle<TFormat, GpuBatch.Three>,
                GpuMatVec.Shuffle<TFormat, GpuBatch.Four>,
            ],
            MatVecShared =
            [
                GpuMatVec.Shared<TFormat, GpuBatch.One>,
                GpuMatVec.Shared<TFormat, GpuBatch.Two>,
                GpuMatVec.Shared<TFormat, GpuBatch.Three>,
                GpuMatVec.Shared<TFormat, GpuBatch.Four>,
            ],
            MatVecInt8 =
                TFormat.IntegerKind == 0
                    ? []
                    :
                    [
                        GpuInt8.MatVec<TFormat, TMath, GpuBatch.One>,
                        GpuInt8.MatVec<TFormat, TMath, GpuBatch.Two>,
                        GpuInt8.MatVec<TFormat, TMath, GpuBatch.Three>,
                        GpuInt8.MatVec<TFormat, TMath, GpuBatch.Four>,
                    ],
            MatMul = GpuMatMul.Tiles<TFormat>,
            Tensor = GpuTensor.Tiles<TFormat, TMath>,
        };
}

/// <summary>The kernels of one format and how its bytes are repacked for them.</summary>
public sealed record GpuKernels
{
    /// <summary>Threads of a group.</summary>
    public const int GroupSize = 128;

    /// <summary>Rows of a group of the matvec kernels: a warp takes one.</summary>
    public const int MatVecRows = GroupSize / 32;

    /// <summary>Most activation vectors that a matvec kernel takes.</summary>
    public const int MatVecBatch = 4;

    /// <summary>Rows of a tile of the matmul kernel.</summary>
    public const int TileRows = 64;

    /// <summary>Activation vectors of a tile of the matmul kernel.</summary>
    public const int TileBatch = 32;

    /// <summary>Most levels that are copied to shared memory.</summary>
    public const int TableLevels = 256;

    /// <summary>Most shared memory of a kernel: the tiles of the tensor kernel, twice, and a table of levels.</summary>
    public const int SharedBytes = 4 * TableLevels + GpuTensor.TileBytes;

    /// <summary>The repacked layout.</summary>
    public required GpuLayout Layout { get; init; }

    /// <summary>Whether tensor units multiply levels, which rounds no weight; see <see cref="IGpuFormat.HasHalfLevels"/>.</summary>
    public required bool HasHalfLevels { get; init; }

    /// <summary>Whether levels are integers that <see cref="GpuInt8"/> multiplies.</summary>
    public bool HasIntegers => Plain.MatVecInt8.Count > 0;

    /// <summary>For CUDA devices, with <see cref="PtxMath"/>.</summary>
    public required GpuKernelSet Cuda { get; init; }

    /// <summary>For all others, with <see cref="PlainMath"/>.</summary>
    public required GpuKernelSet Plain { get; init; }

    /// <summary>The kernels of a format.</summary>
    /// <typeparam name="TPlain">How it is decoded with <see cref="PlainMath"/>.</typeparam>
    /// <typeparam name="TCuda">How it is decoded with <see cref="PtxMath"/>.</typeparam>
    /// <param name="layout">How its bytes are repacked.</param>
    public static GpuKernels Of<TPlain, TCuda>(GpuLayout layout)
        where TPlain : struct, IGpuFormat
        where TCuda : struct, IGpuFormat =>
        new()
        {
            Layout = layout,
            HasHalfLevels = TPlain.HasHalfLevels,
            Plain = GpuKernelSet.Of<TPlain, PlainMath>(),
            Cuda = GpuKernelSet.Of<TCuda, PtxMath>(),
        };
}
