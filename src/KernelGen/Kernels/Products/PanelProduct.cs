using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Products;

/// <summary>
/// Products of several activation vectors with weights that were decoded once for all of them: a panel of up to 32 rows, which lies
/// column by column in the first-level cache, times vectors that lie twelve by twelve, by the tiles of dense products.
/// </summary>
internal static class PanelProduct
{
    /// <summary>Rows of a panel: what two vectors of any width divide.</summary>
    public const int Rows = 32;

    /// <summary>
    /// Columns of a panel, about: 16 KiB of weights. A sum is a chain of so many products, whose rounding the bound of products has room
    /// for.
    /// </summary>
    public const int Columns = 128;

    /// <summary>Fewer vectors are multiplied faster one by one, from registers.</summary>
    public const int FewestVectors = 4;

    /// <summary>Multiplies a panel.</summary>
    /// <param name="panel">Weights: column p of row r at <c>p · Rows + r</c>.</param>
    /// <param name="depth">Columns of the panel.</param>
    /// <param name="rows">Rows of the panel.</param>
    /// <param name="x">The vectors.</param>
    /// <param name="column">The panel's first column.</param>
    /// <param name="y">Receives, or adds, the sums: those of a vector follow each other.</param>
    /// <param name="stride">Distance in <paramref name="y"/> between vectors.</param>
    public static void Run(ReadOnlySpan<float> panel, int depth, int rows, VectorTiles x, int column, Span<float> y, int stride)
    {
        // what tiles read and write without looking
        panel = panel[..(depth * Rows)];
        y = y[..((x.Count - 1) * stride + rows)];
        ref float weights = ref MemoryMarshal.GetReference(panel),
            sums = ref MemoryMarshal.GetReference(y);
        if (Vector512.IsHardwareAccelerated)
        {
            Run<Vector512<float>, FloatLanes512>(ref weights, depth, rows, x, column, ref sums, stride);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Run<Vector256<float>, FloatLanes256>(ref weights, depth, rows, x, column, ref sums, stride);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Run<Vector128<float>, FloatLanes128>(ref weights, depth, rows, x, column, ref sums, stride);
        }
        else
        {
            Run<float, FloatLanes32>(ref weights, depth, rows, x, column, ref sums, stride);
        }
    }

    /// <summary>The same for one width.</summary>
    /// <inheritdoc cref="Run(ReadOnlySpan{float}, int, int, VectorTiles, int, Span{float}, int)"/>
    internal static void Run<TVector, TLanes>(ref float panel, int depth, int rows, VectorTiles x, int column, ref float y, int stride)
        where TVector : struct
        where TLanes : struct, ICodeLanes<TVector>
    {
        int width = 2 * TLanes.Count;
        Span<float> edge = stackalloc float[VectorTiles.Width * 2 * 16];
        for (int first = 0; first < x.Count; )
        {
            int rest = Math.Min(VectorTiles.Width - first % VectorTiles.Width, x.Count - first),
                height = DenseTile<TVector, Estimated<TVector, TLanes>>.Height(rest),
                many = Math.Min(height, rest);
            ref float vectors = ref x.At(first, column);
            for (int row = 0; row < rows; row += width)
            {
                int wide = Math.Min(width, rows - row);
                ref float target = ref Unsafe.Add(ref y, (nint)first * stride + row);
                if (many == height && wide == width)
                {
                    Tile<TVector, TLanes>(height, ref vectors, ref Unsafe.Add(ref panel, row), depth, ref target, stride, column > 0);
                    continue;
                }
                Tile<TVector, TLanes>(
                    height,
                    ref vectors,
                    ref Unsafe.Add(ref panel, row),
                    depth,
                    ref MemoryMarshal.GetReference(edge),
                    width,
                    add: false
                );
                for (int i = 0; i < many; i++)
                {
                    for (int j = 0; j < wide; j++)
                    {
                        ref float one = ref Unsafe.Add(ref target, (nint)i * stride + j);
                        one = column > 0 ? one + edge[i * width + j] : edge[i * width + j];
                    }
                }
            }
            first += many;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile<TVector, TLanes>(int height, ref float x, ref float panel, int depth, ref float y, int stride, bool add)
        where TVector : struct
        where TLanes : struct, ICodeLanes<TVector> =>
        DenseTile<TVector, Estimated<TVector, TLanes>>.Run(height, ref x, 1, VectorTiles.Width, ref panel, Rows, depth, ref y, stride, add);
}
