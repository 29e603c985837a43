using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Products;

/// <summary>
/// Products of rows of plain floats with a few vectors: two rows meet four vectors in registers, so a weight is converted once for four
/// products and an activation is loaded once for two.
/// </summary>
internal static class PlainTile
{
    /// <summary>So many vectors are faster by panels.</summary>
    public const int TooMany = 64;

    private const int Vectors = 4;

    /// <summary>Steps of a chain of roundings. With 512 bits they are 1024 columns: four vectors of them fit a first-level cache.</summary>
    private const int Chain = 64;

    /// <summary>Rows times vectors.</summary>
    /// <param name="type">Type of the weights.</param>
    /// <param name="weights">The rows.</param>
    /// <param name="rowBytes">Distance of rows.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="x"><c>batch × columns</c> activations.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="y">Receives the sums: those of a vector follow each other.</param>
    /// <param name="stride">Distance in <paramref name="y"/> between vectors.</param>
    public static void Run(
        PlainFloat type,
        ReadOnlySpan<byte> weights,
        int rowBytes,
        int rows,
        ReadOnlySpan<float> x,
        int columns,
        Span<float> y,
        int stride
    )
    {
        switch (type)
        {
            case PlainFloat.Float32:
                Run<Binary32>(weights, rowBytes, rows, x, columns, y, stride);
                break;
            case PlainFloat.Float16:
                Run<Binary16>(weights, rowBytes, rows, x, columns, y, stride);
                break;
            default:
                Run<Brain16>(weights, rowBytes, rows, x, columns, y, stride);
                break;
        }
    }

