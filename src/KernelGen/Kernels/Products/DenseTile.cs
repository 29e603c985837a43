using System.Runtime.CompilerServices;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Products;

/// <summary>
/// The innermost part of a dense product: some rows by two vectors of columns, all sums in registers. Every sum is one chain of
/// fused multiply–adds over the depth, regardless of the width, so that all widths give the same bits.
/// </summary>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="TLanes">Its operations.</typeparam>
internal static class DenseTile<TVector, TLanes>
    where TVector : struct
    where TLanes : struct, IFloatLanes<TVector>
{
    /// <summary>Rows of a tile: with 32 registers twelve, so that what is loaded of the right operand serves 24 sums; else six.</summary>
    public static int Rows => TLanes.Count == 16 ? 12 : 6;

    /// <summary>Columns of a tile.</summary>
    public static int Columns => 2 * TLanes.Count;

    /// <summary><c>c[i, j] (+)= Σ_p left[i · row + p · step] · right[p · rightStep + j]</c>.</summary>
    /// <param name="height">Rows of the tile: 12, 6 or 4, see <see cref="Height"/>.</param>
    /// <param name="left">First element of the left operand.</param>
    /// <param name="row">Distance of its rows.</param>
    /// <param name="step">Distance of its elements along the depth.</param>
    /// <param name="right">First element of the right operand, its columns next to each other.</param>
    /// <param name="rightStep">Distance of its rows.</param>
    /// <param name="depth">Products in a sum.</param>
    /// <param name="c">Receives <paramref name="height"/> × <see cref="Columns"/> sums.</param>
    /// <param name="cRow">Distance of its rows.</param>
    /// <param name="add">Whether sums are added to what is there.</param>
    public static void Run(
        int height,
        ref float left,
        nint row,
        nint step,
        ref float right,
        nint rightStep,
        int depth,
        ref float c,
        nint cRow,
        bool add
    )
    {
        switch (height)
        {
            case 12:
                Twelve(ref left, row, step, ref right, rightStep, depth, ref c, cRow, add);
                break;
            case 6:
                Six(ref left, row, step, ref right, rightStep, depth, ref c, cRow, add);
                break;
            default:
                Four(ref left, row, step, ref right, rightStep, depth, ref c, cRow, add);
                break;
        }
    }

    /// <summary>Rows of the tile that multiplies so many rows, or the first of them, in the least time.</summary>
    public static int Height(int rows) =>
        rows >= 11 && TLanes.Count == 16 ? 12
        : rows >= 5 ? 6
        : 4;

    private static void Twelve(
        ref float left,
        nint row,
        nint step,
        ref float right,
        nint rightStep,
        int depth,
        ref float c,
        nint cRow,
        bool add
    )
    {
        TVector zero = TLanes.Broadcast(0);
        TVector a0 = zero,
            a1 = zero,
            b0 = zero,
            b1 = zero,
            c0 = zero,
            c1 = zero,
            d0 = zero,
            d1 = zero,
            e0 = zero,
            e1 = zero,
            f0 = zero,
            f1 = zero;
        TVector g0 = zero,
            g1 = zero,
            h0 = zero,
            h1 = zero,
            i0 = zero,
            i1 = zero,
            j0 = zero,
            j1 = zero,
            k0 = zero,
            k1 = zero,
            l0 = zero,
            l1 = zero;
        nint row3 = 3 * row,
            row5 = 5 * row,
            row7 = 7 * row,
            row9 = 9 * row,
            row11 = 11 * row;
        for (int p = 0; p < depth; p++)
        {
            TVector y0 = TLanes.Load(ref right, 0),
                y1 = TLanes.Load(ref right, (nuint)TLanes.Count);
            TVector x = TLanes.Broadcast(left);
            a0 = TLanes.MultiplyAdd(x, y0, a0);
            a1 = TLanes.MultiplyAdd(x, y1, a1);
            x = TLanes.Broadcast(Unsafe.Add(ref left, row));
            b0 = TLanes.MultiplyAdd(x, y0, b0);
            b1 = TLanes.MultiplyAdd(x, y1, b1);
            x = TLanes.Broadcast(Unsafe.Add(ref left, 2 * row));
            c0 = TLanes.MultiplyAdd(x, y0, c0);
            c1 = TLanes.MultiplyAdd(x, y1, c1);
            x = TLanes.Broadcast(Unsafe.Add(ref left, row3));
            d0 = TLanes.MultiplyAdd(x, y0, d0);
            d1 = TLanes.MultiplyAdd(x, y1, d1);
            x = TLanes.Broadcast(Unsafe.Add(ref left, 4 * row));
            e0 = TLanes.MultiplyAdd(x, y0, e0);
            e1 = TLanes.MultiplyAdd(x, y1, e1);
            x = TLanes.Broadcast(Unsafe.Add(ref left, row5));
            f0 = TLanes.MultiplyAdd(x, y0, f0);
            f1 = TLanes.MultiplyAdd(x, y1, f1);
            x = TLanes.Broadcast(Unsafe.Add(ref left, 2 * row3));
            g0 = TLanes.MultiplyAdd(x, y0, g0);
            g1 = TLanes.MultiplyAdd(x, y1, g1);
            x = TLanes.Broadcast(Unsafe.Add(ref left, row7));
            h0 = TLanes.MultiplyAdd(x, y0, h0);
            h1 = TLanes.MultiplyAdd(x, y1, h1);
            x = TLanes.Broadcast(Unsafe.Add(ref left, 8 * row));
            i0 = TLanes.MultiplyAdd(x, y0, i0);
            i1 = TLanes.MultiplyAdd(x, y1, i1);
            x = TLanes.Broadcast(Unsafe.Add(ref left, row9));
            j0 = TLanes.MultiplyAdd(x, y0, j0);
            j1 = TLanes.MultiplyAdd(x, y1, j1);
            x = TLanes.Broadcast(Unsafe.Add(ref left, 2 * row5));
            k0 = TLanes.MultiplyAdd(x, y0, k0);
            k1 = TLanes.MultiplyAdd(x, y1, k1);
            x = TLanes.Broadcast(Unsafe.Add(ref left, row11));
            l0 = TLanes.MultiplyAdd(x, y0, l0);
            l1 = TLanes.MultiplyAdd(x, y1, l1);
            left = ref Unsafe.Add(ref left, step);
            right = ref Unsafe.Add(ref right, rightStep);
        }
        Store(ref c, a0, a1, add);
        Store(ref Unsafe.Add(ref c, cRow), b0, b1, add);
        Store(ref Unsafe.Add(ref c, 2 * cRow), c0, c1, add);
        Store(ref Unsafe.Add(ref c, 3 * cRow), d0, d1, add);
        Store(ref Unsafe.Add(ref c, 4 * cRow), e0, e1, add);
        Store(ref Unsafe.Add(ref c, 5 * cRow), f0, f1, add);
        Store(ref Unsafe.Add(ref c, 6 * cRow), g0, g1, add);
        Store(ref Unsafe.Add(ref c, 7 * cRow), h0, h1, add);
        Store(ref Unsafe.Add(ref c, 8 * cRow), i0, i1, add);
        Store(ref Unsafe.Add(ref c, 9 * cRow), j0, j1, add);
        Store(ref Unsafe.Add(ref c, 10 * cRow), k0, k1, add);
        Store(ref Unsafe.Add(ref c, 11 * cRow), l0, l1, add);
    }

    private static void Six(
        ref float left,
        nint row,
        nint step,
        ref float right,
        nint rightStep,
        int depth,
        ref float c,
        nint cRow,
        bool add
    )
    {
        TVector zero = TLanes.Broadcast(0);
        TVector a0 = zero,
            a1 = zero,
            b0 = zero,
            b1 = zero,
            c0 = zero,
            c1 = zero,
            d0 = zero,
            d1 = zero,
            e0 = zero,
            e1 = zero,
            f0 = zero,
            f1 = zero;
        nint row3 = 3 * row,
            row5 = 5 * row;
        for (int p = 0; p < depth; p++)
        {
            TVector y0 = TLanes.Load(ref right, 0),
                y1 = TLanes.Load(ref right, (nuint)TLanes.Count);
            TVector x = TLanes.Broadcast(left);
            a0 = TLanes.MultiplyAdd(x, y0, a0);
            a1 = TLanes.MultiplyAdd(x, y1, a1);
            x = TLanes.Broadcast(Unsafe.Add(ref left, row));
            b0 = TLanes.MultiplyAdd(x, y0, b0);
            b1 = TLanes.MultiplyAdd(x, y1, b1);
            x = TLanes.Broadcast(Unsafe.Add(ref left, 2 * row));
            c0 = TLanes.MultiplyAdd(x, y0, c0);
            c1 = TLanes.MultiplyAdd(x, y1, c1);
            x = TLanes.Broadcast(Unsafe.Add(ref left, row3));
            d0 = TLanes.MultiplyAdd(x, y0, d0);
            d1 = TLanes.MultiplyAdd(x, y1, d1);
            x = TLanes.Broadcast(Unsafe.Add(ref left, 4 * row));
            e0 = TLanes.MultiplyAdd(x, y0, e0);
            e1 = TLanes.MultiplyAdd(x, y1, e1);
            x = TLanes.Broadcast(Unsafe.Add(ref left, row5));
            f0 = TLanes.MultiplyAdd(x, y0, f0);
            f1 = TLanes.MultiplyAdd(x, y1, f1);
            left = ref Unsafe.Add(ref left, step);
            right = ref Unsafe.Add(ref right, rightStep);
        }
        Store(ref c, a0, a1, add);
        Store(ref Unsafe.Add(ref c, cRow), b0, b1, add);
        Store(ref Unsafe.Add(ref c, 2 * cRow), c0, c1, add);
        Store(ref Unsafe.Add(ref c, 3 * cRow), d0, d1, add);
        Store(ref Unsafe.Add(ref c, 4 * cRow), e0, e1, add);
        Store(ref Unsafe.Add(ref c, 5 * cRow), f0, f1, add);
    }

    private static void Four(
        ref float left,
        nint row,
        nint step,
        ref float right,
        nint rightStep,
        int depth,
        ref float c,
        nint cRow,
        bool add
    )
    {
        TVector zero = TLanes.Broadcast(0);
        TVector a0 = zero,
            a1 = zero,
            b0 = zero,
            b1 = zero,
            c0 = zero,
            c1 = zero,
            d0 = zero,
            d1 = zero;
        for (int p = 0; p < depth; p++)
        {
            TVector y0 = TLanes.Load(ref right, 0),
                y1 = TLanes.Load(ref right, (nuint)TLanes.Count);
            TVector x = TLanes.Broadcast(left);
            a0 = TLanes.MultiplyAdd(x, y0, a0);
            a1 = TLanes.MultiplyAdd(x, y1, a1);
            x = TLanes.Broadcast(Unsafe.Add(ref left, row));
            b0 = TLanes.MultiplyAdd(x, y0, b0);
            b1 = TLanes.MultiplyAdd(x, y1, b1);
            x = TLanes.Broadcast(Unsafe.Add(ref left, 2 * row));
            c0 = TLanes.MultiplyAdd(x, y0, c0);
            c1 = TLanes.MultiplyAdd(x, y1, c1);
            x = TLanes.Broadcast(Unsafe.Add(ref left, 3 * row));
            d0 = TLanes.MultiplyAdd(x, y0, d0);
            d1 = TLanes.MultiplyAdd(x, y1, d1);
            left = ref Unsafe.Add(ref left, step);
            right = ref Unsafe.Add(ref right, rightStep);
        }
        Store(ref c, a0, a1, add);
        Store(ref Unsafe.Add(ref c, cRow), b0, b1, add);
        Store(ref Unsafe.Add(ref c, 2 * cRow), c0, c1, add);
        Store(ref Unsafe.Add(ref c, 3 * cRow), d0, d1, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ref float c, TVector first, TVector second, bool add)
    {
        if (add)
        {
            first = TLanes.Add(TLanes.Load(ref c, 0), first);
            second = TLanes.Add(TLanes.Load(ref c, (nuint)TLanes.Count), second);
        }
        TLanes.Store(first, ref c, 0);
        TLanes.Store(second, ref c, (nuint)TLanes.Count);
    }
}
