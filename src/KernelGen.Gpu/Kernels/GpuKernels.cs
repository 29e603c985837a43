using ILGPU;

namespace KernelGen.Gpu;

/// <summary>The unpacking kernel: codes, scales and table, the shape, and the weights that are written.</summary>
/// <remarks>The parameters are those of <see cref="GpuSource"/> one by one: devices may assume of parameters that they are aligned.</remarks>
public delegate void UnpackKernel(
    ArrayView<U4> quads, ArrayView<U2> pairs, ArrayView<uint> words, ArrayView<uint> extra, ArrayView<float> floats, ArrayView<ushort> halves,
    ArrayView<byte> bytes, ArrayView<float> table, GpuShape shape, ArrayView<float> weights);

/// <summary>A kernel that multiplies: as <see cref="UnpackKernel"/>, with activations and results.</summary>
public delegate void ProductKernel(
    ArrayView<U4> quads, ArrayView<U2> pairs, ArrayView<uint> words, ArrayView<uint> extra, ArrayView<float> floats, ArrayView<ushort> halves,
    ArrayView<byte> bytes, ArrayView<float> table, GpuShape shape, ArrayView<F4> x, ArrayView<float> y);

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

    /// <summary>Most shared memory of a kernel: two tiles and a table of levels.</summary>
    public const int SharedBytes = 4 * (33 * (TileRows + TileBatch) + 256);

    /// <summary>The repacked layout.</summary>
    public required GpuLayout Layout { get; init; }

    /// <summary>Unpacks; a thread takes a unit.</summary>
    public required UnpackKernel Unpack { get; init; }

    /// <summary>Matvec with 1 to <see cref="MatVecBatch"/> activation vectors, with warp shuffles.</summary>
    public required IReadOnlyList<ProductKernel> MatVecShuffle { get; init; }

    /// <summary>The same without warp shuffles: sums meet in shared memory.</summary>
    public required IReadOnlyList<ProductKernel> MatVecShared { get; init; }

    /// <summary>Matmul in tiles of <see cref="TileRows"/> × <see cref="TileBatch"/>; no shuffles.</summary>
    public required ProductKernel MatMul { get; init; }
}
