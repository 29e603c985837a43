namespace KernelGen.Scaling;

/// <summary>
/// Capacities measured on trained models, from "Unified scaling laws for compressed representations" as collected in
/// this project's notes on capacity (docs/capacity.md has the tables), and the GMSE of the representations they belong to.
/// </summary>
public static class PublishedCapacity
{
    /// <summary>Rows: weight sparsity 0, .2, .4, .6, .8; columns: activation sparsity likewise.</summary>
    public static IReadOnlyList<IReadOnlyList<double>> SparsityBySparsity { get; } =
    [
        [1.00, .76, .50, .32, .19],
        [.84, .64, .42, .27, .17],
        [.65, .49, .34, .22, .15],
        [.47, .36, .25, .16, .12],
        [.27, .21, .16, .12, .08],
    ];

    /// <summary>Rows: weight bits 1, 2, 3, 4, 16; columns: activation bits likewise.</summary>
    public static IReadOnlyList<IReadOnlyList<double>> BitsByBits { get; } =
    [
        [.09, .15, .19, .20, .21],
        [.15, .30, .40, .45, .45],
        [.19, .42, .62, .70, .74],
        [.20, .46, .72, .85, .90],
        [.21, .48, .76, .91, 1.00],
    ];

    /// <summary>Rows: bits 2, 3, 4, 8, 16 of a uniform absmax quantiser; columns: weight sparsity 0, .1 … .9.</summary>
    public static IReadOnlyList<IReadOnlyList<double>> BitsBySparsity { get; } =
    [
        [.05, .09, .14, .13, .13, .08, .08, .09, .06, .02],
        [.58, .52, .48, .46, .44, .42, .38, .35, .30, .24],
        [.85, .81, .77, .72, .67, .62, .56, .49, .41, .31],
        [1.00, .95, .89, .84, .78, .71, .64, .56, .47, .35],
        [1.00, .95, .89, .84, .78, .72, .64, .56, .47, .35],
    ];

    /// <summary>
    /// Largest magnitude in standard deviations to which the absmax quantiser of <see cref="BitsBySparsity"/> is taken to
    /// scale. The size of its group is not published; of all magnitudes this one, to 0.1, leaves the least residuals,
    /// and it is what the largest of 10⁸ Gaussians comes to: one scale per tensor.
    /// </summary>
    public const double AbsMaxInSigma = 5.8;

    /// <summary>Magnitude sparsity of weights, .1 … .9: the 16-bit row.</summary>
    public static IReadOnlyList<CapacityPoint> Sparse =>
        [.. Enumerable.Range(1, 9).Select(i => new CapacityPoint(MagnitudeSparsity.Gmse(i / 10.0), BitsBySparsity[4][i]))];

    /// <summary>
    /// Uniform quantisation of weights (last column) and of activations (last row) to 1, 2, 3, 4 bits at the step of
    /// least Gaussian error.
    /// </summary>
    public static IReadOnlyList<CapacityPoint> Uniform =>
        [
            .. Enumerable.Range(0, 4).Select(i => new CapacityPoint(RateDistortion.UniformQuantiser(2 << i).Mse, BitsByBits[i][4])),
            .. Enumerable.Range(0, 4).Select(i => new CapacityPoint(RateDistortion.UniformQuantiser(2 << i).Mse, BitsByBits[4][i])),
        ];

    /// <summary>
    /// Magnitude sparsity .1 … .9 followed by uniform absmax quantisation to 3, 4 and 8 bits. The 2-bit row is left out:
    /// it rises with sparsity and falls again, so it is no function of the error.
    /// </summary>
    public static IReadOnlyList<CapacityPoint> SparseUniform => SparseUniformAt(AbsMaxInSigma);

    /// <summary><see cref="SparseUniform"/> for another largest magnitude.</summary>
    /// <param name="absMax">The magnitude that the largest level stands for, in standard deviations.</param>
    public static IReadOnlyList<CapacityPoint> SparseUniformAt(double absMax) =>
        [
            .. from row in new[] { (Index: 1, Bits: 3), (Index: 2, Bits: 4), (Index: 3, Bits: 8) }
            from i in Enumerable.Range(1, 9)
            select new CapacityPoint(MagnitudeSparsity.Gmse(i / 10.0, SymmetricLevels(row.Bits, absMax)), BitsBySparsity[row.Index][i]),
        ];

    /// <summary>−q … q over q times the largest magnitude, q = 2^(bits − 1) − 1.</summary>
    private static double[] SymmetricLevels(int bits, double absMax)
    {
        int top = (1 << (bits - 1)) - 1;
        return [.. Enumerable.Range(-top, 2 * top + 1).Select(level => level * absMax / top)];
    }
}
