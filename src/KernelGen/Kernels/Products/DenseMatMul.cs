using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Threads;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Products;

/// <summary>
/// Products of dense float32 matrices: what training and the layers that no one compresses need. Each sum is added in the same
/// order regardless of the width of the vectors and the number of threads, so that results are the same bit for bit.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static unsafe class DenseMatMul
{
    /// <summary>A thread gets at least so many multiply–adds: some 10 µs.</summary>
    private const long SmallestPart = 1 << 20;

    /// <summary><c>c = op(a) · op(b)</c>, or <c>c += op(a) · op(b)</c>; all matrices are row-major without gaps.</summary>
    /// <param name="a">m × k, or k × m if transposed.</param>
    /// <param name="transposeA">Whether op(a) is the transpose of a.</param>
    /// <param name="b">k × n, or n × k if transposed.</param>
    /// <param name="transposeB">Whether op(b) is the transpose of b.</param>
    /// <param name="c">m × n, receives the product.</param>
    /// <param name="m">Rows of the result.</param>
    /// <param name="n">Columns of the result.</param>
    /// <param name="k">Products in each sum; 0 gives a result of zeros.</param>
    /// <param name="accumulate">Whether the product is added to what <paramref name="c"/> holds.</param>
    /// <param name="threads">Threads, at least 1.</param>
    /// <exception cref="ArgumentException">A length is negative or does not fit the matrix; the message names both.</exception>
    public static void Multiply(
        ReadOnlySpan<float> a,
        bool transposeA,
        ReadOnlySpan<float> b,
        bool transposeB,
        Span<float> c,
        int m,
        int n,
        int k,
        bool accumulate = false,
        int threads = 1
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Check(a.Length, m, k, nameof(a));
        Check(b.Length, k, n, nameof(b));
        Check(c.Length, m, n, nameof(c));
        if (k == 0 && !accumulate)
        {
            c.Clear();
        }
        if (m == 0 || n == 0 || k == 0)
        {
            return;
        }
        fixed (
            float* left = a,
                right = b,
                result = c
        )
        {
            Run(
                DenseOperand.Of(left, m, k, transposeA),
                DenseOperand.Of(right, k, n, transposeB),
                DenseOperand.Of(result, m, n, false),
                m,
                n,
                k,
                accumulate,
                threads
            );
        }
    }

    private static void Run(DenseOperand a, DenseOperand b, DenseOperand c, int m, int n, int k, bool add, int threads)
    {
        int most = (int)Math.Clamp((long)m * n / 2 * k / (SmallestPart / 2), 1, threads);
        // Strips of whole tiles along the longer side, one a thread: what is cut twice is copied twice.
        int units = (Math.Max(m, n) + StripUnit - 1) / StripUnit;
        if (most == 1 || units == 1)
        {
            Part(a, b, c, m, n, k, add);
            return;
        }
        WorkerPool.Shared.Run(new Strips(a, b, c, m, n, k, add), units, new Grain((units + most - 1) / most), most, CancellationToken.None);
    }

    /// <summary>Sides of strips are multiples of it: whole tiles of all widths.</summary>
    private const int StripUnit = 96;

    private static void Part(DenseOperand a, DenseOperand b, DenseOperand c, int m, int n, int k, bool add)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            DenseProduct<Vector512<float>, FloatLanes512>.Run(a, b, c, m, n, k, add);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            DenseProduct<Vector256<float>, FloatLanes256>.Run(a, b, c, m, n, k, add);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            DenseProduct<Vector128<float>, FloatLanes128>.Run(a, b, c, m, n, k, add);
        }
        else
        {
            DenseProduct<float, FloatLanes32>.Run(a, b, c, m, n, k, add);
        }
    }

    private static void Check(int length, int rows, int columns, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        if (length != (long)rows * columns)
        {
            throw new ArgumentException($"{name} holds {length} elements; {rows} × {columns} need {(long)rows * columns}.", name);
        }
    }

    private sealed class Strips(DenseOperand a, DenseOperand b, DenseOperand c, int m, int n, int k, bool add) : StretchWork
    {
        public override void Run(int first, int count)
        {
            bool byRows = m >= n;
            int from = first * StripUnit,
                length = Math.Min((byRows ? m : n) - from, count * StripUnit);
            if (byRows)
            {
                Part(a.At(from, 0), b, c.At(from, 0), length, n, k, add);
            }
            else
            {
                Part(a, b.At(0, from), c.At(0, from), m, length, k, add);
            }
        }
    }
}
