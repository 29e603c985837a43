using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Optimization;

namespace KernelGen.Scaling;

/// <summary>
/// One local minimisation. BFGS by MathNet.Numerics, in coordinates in which the curvature at the start of each round is the
/// identity: scaling laws are so ill-conditioned (A against α) that plain BFGS stops early. Parameters on a bound that the gradient
/// presses against are held for the round. The best point seen is kept no matter what the line search does.
/// </summary>
internal static class Descent
{
    /// <summary>A step that would lower the objective by less than this share of it is none.</summary>
    private const double Tolerance = 1e-9;

    /// <summary>Objective per run below which residuals are rounding: nothing is left to descend.</summary>
    private const double Rounding = 1e-28;

    public static DescentResult Minimise(FitProblem problem, double[] start, double[] weights, int rounds, int iterations = 100)
    {
        int n = start.Length;
        var best = new double[n];
        for (int k = 0; k < n; k++)
        {
            best[k] = Math.Clamp(start[k], problem.Lower[k], problem.Upper[k]);
        }
        double[] gradient = new double[n],
            curvature = new double[n * n];
        double value = problem.Evaluate(best, weights, gradient, curvature),
            decrement = double.PositiveInfinity;
        for (int round = 0; round < rounds; round++)
        {
            int[] free = FreeDirections(problem, best, gradient);
            if (free.Length == 0)
            {
                return new(best, value, true);
            }
            Matrix<double> factor = Factor(curvature, n, free);
            Vector<double> reduced = Vector<double>.Build.DenseOfEnumerable(free.Select(k => gradient[k]));
            Vector<double> scaled = SolveLower(factor, reduced);
            decrement = 0.5 * scaled.DotProduct(scaled);
            if (decrement <= Tolerance * value + 1e-300)
            {
                return new(best, value, true);
            }
            double before = value;
            Round(problem, best, ref value, weights, free, factor, iterations);
            if (value >= before)
            {
                Backtrack(problem, best, ref value, weights, free, SolveUpper(factor, scaled));
            }
            problem.Evaluate(best, weights, gradient, curvature);
            if (before - value <= 1e-13 * before)
            {
                break;
            }
        }
        // The line search found nothing more; the decrement says whether there was anything to find.
        return new(best, value, decrement <= 1e-4 * value + 1e-300 || value <= Rounding * problem.Runs.Count);
    }

    private static void Round(
        FitProblem problem,
        double[] best,
        ref double value,
        double[] weights,
        int[] free,
        Matrix<double> factor,
        int iterations
    )
    {
        int n = best.Length;
        double[] origin = [.. best],
            found = [.. best],
            point = new double[n],
            gradient = new double[n];
        double unit = Math.Max(value / problem.Runs.Count, 1e-300),
            size = Math.Sqrt(unit),
            least = value;

        (double, Vector<double>) Objective(Vector<double> z)
        {
            Vector<double> step = SolveUpper(factor, z);
            origin.CopyTo(point, 0);
            for (int i = 0; i < free.Length; i++)
            {
                point[free[i]] = Math.Clamp(origin[free[i]] + size * step[i], problem.Lower[free[i]], problem.Upper[free[i]]);
            }
            double f = problem.Evaluate(point, weights, gradient, []);
            if (f < least)
            {
                least = f;
                point.CopyTo(found, 0);
            }
            Vector<double> g = Vector<double>.Build.Dense(free.Length);
            for (int i = 0; i < free.Length; i++)
            {
                bool clamped = point[free[i]] == problem.Lower[free[i]] || point[free[i]] == problem.Upper[free[i]];
                g[i] = clamped ? 0 : gradient[free[i]] * size;
            }
            return (f / unit, SolveLower(factor, g) / unit);
        }

        try
        {
            new BfgsMinimizer(1e-6, 1e-9, 1e-14, iterations).FindMinimum(
                ObjectiveFunction.Gradient(Objective),
                Vector<double>.Build.Dense(free.Length)
            );
        }
        catch (OptimizationException)
        {
            // A line search that cannot go on, or the last iteration: what counts is the best point seen.
        }
        found.CopyTo(best, 0);
        value = least;
    }

    private static void Backtrack(
        FitProblem problem,
        double[] best,
        ref double value,
        double[] weights,
        int[] free,
        Vector<double> direction
    )
    {
        double[] point = [.. best];
        for (double step = 1; step > 1e-8; step *= 0.3)
        {
            for (int i = 0; i < free.Length; i++)
            {
                point[free[i]] = Math.Clamp(best[free[i]] - step * direction[i], problem.Lower[free[i]], problem.Upper[free[i]]);
            }
            double f = problem.Evaluate(point, weights, [], []);
            if (f < value)
            {
                value = f;
                point.CopyTo(best, 0);
                return;
            }
        }
    }

    private static int[] FreeDirections(FitProblem problem, double[] point, double[] gradient) =>
        [
            .. Enumerable
                .Range(0, point.Length)
                .Where(k => !(point[k] <= problem.Lower[k] && gradient[k] >= 0) && !(point[k] >= problem.Upper[k] && gradient[k] <= 0)),
        ];

    /// <summary>Cholesky factor of the curvature in the free directions, with as little of its diagonal added as it takes.</summary>
    private static Matrix<double> Factor(double[] curvature, int n, int[] free)
    {
        int m = free.Length;
        double largest = free.Max(k => curvature[k * n + k]);
        for (double ridge = 1e-10; ; ridge *= 100)
        {
            Matrix<double> matrix = Matrix<double>.Build.Dense(m, m);
            for (int i = 0; i < m; i++)
            {
                for (int j = 0; j <= i; j++)
                {
                    matrix[i, j] = matrix[j, i] = curvature[free[i] * n + free[j]];
                }
                matrix[i, i] += ridge * (matrix[i, i] + 1e-6 * largest) + 1e-290;
            }
            try
            {
                return matrix.Cholesky().Factor;
            }
            catch (ArgumentException) when (ridge < 1e6)
            {
                // Not positive definite in floating point: a larger ridge.
            }
        }
    }

    private static Vector<double> SolveLower(Matrix<double> factor, Vector<double> right)
    {
        Vector<double> x = right.Clone();
        for (int i = 0; i < x.Count; i++)
        {
            double sum = x[i];
            for (int j = 0; j < i; j++)
            {
                sum -= factor[i, j] * x[j];
            }
            x[i] = sum / factor[i, i];
        }
        return x;
    }

    private static Vector<double> SolveUpper(Matrix<double> factor, Vector<double> right)
    {
        Vector<double> x = right.Clone();
        for (int i = x.Count - 1; i >= 0; i--)
        {
            double sum = x[i];
            for (int j = i + 1; j < x.Count; j++)
            {
                sum -= factor[j, i] * x[j];
            }
            x[i] = sum / factor[i, i];
        }
        return x;
    }
}
