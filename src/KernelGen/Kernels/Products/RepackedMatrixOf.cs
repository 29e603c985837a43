using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Products.MachineCode;
using KernelGen.Kernels.Recipes;
using KernelGen.Kernels.Threads;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Products;

/// <summary>
/// Products of a repacked matrix: activations are quantised once, rows are shared out, and the number of vectors chooses the kernel.
/// </summary>
internal sealed class RepackedMatrix<TRecipe>(Int8Storage<TRecipe> storage, int columns) : ProductMatrix(storage.Rows, columns)
    where TRecipe : struct, IInt8Recipe
{
    /// <summary>
    /// From so many vectors on sums go through memory, so that more of them meet the weights that are in registers: measured to pay between
    /// 8 and 16.
    /// </summary>
    private const int ManyVectors = 12;

    /// <summary>Numbers that stay in a core's own caches together with the weights: 1 MiB.</summary>
    private const int FewSums = 1 << 18;

    public override long Bytes => storage.Bytes;

    /// <summary>Blocks of rows.</summary>
    internal int Blocks => storage.Blocks;

    /// <summary>Pairs of blocks, the last one of a single block where their number is odd.</summary>
    internal int Pairs => (storage.Blocks + 1) / 2;

    public override bool HasIntegers => TRecipe.HasIntegers;

    public override IReadOnlyList<string> MachineCode => MachineRecipe<TRecipe>.Names;

    public override string Engine(int batch, MatVecPrecision precision) =>
        precision == MatVecPrecision.Float
            ? base.Engine(batch, precision)
            : CpuKernels.Name(
                EngineChoice.Of<TRecipe>(MachineKernels.Current, precision == MatVecPrecision.Int8TwoDigits ? 2 * batch : batch)
            );

    public override void MatMul(
        ReadOnlyMemory<float> x,
        int batch,
        Memory<float> y,
        MatVecPrecision precision,
        Parallelism? parallelism = null
    )
    {
        MachineKernels.Current.RequireEngine();
        Check(x.Length, batch, y.Length, precision);
        // an activation for each term of a weight, but where panels of weights are decoded
        bool apart = TRecipe.Stages > 1 && (precision != MatVecPrecision.Float || batch < PanelProduct.FewestVectors);
        ReadOnlySpan<float> vectors = apart ? RepeatedActivations<TRecipe>.Of(x.Span, batch, Columns) : x.Span[..(batch * Columns)];
        int length = apart ? storage.Columns : Columns;
        RepackedProduct<TRecipe>.Mine.Run(this, vectors, length, batch, y.Span, precision, parallelism ?? Parallelism.Default);
    }

    /// <summary>Products of some blocks of rows.</summary>
    /// <param name="firstBlock">The first block.</param>
    /// <param name="count">Number of blocks.</param>
    /// <param name="activations">The activations.</param>
    /// <param name="batch">Number of activation vectors.</param>
    /// <param name="precision">How they were prepared.</param>
    /// <param name="y">All results, <c>batch × rows</c>.</param>
    internal void Run(
        int firstBlock,
        int count,
        PreparedActivations<TRecipe> activations,
        int batch,
        MatVecPrecision precision,
        Span<float> y
    )
    {
        if (precision == MatVecPrecision.Float)
        {
            RunFloats(firstBlock, count, activations, batch, y);
        }
        else
        {
            Run(firstBlock, count, activations.Bytes, y, activations.TwoDigits);
        }
    }

    private void Run(int firstBlock, int count, Int8Activations activations, Span<float> y, bool twoDigits)
    {
        if (MachineProduct<TRecipe>.TryRun(this, storage.All, firstBlock, count, activations.All, y, twoDigits))
        {
            return;
        }
        if (Vector512.IsHardwareAccelerated && !Int8Layout<TRecipe>.PrefersNarrow)
        {
            Run<Int8Lanes512>(firstBlock, count, activations.All, y, twoDigits);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Run<Int8Lanes256>(firstBlock, count, activations.All, y, twoDigits);
        }
        else
        {
            Run<Int8Lanes128>(firstBlock, count, activations.All, y, twoDigits);
        }
    }

    private void RunFloats(int firstBlock, int count, PreparedActivations<TRecipe> activations, int batch, Span<float> y)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            RunFloats<Vector512<float>, FloatLanes512>(firstBlock, count, activations, batch, y);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            RunFloats<Vector256<float>, FloatLanes256>(firstBlock, count, activations, batch, y);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            RunFloats<Vector128<float>, FloatLanes128>(firstBlock, count, activations, batch, y);
        }
        else
        {
            RunFloats<float, FloatLanes32>(firstBlock, count, activations, batch, y);
        }
    }

    private void RunFloats<TVector, TLanes>(int firstBlock, int count, PreparedActivations<TRecipe> activations, int batch, Span<float> y)
        where TVector : struct
        where TLanes : struct, ICodeLanes<TVector>
    {
        if (batch >= PanelProduct.FewestVectors)
        {
            RunPanels<TVector, TLanes>(firstBlock, count, activations.Tiles, y);
            return;
        }
        int padded = storage.Slices * TRecipe.SliceColumns;
        Int8Rows all = storage.All;
        Span<float> sums = stackalloc float[Int8Layout<TRecipe>.Rows];
        for (int block = firstBlock; block < firstBlock + count; block++)
        {
            int start = block * Int8Layout<TRecipe>.Rows,
                rows = Math.Min(Int8Layout<TRecipe>.Rows, Rows - start);
            for (int v = 0; v < batch; v++)
            {
                FloatKernel<TRecipe, TVector, TLanes>.Dot(
                    all,
                    block,
                    activations.Floats.Slice(v * padded, padded),
                    TRecipe.Offsets ? activations.Totals.Slice(v * storage.Slices, storage.Slices) : [],
                    ref MemoryMarshal.GetReference(sums)
                );
                sums[..rows].CopyTo(y[(v * Rows + start)..]);
            }
        }
    }

    /// <summary>Weights are decoded once for all vectors, two blocks of rows and some columns at a time.</summary>
    private void RunPanels<TVector, TLanes>(int firstBlock, int count, VectorTiles x, Span<float> y)
        where TVector : struct
        where TLanes : struct, ICodeLanes<TVector>
    {
        Span<float> panel = CacheLines.Align(stackalloc float[PanelProduct.Rows * PanelProduct.Columns + CacheLines.Floats]);
        Int8Rows all = storage.All;
        int together = PanelProduct.Columns / TRecipe.SliceColumns,
            slices = storage.Slices / TRecipe.Stages;
        for (int block = firstBlock; block < firstBlock + count; block += 2)
        {
            int start = block * Int8Layout<TRecipe>.Rows,
                rows = Math.Min(PanelProduct.Rows, Rows - start);
            for (int slice = 0; slice * TRecipe.SliceColumns < Columns; slice += together)
            {
                int column = slice * TRecipe.SliceColumns,
                    many = Math.Min(together, slices - slice);
                for (int i = 0; i < Math.Min(2, storage.Blocks - block); i++)
                {
                    ref float target = ref panel[i * Int8Layout<TRecipe>.Rows];
                    if (TRecipe.Stages == 1)
                    {
                        FloatKernel<TRecipe, TVector, TLanes>.Decode(all, block + i, slice, many, ref target, PanelProduct.Rows);
                    }
                    else
                    {
                        FloatKernel<TRecipe, TVector, TLanes>.DecodeSums(all, block + i, slice, many, ref target, PanelProduct.Rows);
                    }
                }
                PanelProduct.Run(panel, Math.Min(PanelProduct.Columns, Columns - column), rows, x, column, y[start..], Rows);
            }
        }
    }

    private void Run<TLanes>(int firstBlock, int count, in Int8Vectors x, Span<float> y, bool twoDigits)
        where TLanes : struct, IInt8Lanes<TLanes>
    {
        Int8Rows all = storage.All;
        if (x.Count >= ManyVectors)
        {
            RunTiles<TLanes>(all, firstBlock, count, x, y, twoDigits);
            return;
        }
        // one or two vectors meet two vectors of rows at a time where there are 32 registers; from memory, two streams are slower than one
        bool pairs = Vector512.IsHardwareAccelerated && TLanes.Rows >= 8 && (TLanes.Rows < Int8Layout<TRecipe>.Rows || !all.IsLarge);
        int blocks =
            x.Count >= 4 && Int8PairOfFour<TRecipe>.Serves && TLanes.Rows == Int8Layout<TRecipe>.Rows ? 2
            : x.Count <= 2 && pairs ? Int8Pair<TRecipe, TLanes>.Blocks
            : 1;
        Span<float> sums = stackalloc float[4 * 2 * Int8Layout<TRecipe>.Rows];
        for (int block = firstBlock; block < firstBlock + count; )
        {
            int many = Math.Min(blocks, firstBlock + count - block);
            RunBlocks<TLanes>(all, block, many, pairs, x, y, twoDigits, sums);
            block += many;
        }
    }

    /// <summary>16 or 32 rows times fewer than <see cref="ManyVectors"/> vectors.</summary>
    private void RunBlocks<TLanes>(
        in Int8Rows all,
        int block,
        int blocks,
        bool pairs,
        in Int8Vectors x,
        Span<float> y,
        bool twoDigits,
        Span<float> sums
    )
        where TLanes : struct, IInt8Lanes<TLanes>
    {
        int start = block * Int8Layout<TRecipe>.Rows,
            rows = blocks * Int8Layout<TRecipe>.Rows;
        // whole blocks are stored where they belong, others go through a buffer
        bool direct = !twoDigits && start + rows <= Rows,
            fetch = all.IsLarge;
        nint stride = direct ? Rows : rows;
        for (int v = 0; v < x.Count; )
        {
            ref float target = ref direct ? ref y[v * Rows + start] : ref MemoryMarshal.GetReference(sums);
            int many =
                x.Count - v >= 4 ? 4
                : x.Count - v >= 2 ? 2
                : 1;
            bool paired = many == 4 ? blocks == 2 : blocks == Int8Pair<TRecipe, TLanes>.Blocks && (blocks == 2 || pairs);
            switch (many, paired)
            {
                case (4, true):
                    Int8PairOfFour<TRecipe>.Dot(all, block, x, v, fetch, ref target, stride);
                    break;
                case (2, true):
                    Int8Pair<TRecipe, TLanes>.DotTwo(all, block, x, v, fetch, ref target, stride);
                    break;
                case (1, true):
                    Int8Pair<TRecipe, TLanes>.Dot(all, block, x, v, fetch, ref target, stride);
                    break;
                case (4, false):
                    Int8Kernel<TRecipe, TLanes>.DotFour(all, block, x, v, fetch, ref target, stride);
                    break;
                case (2, false):
                    Int8Kernel<TRecipe, TLanes>.DotTwo(all, block, x, v, fetch, ref target, stride);
                    break;
                default:
                    Int8Kernel<TRecipe, TLanes>.Dot(all, block, x, v, fetch, ref target, stride);
                    break;
            }
            if (!direct)
            {
                Scatter<TLanes>(sums, rows, block, v, many, y, twoDigits);
            }
            v += many;
            fetch = false; // the weights are in a cache now
        }
    }

    private void RunTiles<TLanes>(in Int8Rows all, int firstBlock, int count, in Int8Vectors x, Span<float> y, bool twoDigits)
        where TLanes : struct, IInt8Lanes<TLanes>
    {
        int rows = Int8Tile<TRecipe, TLanes>.Rows,
            most = Int8Tile<TRecipe, TLanes>.MostVectors;
        Span<float> sums = CacheLines.Align(stackalloc float[rows * most + CacheLines.Floats]);
        for (int v = 0; v < x.Count; v += most)
        {
            int many = Math.Min(most, x.Count - v);
            for (int block = firstBlock; block < firstBlock + count; block += rows / Int8Layout<TRecipe>.Rows)
            {
                int start = block * Int8Layout<TRecipe>.Rows;
                if (!twoDigits && start + rows <= Rows)
                {
                    Int8Tile<TRecipe, TLanes>.Run(all, block, x, v, many, sums, y[(v * Rows + start)..], Rows, fetch: y.Length > FewSums);
                    continue;
                }
                Int8Tile<TRecipe, TLanes>.Run(all, block, x, v, many, sums, sums, rows, fetch: false);
                Scatter<TLanes>(sums, rows, block, v, many, y, twoDigits);
            }
        }
    }

    /// <summary>Sums of a block of rows to their places; low digits join the high ones.</summary>
    internal void Scatter<TLanes>(Span<float> sums, int stride, int block, int firstVector, int many, Span<float> y, bool twoDigits)
        where TLanes : struct, IInt8Lanes<TLanes>
    {
        int start = block * Int8Layout<TRecipe>.Rows,
            rows = Math.Min(stride, Rows - start);
        for (int i = 0; i < many; i += twoDigits ? 2 : 1)
        {
            Span<float> part = sums.Slice(i * stride, stride),
                low = twoDigits ? sums.Slice((i + 1) * stride, stride) : default;
            Span<float> target = y.Slice((twoDigits ? (firstVector + i) / 2 : firstVector + i) * Rows + start, rows);
            ref float from = ref MemoryMarshal.GetReference(part),
                lower = ref MemoryMarshal.GetReference(low),
                to = ref MemoryMarshal.GetReference(target);
            int r = 0;
            for (; r <= rows - TLanes.Rows; r += TLanes.Rows)
            {
                TLanes sum = TLanes.Floats(ref from, (nuint)r);
                TLanes.Store(twoDigits ? TLanes.AddFloats(sum, TLanes.Floats(ref lower, (nuint)r)) : sum, ref to, (nuint)r);
            }
            for (; r < rows; r++)
            {
                target[r] = twoDigits ? part[r] + low[r] : part[r];
            }
        }
    }
}
