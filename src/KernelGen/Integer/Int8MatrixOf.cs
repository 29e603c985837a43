using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelGen;

/// <summary>Products of a repacked matrix: activations are quantised once, rows are shared out, and the number of vectors chooses the kernel.</summary>
internal sealed class Int8Matrix<TRecipe>(Int8Storage<TRecipe> storage) : Int8Matrix(storage.Rows, storage.Columns) where TRecipe : struct, IInt8Recipe
{
    /// <summary>From so many vectors on sums go through memory, so that more rows share the work on activations.</summary>
    private const int ManyVectors = 8;

    [ThreadStatic]
    private static Int8Activations? t_activations;

    public override long Bytes => storage.Bytes;

    internal override Int8Matrix Copy() => new Int8Matrix<TRecipe>(storage.Copy());

    public override void MatMul(ReadOnlyMemory<float> x, int batch, Memory<float> y, bool twoDigits = false, Parallelism? parallelism = null)
    {
        if (x.Length < (long)batch * Columns || y.Length < (long)batch * Rows)
        {
            throw new ArgumentException($"{batch} activation vectors need {(long)batch * Columns} values and {(long)batch * Rows} results; the spans have {x.Length} and {y.Length}.");
        }
        Int8Activations activations = t_activations ??= new();
        activations.Quantise<TRecipe>(x.Span[..(batch * Columns)], batch, Columns, twoDigits);
        if (parallelism is { Threads: 1 })
        {
            Run(0, storage.Blocks, activations, y.Span, twoDigits); // no delegate, no allocation
            return;
        }
        // pairs of blocks, so that a tile of two blocks is not cut
        RowParallel.For((storage.Blocks + 1) / 2, 2L * Int8Layout<TRecipe>.Rows * Columns * activations.Vectors, parallelism,
            (start, count) => Run(2 * start, Math.Min(2 * count, storage.Blocks - 2 * start), activations, y.Span, twoDigits));
    }

    private void Run(int firstBlock, int count, Int8Activations activations, Span<float> y, bool twoDigits)
    {
        if (Vector512.IsHardwareAccelerated)
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

    private void Run<TLanes>(int firstBlock, int count, in Int8Vectors x, Span<float> y, bool twoDigits) where TLanes : struct, IInt8Lanes<TLanes>
    {
        if (x.Count >= ManyVectors)
        {
            RunTiles<TLanes>(firstBlock, count, x, y, twoDigits);
            return;
        }
        Span<float> sums = stackalloc float[4 * Int8Layout<TRecipe>.Rows];
        for (int block = firstBlock; block < firstBlock + count; block++)
        {
            for (int v = 0; v < x.Count;)
            {
                int many = x.Count - v;
                many = many >= 4 ? 4 : many >= 2 ? 2 : 1;
                switch (many)
                {
                    case 4:
                        Int8Kernel<TRecipe, TLanes>.DotFour(storage.All, block, x, v, ref MemoryMarshal.GetReference(sums));
                        break;
                    case 2:
                        Int8Kernel<TRecipe, TLanes>.DotTwo(storage.All, block, x, v, ref MemoryMarshal.GetReference(sums));
                        break;
                    default:
                        Int8Kernel<TRecipe, TLanes>.Dot(storage.All, block, x, v, ref MemoryMarshal.GetReference(sums));
                        break;
                }
                Scatter(sums, Int8Layout<TRecipe>.Rows, 1f, block, v, many, y, twoDigits);
                v += many;
            }
        }
    }

    private void RunTiles<TLanes>(int firstBlock, int count, in Int8Vectors x, Span<float> y, bool twoDigits) where TLanes : struct, IInt8Lanes<TLanes>
    {
        int rows = Int8Tile<TRecipe, TLanes>.Rows, most = Int8Tile<TRecipe, TLanes>.MostVectors;
        Span<float> sums = stackalloc float[rows * most];
        for (int v = 0; v < x.Count; v += most)
        {
            int many = Math.Min(most, x.Count - v);
            for (int block = firstBlock; block < firstBlock + count; block += rows / Int8Layout<TRecipe>.Rows)
            {
                Int8Tile<TRecipe, TLanes>.Run(storage.All, block, x, v, many, sums);
                Scatter(sums, rows, TRecipe.Step, block, v, many, y, twoDigits);
            }
        }
    }

    /// <summary>Sums of a block of rows to their places; low digits join the high ones.</summary>
    private void Scatter(ReadOnlySpan<float> sums, int stride, float factor, int block, int firstVector, int many, Span<float> y, bool twoDigits)
    {
        int start = block * Int8Layout<TRecipe>.Rows, rows = Math.Min(stride, Rows - start);
        for (int i = 0; i < many; i += twoDigits ? 2 : 1)
        {
            int vector = twoDigits ? (firstVector + i) / 2 : firstVector + i;
            ReadOnlySpan<float> part = sums.Slice(i * stride, rows), low = twoDigits ? sums.Slice((i + 1) * stride, rows) : default;
            Span<float> target = y.Slice(vector * Rows + start, rows);
            for (int r = 0; r < rows; r++)
            {
                target[r] = factor * (twoDigits ? part[r] + low[r] : part[r]);
            }
        }
    }
}
