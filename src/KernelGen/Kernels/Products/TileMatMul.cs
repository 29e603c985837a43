using System.Buffers;
using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelGen.Kernels.Products;

/// <summary>
/// Matmul for many activation vectors: four rows are decoded into a tile that stays in L1 and is then multiplied with
/// all activation vectors, four at a time, sixteen accumulators in registers.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TileMatMul
{
    /// <summary>Up to so many activation vectors decoding in registers is faster than a tile.</summary>
    public const int SmallBatch = 8;

    private const int TileRows = 4;

    /// <summary>Columns of a tile, about: four rows of it and four activation slices fill half of a 32 KB L1.</summary>
    private const int TileColumns = 512;

    /// <summary><c>y[b · yStride + r] = Σ_k W[r, k] · x[b · columns + k]</c>.</summary>
    /// <typeparam name="TFormat">The format.</typeparam>
    /// <param name="packed">Packed rows without tensor header.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="tensorScale">The decoded tensor header.</param>
    /// <param name="x"><c>batch × columns</c> activations.</param>
    /// <param name="batch">Activation vectors.</param>
    /// <param name="y">Receives the sums.</param>
    /// <param name="yStride">Distance between results of successive activation vectors.</param>
    public static void Run<TFormat>(
        ReadOnlySpan<byte> packed,
        int rows,
        int columns,
        float tensorScale,
        ReadOnlySpan<float> x,
        int batch,
        Span<float> y,
        int yStride
    )
        where TFormat : struct, ICompressedFormat<TFormat>
    {
        int rowBytes = TFormat.Info.RowBytes(columns),
            block = TFormat.Info.Block;
        int width = Math.Max(1, TileColumns / block) * block;
        float[] rented = ArrayPool<float>.Shared.Rent(TileRows * width);
        Span<float> tile = rented.AsSpan(0, TileRows * width);
        try
        {
            for (int column = 0; column < columns; column += width)
            {
                int count = Math.Min(width, columns - column);
                for (int row = 0; row < rows; row += TileRows)
                {
                    int height = Math.Min(TileRows, rows - row);
                    for (int i = 0; i < TileRows; i++)
                    {
                        // rows past the end repeat the last one, so that the inner kernel has one shape
                        int source = Math.Min(row + i, rows - 1);
                        TFormat.UnpackSegment(packed.Slice(source * rowBytes, rowBytes), column, tensorScale, tile.Slice(i * width, count));
                    }
                    Multiply(tile, width, height, x[column..], columns, batch, count, y[row..], yStride, add: column > 0);
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    private static void Multiply(
        ReadOnlySpan<float> tile,
        int width,
        int height,
        ReadOnlySpan<float> x,
        int xStride,
        int batch,
        int count,
        Span<float> y,
        int yStride,
        bool add
    )
    {
        Span<float> sums = stackalloc float[16];
        ref float w = ref MemoryMarshal.GetReference(tile);
        for (int b = 0; b < batch; b += 4)
        {
            int many = Math.Min(4, batch - b);
            ref float x0 = ref Unsafe.Add(ref MemoryMarshal.GetReference(x), (nint)b * xStride);
            // activation vectors past the end repeat the last one
            ref float x1 = ref Unsafe.Add(ref x0, many > 1 ? xStride : 0);
            ref float x2 = ref Unsafe.Add(ref x1, many > 2 ? xStride : 0);
            ref float x3 = ref Unsafe.Add(ref x2, many > 3 ? xStride : 0);
            if (Vector512.IsHardwareAccelerated)
            {
                Dots512(ref w, width, ref x0, ref x1, ref x2, ref x3, count, sums);
            }
            else
            {
                // two rows at a time: eight accumulators fit the sixteen registers of narrower machines
                DotsTwoRows(ref w, width, ref x0, ref x1, ref x2, ref x3, count, sums[..8]);
                DotsTwoRows(ref Unsafe.Add(ref w, 2 * width), width, ref x0, ref x1, ref x2, ref x3, count, sums[8..]);
            }
            for (int j = 0; j < many; j++)
            {
                Span<float> target = y.Slice((b + j) * yStride, height);
                for (int i = 0; i < height; i++)
                {
                    target[i] = add ? target[i] + sums[i * 4 + j] : sums[i * 4 + j];
                }
            }
        }
    }

    private static void Dots512(ref float w, int width, ref float x0, ref float x1, ref float x2, ref float x3, int count, Span<float> sums)
    {
        Vector512<float> s00 = default,
            s01 = default,
            s02 = default,
            s03 = default,
            s10 = default,
            s11 = default,
            s12 = default,
            s13 = default;
        Vector512<float> s20 = default,
            s21 = default,
            s22 = default,
            s23 = default,
            s30 = default,
            s31 = default,
            s32 = default,
            s33 = default;
        ref float w1 = ref Unsafe.Add(ref w, width),
            w2 = ref Unsafe.Add(ref w1, width),
            w3 = ref Unsafe.Add(ref w2, width);
        int k = 0;
        for (; k <= count - 16; k += 16)
        {
            nuint at = (nuint)k;
            Vector512<float> a = Vector512.LoadUnsafe(ref x0, at),
                b = Vector512.LoadUnsafe(ref x1, at);
            Vector512<float> c = Vector512.LoadUnsafe(ref x2, at),
                d = Vector512.LoadUnsafe(ref x3, at);
            Vector512<float> v = Vector512.LoadUnsafe(ref w, at);
            s00 = Vector512.MultiplyAddEstimate(v, a, s00);
            s01 = Vector512.MultiplyAddEstimate(v, b, s01);
            s02 = Vector512.MultiplyAddEstimate(v, c, s02);
            s03 = Vector512.MultiplyAddEstimate(v, d, s03);
            v = Vector512.LoadUnsafe(ref w1, at);
            s10 = Vector512.MultiplyAddEstimate(v, a, s10);
            s11 = Vector512.MultiplyAddEstimate(v, b, s11);
            s12 = Vector512.MultiplyAddEstimate(v, c, s12);
            s13 = Vector512.MultiplyAddEstimate(v, d, s13);
            v = Vector512.LoadUnsafe(ref w2, at);
            s20 = Vector512.MultiplyAddEstimate(v, a, s20);
            s21 = Vector512.MultiplyAddEstimate(v, b, s21);
            s22 = Vector512.MultiplyAddEstimate(v, c, s22);
            s23 = Vector512.MultiplyAddEstimate(v, d, s23);
            v = Vector512.LoadUnsafe(ref w3, at);
            s30 = Vector512.MultiplyAddEstimate(v, a, s30);
            s31 = Vector512.MultiplyAddEstimate(v, b, s31);
            s32 = Vector512.MultiplyAddEstimate(v, c, s32);
            s33 = Vector512.MultiplyAddEstimate(v, d, s33);
        }
        sums[0] = Vector512.Sum(s00);
        sums[1] = Vector512.Sum(s01);
        sums[2] = Vector512.Sum(s02);
        sums[3] = Vector512.Sum(s03);
        sums[4] = Vector512.Sum(s10);
        sums[5] = Vector512.Sum(s11);
        sums[6] = Vector512.Sum(s12);
        sums[7] = Vector512.Sum(s13);
        sums[8] = Vector512.Sum(s20);
        sums[9] = Vector512.Sum(s21);
        sums[10] = Vector512.Sum(s22);
        sums[11] = Vector512.Sum(s23);
        sums[12] = Vector512.Sum(s30);
        sums[13] = Vector512.Sum(s31);
        sums[14] = Vector512.Sum(s32);
        sums[15] = Vector512.Sum(s33);
        Rest(ref w, width, 4, ref x0, ref x1, ref x2, ref x3, k, count, sums);
    }

    private static void DotsTwoRows(
        ref float w,
        int width,
        ref float x0,
        ref float x1,
        ref float x2,
        ref float x3,
        int count,
        Span<float> sums
    )
    {
        ref float w1 = ref Unsafe.Add(ref w, width);
        int k = 0;
        sums.Clear();
        if (Vector256.IsHardwareAccelerated)
        {
            Vector256<float> s00 = default,
                s01 = default,
                s02 = default,
                s03 = default,
                s10 = default,
                s11 = default,
                s12 = default,
                s13 = default;
            for (; k <= count - 8; k += 8)
            {
                nuint at = (nuint)k;
                Vector256<float> v = Vector256.LoadUnsafe(ref w, at),
                    u = Vector256.LoadUnsafe(ref w1, at);
                Vector256<float> a = Vector256.LoadUnsafe(ref x0, at),
                    b = Vector256.LoadUnsafe(ref x1, at);
                s00 = Vector256.MultiplyAddEstimate(v, a, s00);
                s10 = Vector256.MultiplyAddEstimate(u, a, s10);
                s01 = Vector256.MultiplyAddEstimate(v, b, s01);
                s11 = Vector256.MultiplyAddEstimate(u, b, s11);
                a = Vector256.LoadUnsafe(ref x2, at);
                b = Vector256.LoadUnsafe(ref x3, at);
                s02 = Vector256.MultiplyAddEstimate(v, a, s02);
                s12 = Vector256.MultiplyAddEstimate(u, a, s12);
                s03 = Vector256.MultiplyAddEstimate(v, b, s03);
                s13 = Vector256.MultiplyAddEstimate(u, b, s13);
            }
            sums[0] = Vector256.Sum(s00);
            sums[1] = Vector256.Sum(s01);
            sums[2] = Vector256.Sum(s02);
            sums[3] = Vector256.Sum(s03);
            sums[4] = Vector256.Sum(s10);
            sums[5] = Vector256.Sum(s11);
            sums[6] = Vector256.Sum(s12);
            sums[7] = Vector256.Sum(s13);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Vector128<float> s00 = default,
                s01 = default,
                s02 = default,
                s03 = default,
                s10 = default,
                s11 = default,
                s12 = default,
                s13 = default;
            for (; k <= count - 4; k += 4)
            {
                nuint at = (nuint)k;
                Vector128<float> v = Vector128.LoadUnsafe(ref w, at),
                    u = Vector128.LoadUnsafe(ref w1, at);
                Vector128<float> a = Vector128.LoadUnsafe(ref x0, at),
                    b = Vector128.LoadUnsafe(ref x1, at);
                s00 = Vector128.MultiplyAddEstimate(v, a, s00);
                s10 = Vector128.MultiplyAddEstimate(u, a, s10);
                s01 = Vector128.MultiplyAddEstimate(v, b, s01);
                s11 = Vector128.MultiplyAddEstimate(u, b, s11);
                a = Vector128.LoadUnsafe(ref x2, at);
                b = Vector128.LoadUnsafe(ref x3, at);
                s02 = Vector128.MultiplyAddEstimate(v, a, s02);
                s12 = Vector128.MultiplyAddEstimate(u, a, s12);
                s03 = Vector128.MultiplyAddEstimate(v, b, s03);
                s13 = Vector128.MultiplyAddEstimate(u, b, s13);
            }
            sums[0] = Vector128.Sum(s00);
            sums[1] = Vector128.Sum(s01);
            sums[2] = Vector128.Sum(s02);
            sums[3] = Vector128.Sum(s03);
            sums[4] = Vector128.Sum(s10);
            sums[5] = Vector128.Sum(s11);
            sums[6] = Vector128.Sum(s12);
            sums[7] = Vector128.Sum(s13);
        }
        Rest(ref w, width, 2, ref x0, ref x1, ref x2, ref x3, k, count, sums);
    }

    /// <summary>
    /// The columns that fill no vector; all of them where there are none. In double, as one float32 sum over a long row of
    /// products of the same sign would round the same way each time.
    /// </summary>
    private static void Rest(
        ref float w,
        int width,
        int rows,
        ref float x0,
        ref float x1,
        ref float x2,
        ref float x3,
        int start,
        int count,
        Span<float> sums
    )
    {
        for (int i = 0; i < rows; i++)
        {
            double a = sums[i * 4],
                b = sums[i * 4 + 1],
                c = sums[i * 4 + 2],
                d = sums[i * 4 + 3];
            for (int k = start; k < count; k++)
            {
                double weight = Unsafe.Add(ref w, i * width + k);
                a += weight * Unsafe.Add(ref x0, k);
                b += weight * Unsafe.Add(ref x1, k);
                c += weight * Unsafe.Add(ref x2, k);
                d += weight * Unsafe.Add(ref x3, k);
            }
            (sums[i * 4], sums[i * 4 + 1], sums[i * 4 + 2], sums[i * 4 + 3]) = ((float)a, (float)b, (float)c, (float)d);
        }
    }
}
