using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Kernels.Products;

/// <summary>
/// An operand as tiles read it: panels of some rows (columns, for the right operand), each read step by step along the depth.
/// Panels are copies in that very order, or the operand where it is; the last one, if it is cut by the edge, is always a copy
/// filled up with zeros.
/// </summary>
/// <param name="First">Address of the first panel.</param>
/// <param name="Panel">Distance of panels, elements.</param>
/// <param name="Side">Distance of the rows in a panel.</param>
/// <param name="Step">Distance along the depth.</param>
/// <param name="Width">Rows of a panel.</param>
/// <param name="Edge">Address of the copy of the panel at the edge.</param>
internal readonly unsafe record struct DensePanels(nint First, nint Panel, nint Side, nint Step, int Width, nint Edge)
{
    /// <summary>Elements that the copies need.</summary>
    /// <param name="height">Rows of the operand.</param>
    /// <param name="depth">Elements of each.</param>
    /// <param name="width">Rows of a panel.</param>
    public static int Room(int height, int depth, int width) => (height + width - 1) / width * width * depth;

    /// <summary>Copies an operand.</summary>
    /// <param name="source">Its first element.</param>
    /// <param name="side">Distance of its rows.</param>
    /// <param name="step">Distance along the depth.</param>
    /// <param name="height">Rows.</param>
    /// <param name="depth">Elements of each.</param>
    /// <param name="width">Rows of a panel.</param>
    /// <param name="target">Room for the copies.</param>
    public static DensePanels Copy(nint source, nint side, nint step, int height, int depth, int width, float* target)
    {
        for (int first = 0; first < height; first += width)
        {
            Fill((float*)source + first * side, side, step, Math.Min(width, height - first), depth, width, target + (nint)first * depth);
        }
        return new((nint)target, (nint)width * depth, 1, width, width, (nint)(target + (nint)(height / width * width) * depth));
    }

    /// <summary>Reads an operand where it is, but for the panel at the edge.</summary>
    /// <param name="source">Its first element.</param>
    /// <param name="side">Distance of its rows.</param>
    /// <param name="step">Distance along the depth.</param>
    /// <param name="height">Rows.</param>
    /// <param name="depth">Elements of each.</param>
    /// <param name="width">Rows of a panel.</param>
    /// <param name="target">Room for one copy.</param>
    public static DensePanels InPlace(nint source, nint side, nint step, int height, int depth, int width, float* target)
    {
        int whole = height / width * width;
        if (whole < height)
        {
            Fill((float*)source + whole * side, side, step, height - whole, depth, width, target);
        }
        return new(source, width * side, side, step, width, (nint)target);
    }

    /// <summary>A panel: where it begins, its distances.</summary>
    /// <param name="index">Index of the panel.</param>
    /// <param name="atEdge">Whether it is cut by the edge.</param>
    public (nint First, nint Side, nint Step) this[int index, bool atEdge] =>
        atEdge ? (Edge, 1, Width) : (First + index * Panel * sizeof(float), Side, Step);

    private static void Fill(float* source, nint side, nint step, int rows, int depth, int width, float* panel)
    {
        if (rows < width)
        {
            new Span<float>(panel, width * depth).Clear();
        }
        if (side == 1)
        {
            for (int p = 0; p < depth; p++, source += step, panel += width)
            {
                Copy(source, panel, rows);
            }
            return;
        }
        int row = 0;
        if (Sse.IsSupported && step == 1)
        {
            for (; row + 4 <= rows; row += 4)
            {
                TransposeFour(source + row * side, side, depth, width, panel + row);
            }
        }
        for (; row < rows; row++)
        {
            float* from = source + row * side,
                to = panel + row;
            for (int p = 0; p < depth; p++, from += step, to += width)
            {
                *to = *from;
            }
        }
    }

    /// <summary>A few floats: a call of memmove would take longer.</summary>
    private static void Copy(float* from, float* to, int count)
    {
        int i = 0;
        for (; i + 4 <= count; i += 4)
        {
            Vector128.Load(from + i).Store(to + i);
        }
        for (; i < count; i++)
        {
            to[i] = from[i];
        }
    }

    /// <summary>Four rows of the depth, sixteen elements at a time.</summary>
    private static void TransposeFour(float* from, nint side, int depth, int width, float* to)
    {
        int p = 0;
        for (; Avx512F.IsSupported && p + 16 <= depth; p += 16, from += 16, to += 16 * width)
        {
            // the same in each 128 bits of wider vectors: 64 elements for the shuffles of 16
            Vector512<float> a = Vector512.Load(from),
                b = Vector512.Load(from + side),
                c = Vector512.Load(from + 2 * side),
                d = Vector512.Load(from + 3 * side);
            Vector512<double> ab = Avx512F.UnpackLow(a, b).AsDouble(),
                cd = Avx512F.UnpackLow(c, d).AsDouble();
            Vector512<double> abHigh = Avx512F.UnpackHigh(a, b).AsDouble(),
                cdHigh = Avx512F.UnpackHigh(c, d).AsDouble();
            StoreQuarters(Avx512F.UnpackLow(ab, cd).AsSingle(), to, width);
            StoreQuarters(Avx512F.UnpackHigh(ab, cd).AsSingle(), to + width, width);
            StoreQuarters(Avx512F.UnpackLow(abHigh, cdHigh).AsSingle(), to + 2 * width, width);
            StoreQuarters(Avx512F.UnpackHigh(abHigh, cdHigh).AsSingle(), to + 3 * width, width);
        }
        for (; p + 4 <= depth; p += 4, from += 4, to += 4 * width)
        {
            Vector128<float> a = Vector128.Load(from),
                b = Vector128.Load(from + side),
                c = Vector128.Load(from + 2 * side),
                d = Vector128.Load(from + 3 * side);
            Vector128<float> ab = Sse.UnpackLow(a, b),
                cd = Sse.UnpackLow(c, d),
                abHigh = Sse.UnpackHigh(a, b),
                cdHigh = Sse.UnpackHigh(c, d);
            Sse.MoveLowToHigh(ab, cd).Store(to);
            Sse.MoveHighToLow(cd, ab).Store(to + width);
            Sse.MoveLowToHigh(abHigh, cdHigh).Store(to + 2 * width);
            Sse.MoveHighToLow(cdHigh, abHigh).Store(to + 3 * width);
        }
        for (; p < depth; p++, from++, to += width)
        {
            (to[0], to[1], to[2], to[3]) = (from[0], from[side], from[2 * side], from[3 * side]);
        }
    }

    /// <summary>128 bits each to every fourth step of the depth.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreQuarters(Vector512<float> values, float* to, int width)
    {
        values.GetLower().GetLower().Store(to);
        Avx512F.ExtractVector128(values, 1).Store(to + 4 * width);
        Avx512F.ExtractVector128(values, 2).Store(to + 8 * width);
        Avx512F.ExtractVector128(values, 3).Store(to + 12 * width);
    }
}
