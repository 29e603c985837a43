using System.ComponentModel;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// Makes codebooks of least mean squared error for the unit Gaussian, by Lloyd iterations over streamed samples. The
/// same seed gives the same grid.
/// </summary>
/// <remarks>
/// Start: Gaussian points (in one dimension the quantiles, as no iteration moves a point across others) spread by
/// √((p + 2) / p), the density of optimal points (Zador). Every iteration draws fresh
/// samples, each used with both signs, and moves every entry to the mean of its cell; from half of the iterations on,
/// sums are carried over with growing weight, so that the noise of sampling dies out. An entry without samples is put
/// next to the entry whose cell has the largest error.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class GaussianGridTrainer
{
    /// <summary>Trains a grid.</summary>
    /// <param name="dimension">Dimension p, 1 to 8.</param>
    /// <param name="entries">Number of entries n, 2 to 65536.</param>
    /// <param name="iterations">Lloyd iterations, 1 or more.</param>
    /// <param name="samplesPerEntry">Samples per entry and iteration, 2 or more; at 200 the sampling noise is below 0.1 % of the
    /// error.</param>
    /// <param name="seed">Seed of the samples.</param>
    public static GaussianGridResult Train(int dimension, int entries, int iterations, int samplesPerEntry, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(entries, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(samplesPerEntry, 2);
        var source = new GaussianSource(seed);
        var points = new float[entries * dimension];
        if (dimension == 1)
        {
            FillQuantiles(points);
        }
        else
        {
            source.Fill(points);
        }
        float spread = MathF.Sqrt((dimension + 2f) / dimension);
        for (int i = 0; i < points.Length; i++)
        {
            points[i] *= spread;
        }

        double[] sums = new double[points.Length],
            weights = new double[entries];
        var errors = new double[iterations];
        for (int iteration = 0; iteration < iterations; iteration++)
        {
            // After half of the iterations the last k of them count alike: 1/2 old, 1/3 new, and so on.
            int late = Math.Max(0, iteration - iterations / 2);
            double keep = late / (late + 1.0);
            Scale(sums, keep);
            Scale(weights, keep);
            errors[iteration] = Iterate(dimension, points, sums, weights, source, samplesPerEntry * entries / 2);
        }
        Sort(dimension, points);
        (double error, double standardError) = Measure(new VectorGrid(dimension, points), 200_000, seed + 1);
        return new GaussianGridResult(dimension, points, errors, error, standardError);
    }

    /// <summary>Mean squared error per number of a grid on fresh Gaussian samples.</summary>
    /// <param name="grid">The grid.</param>
    /// <param name="vectors">Number of vectors, 2 or more.</param>
    /// <param name="seed">Seed of the samples.</param>
    /// <returns>The error and its standard error.</returns>
    public static (double MeanSquaredError, double StandardError) Measure(VectorGrid grid, int vectors, int seed)
    {
        var source = new GaussianSource(seed);
        var vector = new float[grid.Dimension];
        double sum = 0,
            squares = 0;
        for (int i = 0; i < vectors; i++)
        {
            source.Fill(vector);
            grid.Nearest(vector, out float distance);
            double error = (double)distance / grid.Dimension;
            sum += error;
            squares += error * error;
        }
        double mean = sum / vectors;
        return (mean, Math.Sqrt(Math.Max(0, squares / vectors - mean * mean) / (vectors - 1)));
    }

    /// <summary>One pass over fresh samples; returns their mean squared error under the points before the pass.</summary>
    private static double Iterate(int dimension, float[] points, double[] sums, double[] weights, GaussianSource source, int pairs)
    {
        var grid = new VectorGrid(dimension, points);
        int entries = grid.Count;
        var cellError = new double[entries];
        var vector = new float[dimension];
        double total = 0;
        for (int i = 0; i < 2 * pairs; i++)
        {
            if ((i & 1) == 0)
            {
                source.Fill(vector);
            }
            else
            {
                for (int d = 0; d < dimension; d++)
                {
                    vector[d] = -vector[d];
                }
            }
            int index = grid.Nearest(vector, out float distance);
            for (int d = 0; d < dimension; d++)
            {
                sums[index * dimension + d] += vector[d];
            }
            weights[index]++;
            cellError[index] += distance;
            total += distance;
        }

        for (int index = 0; index < entries; index++)
        {
            if (weights[index] > 0)
            {
                for (int d = 0; d < dimension; d++)
                {
                    points[index * dimension + d] = (float)(sums[index * dimension + d] / weights[index]);
                }
            }
            else
            {
                int worst = Array.IndexOf(cellError, cellError.Max());
                cellError[worst] /= 2;
                for (int d = 0; d < dimension; d++)
                {
                    points[index * dimension + d] = points[worst * dimension + d] + (d == 0 ? 1e-3f : 0f);
                }
            }
        }
        return total / (2.0 * pairs * dimension);
    }

    /// <summary>The quantiles of the unit Gaussian at the middles of equal parts, by bisection.</summary>
    private static void FillQuantiles(float[] points)
    {
        for (int i = 0; i < points.Length; i++)
        {
            double probability = (i + 0.5) / points.Length,
                low = -10,
                high = 10;
            for (int halving = 0; halving < 60; halving++)
            {
                double middle = 0.5 * (low + high);
                (low, high) = GaussianGrid.Cdf(middle) < probability ? (middle, high) : (low, middle);
            }
            points[i] = (float)low;
        }
    }

    private static void Scale(double[] numbers, double factor)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] *= factor;
        }
    }

    /// <summary>Puts the points in the order of their coordinates, so that equal grids have equal text.</summary>
    private static void Sort(int dimension, float[] points)
    {
        var rows = points.Chunk(dimension).ToArray();
        Array.Sort(rows, (a, b) => a.AsSpan().SequenceCompareTo(b));
        rows.SelectMany(r => r).ToArray().CopyTo(points, 0);
    }
}
