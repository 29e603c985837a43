namespace KernelGen.Scaling;

/// <summary>
/// Capacities of schemes (method, weights, activations), each free, under one law of size and tokens; and the matrices in which it
/// shows whether they multiply.
/// </summary>
public sealed class SchemeCapacities
{
    private const string Dense = RepresentationPoint.DenseFamily;

    private readonly Dictionary<(string Weights, string Activations), double> _pairs;

    private SchemeCapacities(FittedLaw fit)
    {
        Fit = fit;
        _pairs = fit.Runs.Select(run => run.Input).Where(IsCompressed)
            .GroupBy(Names).ToDictionary(pair => pair.Key, pair => pair.Select(input => Capacity(EffectiveMultiplierLaw.Scheme(input))).Distinct().Average());
        _pairs[(Dense, Dense)] = 1;
    }

    /// <summary>The law with one multiplier per scheme.</summary>
    public FittedLaw Fit { get; }

    /// <summary>Fits one capacity per scheme.</summary>
    /// <param name="runs">The runs, dense ones among them.</param>
    /// <param name="options">How to fit.</param>
    /// <exception cref="FitException">The runs do not determine them.</exception>
    public static SchemeCapacities Of(IReadOnlyList<TrainingRun> runs, FitOptions options)
        => new(LawFit.Run(EffectiveMultiplierLaw.For(runs.Select(run => run.Input)), runs, options));

    /// <summary>The capacity of a scheme as <see cref="EffectiveMultiplierLaw.Scheme"/> names it.</summary>
    /// <param name="scheme">The scheme.</param>
    /// <exception cref="KeyNotFoundException">There was no such run.</exception>
    public double Capacity(string scheme) => Fit[$"rho[{scheme}]"];

    /// <summary>
    /// The capacity that one run speaks for: the share of its parameters with which a dense model would reach its loss. Null where the
    /// loss is below what the law says of any number of parameters.
    /// </summary>
    /// <param name="run">The run.</param>
    public double? Capacity(TrainingRun run)
    {
        // L = A*(N*rho)^-alpha + B*D^-beta + E, solved for rho.
        double rest = run.Loss - Fit["E"] - Fit["B"] * Math.Pow(run.Input.Tokens, -Fit["beta"]);
        return rest > 0 ? Math.Pow(Fit["A"] / rest, 1 / Fit["alpha"]) / run.Input.Params : null;
    }

    /// <summary>Weights by activations; null if there are not two of each with all pairs.</summary>
    public CapacityMatrix? WeightsByActivations() => Matrix(_pairs);

    /// <summary>Quantisation by sparsity of weights, from expressions such as <c>sparse50+int4</c> and their parts; null if there are not two of each.</summary>
    public CapacityMatrix? QuantisationBySparsity() => Matrix(_pairs.Where(pair => pair.Key.Activations == Dense)
        .Select(pair => (Key: Stages(pair.Key.Weights), pair.Value)).GroupBy(pair => pair.Key).ToDictionary(cell => cell.Key, cell => cell.Average(pair => pair.Value)));

    /// <summary>What stores the kept values, and the mask. A name without a plus is a mask where the same name stands before one elsewhere.</summary>
    private (string Store, string Mask) Stages(string weights)
    {
        string[] parts = weights.Split('+', 2);
        return parts.Length == 2 ? (parts[1], parts[0]) : _pairs.Keys.Any(pair => pair.Weights.StartsWith(weights + "+", StringComparison.Ordinal)) ? (Dense, weights) : (weights, Dense);
    }

    /// <summary>The largest matrix without gaps: rows and columns that are compressed together somewhere, those with most gaps left out.</summary>
    private static CapacityMatrix? Matrix(Dictionary<(string Row, string Column), double> cells)
    {
        (string Row, string Column)[] both = [.. cells.Keys.Where(cell => cell.Row != Dense && cell.Column != Dense)];
        List<string> rows = [Dense, .. both.Select(cell => cell.Row).Distinct().Order(StringComparer.Ordinal)];
        List<string> columns = [Dense, .. both.Select(cell => cell.Column).Distinct().Order(StringComparer.Ordinal)];
        while (rows.Count > 1 && columns.Count > 1)
        {
            (string Row, int Gaps) row = rows.Skip(1).Select(r => (r, columns.Count(c => !cells.ContainsKey((r, c))))).MaxBy(r => r.Item2);
            (string Column, int Gaps) column = columns.Skip(1).Select(c => (c, rows.Count(r => !cells.ContainsKey((r, c))))).MaxBy(c => c.Item2);
            if (row.Gaps == 0 && column.Gaps == 0)
            {
                var values = new double[rows.Count, columns.Count];
                for (int i = 0; i < rows.Count; i++)
                {
                    for (int j = 0; j < columns.Count; j++)
                    {
                        values[i, j] = cells[(rows[i], columns[j])];
                    }
                }
                return new(rows, columns, values);
            }
            _ = row.Gaps >= column.Gaps ? rows.Remove(row.Row) : columns.Remove(column.Column);
        }
        return null;
    }

    private static bool IsCompressed(LawInput input) => !input.Weights.IsDense || !input.Activations.IsDense;

    private static (string, string) Names(LawInput input) => (Name(input.Weights), Name(input.Activations));

    private static string Name(RepresentationPoint point) => point.IsDense ? Dense : point.Name;
}
