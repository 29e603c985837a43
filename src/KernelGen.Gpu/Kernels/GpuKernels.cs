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

    /// <summary>Unpacks; a thread takes a unit.</summary>
    public required UnpackKernel Unpack { get; init; }

    /// <summary>Matvec with 1 to <see cref="MatVecBatch"/> activation vectors, with warp shuffles.</summary>
    public required IReadOnlyList<ProductKernel> MatVecShuffle { get; init; }

    /// <summary>The same without warp shuffles: sums meet in shared memory.</summary>
    public required IReadOnlyList<ProductKernel> MatVecShared { get; init; }

    /// <summary>Matmul in tiles of <see cref="TileRows"/> × <see cref="TileBatch"/>; no shuffles.</summary>
    public required ProductKernel MatMul { get; init; }

    /// <summary>The same on tensor units, with activations rounded to binary16.</summary>
    public required TensorKernel Tensor { get; init; }

    /// <summary>All kernels, compiled for a format when they are first used.</summary>
    /// <typeparam name="TFormat">How the format is decoded.</typeparam>
    /// <param name="layout">How its bytes are repacked.</param>
    public static GpuKernels Of<TFormat>(GpuLayout layout)
        where TFormat : struct, IGpuFormat =>
        new()
        {
            Layout = layout,
            HasHalfLevels = TFormat.HasHalfLevels,
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
            MatMul = GpuMatMul.Tiles<TFormat>,
            Tensor = GpuTensor.Tiles<TFormat>,
        };
}
