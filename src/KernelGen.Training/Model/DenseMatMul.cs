using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelGen.Training;

/// <summary>Products of small float32 matrices: columns of the second factor in panels of two registers, six rows of the first at a time.</summary>
internal static class DenseMatMul
{
    private const int PanelColumns = 32, TileRows = 6;

    /// <summary>C = op(A)·op(B), row-major.</summary>
    /// <param name="a">A, m×k; or k×m if it is taken transposed.</param>
    /// <param name="transposeA">Whether A is taken transposed.</param>
    /// <param name="b">B, k×n; or n×k if it is taken transposed.</param>
    /// <param name="transposeB">Whether B is taken transposed.</param>
    /// <param name="c">Receives m×n values.</param>
    /// <param name="m">Rows of C.</param>
    /// <param name="n">Columns of C.</param>
    /// <param name="k">Length of the sums.</param>
    /// <param name="accumulate">Whether the product is added to C.</param>
    /// <param name="threads">Threads; one is used.</param>
    public static void Multiply(
        ReadOnlySpan<float> a, bool transposeA, ReadOnlySpan<float> b, bool transposeB, Span<float> c, int m, int n, int k,
        bool accumulate = false, int threads = 1)
    {
        float[] panel = ArrayPool<float>.Shared.Rent(k * PanelColumns);
        Span<float> corner = stackalloc float[TileRows * PanelColumns];
        int row = transposeA ? 1 : k, step = transposeA ? m : 1;
        for (int j = 0; j < n; j += PanelColumns)
        {
            int columns = Math.Min(PanelColumns, n - j);
            Pack(b, transposeB, j, columns, n, k, panel);
            for (int i = 0; i < m; i += TileRows)
            {
                int rows = Math.Min(TileRows, m - i);
                if (rows == TileRows)
                {
                    Tile6(ref MemoryMarshal.GetReference(a), (nuint)(i * row), (nuint)row, (nuint)step, ref panel[0], k, ref corner[0]);
                }
                else
                {
                    for (int r = 0; r < rows; r++)
                    {
                        Tile1(ref MemoryMarshal.GetReference(a), (nuint)((i + r) * row), (nuint)step, ref panel[0], k, ref corner[r * PanelColumns]);
                    }
                }
                for (int r = 0; r < rows; r++)
                {
                    Span<float> target = c.Slice((i + r) * n + j, columns);
                    ReadOnlySpan<float> source = corner.Slice(r * PanelColumns, columns);
                    if (accumulate)
                    {
                        System.Numerics.Tensors.TensorPrimitives.Add(target, source, target);
                    }
                    else
                    {
                        source.CopyTo(target);
                    }
                }
            }
        }
        ArrayPool<float>.Shared.Return(panel);
    }

    private static void Pack(ReadOnlySpan<float> b, bool transpose, int first, int columns, int n, int k, Span<float> panel)
    {
        if (columns < PanelColumns)
        {
            panel[..(k * PanelColumns)].Clear();
        }
        for (int p = 0; !transpose && p < k; p++)
        {
            b.Slice(p * n + first, columns).CopyTo(panel[(p * PanelColumns)..]);
        }
        for (int j = 0; transpose && j < columns; j++)
        {
            ReadOnlySpan<float> source = b.Slice((first + j) * k, k);
            for (int p = 0; p < source.Length; p++)
            {
                panel[p * PanelColumns + j] = source[p];
            }
        }
    }

    private static void Tile1(ref float a, nuint at, nuint step, ref float panel, int k, ref float result)
    {
        Vector512<float> low = Vector512<float>.Zero, high = low;
        for (nuint p = 0; p < (nuint)k; p++, at += step)
        {
            Vector512<float> x = Vector512.Create(System.Runtime.CompilerServices.Unsafe.Add(ref a, at));
            low = Vector512.FusedMultiplyAdd(x, Vector512.LoadUnsafe(ref panel, p * PanelColumns), low);
            high = Vector512.FusedMultiplyAdd(x, Vector512.LoadUnsafe(ref panel, p * PanelColumns + 16), high);
        }
        low.StoreUnsafe(ref result);
        high.StoreUnsafe(ref result, 16);
    }

    private static void Tile6(ref float a, nuint at, nuint row, nuint step, ref float panel, int k, ref float result)
    {
        Vector512<float> l0 = Vector512<float>.Zero, h0 = l0, l1 = l0, h1 = l0, l2 = l0, h2 = l0, l3 = l0, h3 = l0, l4 = l0, h4 = l0, l5 = l0, h5 = l0;
        for (nuint p = 0; p < (nuint)k; p++, at += step)
        {
            Vector512<float> low = Vector512.LoadUnsafe(ref panel, p * PanelColumns), high = Vector512.LoadUnsafe(ref panel, p * PanelColumns + 16);
            Add(ref a, at, low, high, ref l0, ref h0);
            Add(ref a, at + row, low, high, ref l1, ref h1);
            Add(ref a, at + 2 * row, low, high, ref l2, ref h2);
            Add(ref a, at + 3 * row, low, high, ref l3, ref h3);
            Add(ref a, at + 4 * row, low, high, ref l4, ref h4);
            Add(ref a, at + 5 * row, low, high, ref l5, ref h5);
        }
        Store(l0, h0, ref result, 0);
        Store(l1, h1, ref result, 1);
        Store(l2, h2, ref result, 2);
        Store(l3, h3, ref result, 3);
        Store(l4, h4, ref result, 4);
        Store(l5, h5, ref result, 5);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
    private static void Add(ref float a, nuint at, Vector512<float> low, Vector512<float> high, ref Vector512<float> l, ref Vector512<float> h)
    {
        Vector512<float> x = Vector512.Create(System.Runtime.CompilerServices.Unsafe.Add(ref a, at));
        l = Vector512.FusedMultiplyAdd(x, low, l);
        h = Vector512.FusedMultiplyAdd(x, high, h);
    }

    private static void Store(Vector512<float> low, Vector512<float> high, ref float result, nuint row)
    {
        low.StoreUnsafe(ref result, row * PanelColumns);
        high.StoreUnsafe(ref result, row * PanelColumns + 16);
    }
}
