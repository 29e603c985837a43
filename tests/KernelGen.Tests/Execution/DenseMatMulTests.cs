using System.Runtime.Intrinsics;
using KernelGen.Kernels.Products;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Tests.Execution;

/// <summary>
/// Dense products against sums in double precision, and against each other: every width and number of threads gives the same bits.
/// </summary>
public class DenseMatMulTests
{
    /// <summary>
    /// m, n, k: single elements, edges of tiles of every width, more than one block of the depth, of rows and of columns.
    /// </summary>
    public static TheoryData<int, int, int> Shapes =>
        new()
        {
            { 1, 1, 1 },
            { 1, 33, 7 },
            { 5, 3, 300 },
            { 12, 32, 256 },
            { 13, 31, 257 },
            { 6, 16, 5 },
            { 97, 130, 64 },
            { 200, 40, 70 },
            { 25, 1100, 9 },
            { 31, 1, 513 },
        };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Products_are_right_for_every_order_of_the_operands(int m, int n, int k)
    {
        foreach (bool transposeA in (bool[])[false, true])
        {
            foreach (bool transposeB in (bool[])[false, true])
            {
                float[] a = Values(m * k, 1),
                    b = Values(k * n, 2),
                    c = Values(m * n, 3),
                    sum = [.. c];
                DenseMatMul.Multiply(a, transposeA, b, transposeB, c, m, n, k);
                DenseMatMul.Multiply(a, transposeA, b, transposeB, sum, m, n, k, accumulate: true);
                float[] before = Values(m * n, 3);
                for (int i = 0; i < m; i++)
                {
                    for (int j = 0; j < n; j++)
                    {
                        (double exact, double size) = (0, 0);
                        for (int p = 0; p < k; p++)
                        {
                            double product = (double)a[transposeA ? p * m + i : i * k + p] * b[transposeB ? j * k + p : p * n + j];
                            (exact, size) = (exact + product, size + Math.Abs(product));
                        }
                        double bound = (size + Math.Abs(before[i * n + j])) * (k + 2) * 6e-8;
                        Assert.InRange(c[i * n + j], exact - bound, exact + bound);
                        Assert.InRange(sum[i * n + j], exact + before[i * n + j] - bound, exact + before[i * n + j] + bound);
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_width_gives_the_same_bits(int m, int n, int k)
    {
        float[] a = Values(m * k, 4),
            b = Values(n * k, 5);
        float[] one = Run<float, FloatLanes32>(a, b, m, n, k);
        Assert.Equal(one, Run<Vector128<float>, FloatLanes128>(a, b, m, n, k));
        Assert.Equal(one, Run<Vector256<float>, FloatLanes256>(a, b, m, n, k));
        Assert.Equal(one, Run<Vector512<float>, FloatLanes512>(a, b, m, n, k));
    }

    [Theory]
    [InlineData(700, 33, 300)]
    [InlineData(33, 700, 300)]
    [InlineData(400, 400, 400)]
    public void Every_number_of_threads_gives_the_same_bits(int m, int n, int k)
    {
        float[] a = Values(m * k, 6),
            b = Values(n * k, 7),
            one = new float[m * n],
            more = new float[m * n];
        DenseMatMul.Multiply(a, false, b, true, one, m, n, k, threads: 1);
        foreach (int threads in (int[])[2, 3, 8])
        {
            Array.Fill(more, float.NaN);
            DenseMatMul.Multiply(a, false, b, true, more, m, n, k, threads: threads);
            Assert.Equal(one, more);
        }
    }

    [Fact]
    public void An_empty_sum_is_zero_and_adds_nothing()
    {
        float[] c = [1, 2, 3, 4];
        DenseMatMul.Multiply([], false, [], false, c, 2, 2, 0, accumulate: true);
        Assert.Equal([1, 2, 3, 4], c);
        DenseMatMul.Multiply([], false, [], false, c, 2, 2, 0);
        Assert.Equal([0, 0, 0, 0], c);
    }

    [Fact]
    public void Infinities_and_NaN_stay_in_their_row_and_column()
    {
        float[] a = Values(7 * 5, 8),
            b = Values(5 * 9, 9),
            c = new float[7 * 9];
        (a[2 * 5 + 1], b[3 * 9 + 4]) = (float.PositiveInfinity, float.NaN);
        DenseMatMul.Multiply(a, false, b, false, c, 7, 9, 5);
        for (int i = 0; i < c.Length; i++)
        {
            Assert.Equal(i / 9 == 2 || i % 9 == 4, !float.IsFinite(c[i]));
        }
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_named()
    {
        ArgumentException wrong = Assert.Throws<ArgumentException>(() =>
            DenseMatMul.Multiply(new float[6], false, new float[8], false, new float[6], 2, 3, 3)
        );
        Assert.StartsWith("b holds 8 elements; 3 × 3 need 9.", wrong.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => DenseMatMul.Multiply([], false, [], false, [], -1, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => DenseMatMul.Multiply([], false, [], false, [], 0, 0, 0, threads: 0));
    }

    private static unsafe float[] Run<TVector, TLanes>(float[] a, float[] b, int m, int n, int k)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        float[] c = new float[m * n];
        fixed (
            float* left = a,
                right = b,
                result = c
        )
        {
            DenseProduct<TVector, TLanes>.Run(
                DenseOperand.Of(left, m, k, false),
                DenseOperand.Of(right, k, n, true),
                DenseOperand.Of(result, m, n, false),
                m,
                n,
                k,
                add: false
            );
        }
        return c;
    }

    private static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
    }
}
