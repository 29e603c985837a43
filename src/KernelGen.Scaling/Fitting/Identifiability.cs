using System.Globalization;
using MathNet.Numerics.LinearAlgebra;

namespace KernelGen.Scaling;

/// <summary>Finds out before a fit whether the runs can tell its parameters apart.</summary>
internal static class Identifiability
{
    private const int Points = 8;

    /// <summary>Least eigenvalue of the correlation matrix of derivatives that is not rounding.</summary>
    private const double Smallest = 1e-14;

    public static void Check(FitProblem problem, int seed)
    {
        int n = problem.Free.Length;
        var random = new Random(seed);
        double[] theta = new double[n],
            gradient = new double[n],
            curvature = new double[n * n];
        var dead = new HashSet<int>(Enumerable.Range(0, n));
        double best = 0;
        Vector<double>? blind = null;
        for (int point = 0; point < Points; point++)
        {
            for (int k = 0; k < n; k++)
            {
                theta[k] = problem.StartLow[k] + (0.2 + 0.6 * random.NextDouble()) * (problem.StartHigh[k] - problem.StartLow[k]);
            }
            problem.Evaluate(theta, problem.BaseWeights, gradient, curvature);
            Matrix<double> matrix = Matrix<double>.Build.Dense(n, n, (i, j) => curvature[Math.Max(i, j) * n + Math.Min(i, j)]);
            Vector<double> diagonal = matrix.Diagonal();
            dead.RemoveWhere(k => diagonal[k] > 0);
            if (diagonal.Minimum() <= 0)
            {
                continue;
            }
            var spectrum = matrix.MapIndexed((i, j, x) => x / Math.Sqrt(diagonal[i] * diagonal[j])).Evd(Symmetricity.Symmetric);
            int least = spectrum.EigenValues.Real().MinimumIndex();
            if (blind is null || spectrum.EigenValues[least].Real > best)
            {
                best = spectrum.EigenValues[least].Real;
                blind = spectrum.EigenVectors.Column(least);
            }
        }
        if (best > Smallest)
        {
            return;
        }
        string? constant = ConstantColumn(problem);
        if (constant is not null)
        {
            throw new FitException(
                $"{constant} is the same in every run, so {problem.Law.Name} cannot learn what it does. Add runs that differ in it, or hold the parameters that belong to it."
            );
        }
        // Parameters without any effect, or else those that the direction without effect mixes.
        IEnumerable<int> which =
            dead.Count > 0 || blind is null ? dead.Order() : Enumerable.Range(0, n).Where(k => Math.Abs(blind[k]) > 0.2);
        string names = string.Join(", ", which.Select(k => $"'{problem.Law.Parameters[problem.Free[k]].Name}'"));
        throw new FitException(
            $"The runs do not determine {names} of {problem.Law.Name}: different values predict the same losses. Add runs or hold parameters."
        );
    }

    private static string? ConstantColumn(FitProblem problem)
    {
        string? Constant(string name, Func<TrainingRun, double> value)
        {
            double first = value(problem.Runs[0]);
            return problem.Runs.All(run => value(run) == first)
                ? string.Create(CultureInfo.InvariantCulture, $"Column '{name}' ({first:G6})")
                : null;
        }
        return Constant("params", run => run.Input.Params)
            ?? Constant("tokens", run => run.Input.Tokens)
            ?? problem
                .Law.Columns.Where(column => !column.Optional)
                .Select(column => Constant(column.Name, run => run.Input[column.Name]))
                .FirstOrDefault(c => c is not null);
    }
}