    private static void Run<TType>(
        ReadOnlySpan<byte> weights,
        int rowBytes,
        int rows,
        ReadOnlySpan<float> x,
        int columns,
        Span<float> y,
        int stride
    )
        where TType : struct, IPlainType
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Run<TType, Vector512<float>, FloatLanes512>(weights, rowBytes, rows, x, columns, y, stride);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Run<TType, Vector256<float>, FloatLanes256>(weights, rowBytes, rows, x, columns, y, stride);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Run<TType, Vector128<float>, FloatLanes128>(weights, rowBytes, rows, x, columns, y, stride);
        }
        else
        {
            Run<TType, float, FloatLanes32>(weights, rowBytes, rows, x, columns, y, stride);
        }
    }

    private static void Run<TType, TVector, TLanes>(
        ReadOnlySpan<byte> weights,
        int rowBytes,
        int rows,
        ReadOnlySpan<float> x,
        int columns,
        Span<float> y,
        int stride
    )
        where TType : struct, IPlainType
        where TVector : struct
        where TLanes : struct, ICodeLanes<TVector>
    {
        int batch = x.Length / columns,
            width = Chain * TLanes.Count;
        for (int column = 0; column < columns; column += width)
        {
            int count = Math.Min(width, columns - column);
            ReadOnlySpan<byte> part = weights.Slice(TType.Bytes * column, (rows - 1) * rowBytes + TType.Bytes * count);
            if (TType.IsSlow && batch > Vectors)
            {
                Span<float> converted = Convert<TType, TVector, TLanes>(part, rowBytes, rows, count);
                Run<Binary32, TVector, TLanes>(MemoryMarshal.AsBytes(converted), 4 * count, rows, x, columns, column, count, y, stride);
            }
            else
            {
                Run<TType, TVector, TLanes>(part, rowBytes, rows, x, columns, column, count, y, stride);
            }
        }
    }

    /// <summary>Some columns of the rows as float32, in the thread's workspace.</summary>
    private static unsafe Span<float> Convert<TType, TVector, TLanes>(ReadOnlySpan<byte> weights, int rowBytes, int rows, int count)
        where TType : struct, IPlainType
        where TVector : struct
        where TLanes : struct, ICodeLanes<TVector>
    {
        var floats = new Span<float>(DenseWorkspace.Mine.Left(rows * count), rows * count);
        for (int row = 0; row < rows; row++)
        {
            ref byte source = ref MemoryMarshal.GetReference(weights.Slice(row * rowBytes, TType.Bytes * count));
            ref float target = ref MemoryMarshal.GetReference(floats.Slice(row * count, count));
            nuint i = 0;
            for (; i + (nuint)TLanes.Count <= (nuint)count; i += (nuint)TLanes.Count)
            {
                TLanes.Store(TType.Load<TVector, TLanes>(ref source, i), ref target, i);
            }
            for (; i < (nuint)count; i++)
            {
                Unsafe.Add(ref target, i) = TType.Load<float, FloatLanes32>(ref source, i);
            }
        }
        return floats;
    }

    /// <summary>Some columns of the rows, from <paramref name="column"/> of the vectors on.</summary>
    private static void Run<TType, TVector, TLanes>(
        ReadOnlySpan<byte> weights,
        int rowBytes,
        int rows,
        ReadOnlySpan<float> x,
        int columns,
        int column,
        int count,
        Span<float> y,
        int stride
    )
        where TType : struct, IPlainType
        where TVector : struct
        where TLanes : struct, ICodeLanes<TVector>
    {
        Span<float> sums = stackalloc float[2 * Vectors];
        int batch = x.Length / columns;
        for (int v = 0; v < batch; v += Vectors)
        {
            int many = Math.Min(Vectors, batch - v);
            ReadOnlySpan<float> part = x.Slice(v * columns + column, (many - 1) * columns + count);
            for (int row = 0; row < rows; row += 2)
            {
                // a row that is not there is the first once more
                int two = Math.Min(2, rows - row);
                ReadOnlySpan<byte> pair = weights.Slice(row * rowBytes, (two - 1) * rowBytes + TType.Bytes * count);
                Tile<TType, TVector, TLanes>(pair, two == 2 ? rowBytes : 0, part, columns, count, sums);
                for (int i = 0; i < many; i++)
                {
                    Span<float> target = y.Slice((v + i) * stride + row, two);
                    for (int r = 0; r < two; r++)
                    {
                        target[r] = column == 0 ? sums[2 * i + r] : target[r] + sums[2 * i + r];
                    }
                }
            }
        }
    }

    /// <summary>Two rows times one to four vectors; sums of a vector with both rows follow each other.</summary>
    private static void Tile<TType, TVector, TLanes>(
        ReadOnlySpan<byte> rows,
        int rowBytes,
        ReadOnlySpan<float> x,
        int stride,
        int count,
        Span<float> sums
    )
        where TType : struct, IPlainType
        where TVector : struct
        where TLanes : struct, ICodeLanes<TVector>
    {
        ref byte a = ref MemoryMarshal.GetReference(rows),
            b = ref Unsafe.Add(ref a, rowBytes);
        // a vector that is not there is the first once more
        ref float x0 = ref MemoryMarshal.GetReference(x),
            x1 = ref Unsafe.Add(ref x0, x.Length > stride ? stride : 0),
            x2 = ref Unsafe.Add(ref x0, x.Length > 2 * stride ? 2 * stride : 0),
            x3 = ref Unsafe.Add(ref x0, x.Length > 3 * stride ? 3 * stride : 0);
        TVector a0 = TLanes.Broadcast(0f),
            a1 = a0,
            a2 = a0,
            a3 = a0,
            b0 = a0,
            b1 = a0,
            b2 = a0,
            b3 = a0;
        nuint i = 0,
            step = (nuint)TLanes.Count;
        for (; i + step <= (nuint)count; i += step)
        {
            TVector first = TType.Load<TVector, TLanes>(ref a, i),
                second = TType.Load<TVector, TLanes>(ref b, i);
            TVector activations = TLanes.Load(ref x0, i);
            a0 = TLanes.Estimate(first, activations, a0);
            b0 = TLanes.Estimate(second, activations, b0);
            activations = TLanes.Load(ref x1, i);
            a1 = TLanes.Estimate(first, activations, a1);
            b1 = TLanes.Estimate(second, activations, b1);
            activations = TLanes.Load(ref x2, i);
            a2 = TLanes.Estimate(first, activations, a2);
            b2 = TLanes.Estimate(second, activations, b2);
            activations = TLanes.Load(ref x3, i);
            a3 = TLanes.Estimate(first, activations, a3);
            b3 = TLanes.Estimate(second, activations, b3);
        }
        // before anything is called, so that all sums stay in registers
        sums[7] = TLanes.Sum(b3);
        sums[6] = TLanes.Sum(a3);
        sums[5] = TLanes.Sum(b2);
        sums[4] = TLanes.Sum(a2);
        sums[3] = TLanes.Sum(b1);
        sums[2] = TLanes.Sum(a1);
        sums[1] = TLanes.Sum(b0);
        sums[0] = TLanes.Sum(a0);
        if (i < (nuint)count)
        {
            for (int v = 0; v * stride < x.Length; v++)
            {
                sums[2 * v] += Rest<TType>(ref a, ref Unsafe.Add(ref x0, v * stride), i, count);
                sums[2 * v + 1] += Rest<TType>(ref b, ref Unsafe.Add(ref x0, v * stride), i, count);
            }
        }
    }

    /// <summary>Products from an index on.</summary>
    private static float Rest<TType>(ref byte w, ref float x, nuint from, int count)
        where TType : struct, IPlainType
    {
        double sum = 0;
        for (nuint i = from; i < (nuint)count; i++)
        {
            sum += (double)TType.Load<float, FloatLanes32>(ref w, i) * Unsafe.Add(ref x, i);
        }
        return (float)sum;
    }
}
