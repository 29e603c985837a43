namespace KernelGen.Scaling;

/// <summary>
/// Do the capacities of two compressions multiply? A matrix of capacities from runs of one way of training, at sizes that have all of
/// its cells, against the product of its uncompressed row and column.
/// </summary>
/// <param name="Method">The way of training; empty if the runs do not say.</param>
/// <param name="Test">Matrix and products.</param>
/// <param name="Sizes">Sizes that have all cells.</param>
/// <param name="ScatterError">Mean error that the scatter of seeds alone would give if capacities multiplied exactly; NaN without repeated runs.</param>
public sealed record CompositionTest(string Method, RankOneTest Test, int Sizes, double ScatterError)
{
    private const string Dense = RepresentationPoint.DenseFamily;

    /// <summary>Weights by activations, one matrix for every way of training that has both compressed.</summary>
    /// <param name="law">Turns losses into capacities.</param>
    /// <param name="runs">The runs.</param>
    public static IReadOnlyList<CompositionTest> WeightsByActivations(RelativeCapacities law, IEnumerable<TrainingRun> runs) =>
        Of(law, runs, run => (Name(run.Input.Weights), Name(run.Input.Activations)));

    /// <summary>Quantisation by sparsity of weights, from expressions such as <c>sparse50%+int4</c> and their parts.</summary>
    /// <inheritdoc cref="WeightsByActivations"/>
    public static IReadOnlyList<CompositionTest> QuantisationBySparsity(RelativeCapacities law, IEnumerable<TrainingRun> runs)
    {
        TrainingRun[] weights = [.. runs.Where(run => run.Input.Activations.IsDense)];
        HashSet<string> masks =
        [
            .. weights.Select(run => run.Input.Weights.Name.Split('+')).Where(parts => parts.Length == 2).Select(parts => parts[0]),
        ];
        return Of(law, weights, run => Name(run.Input.Weights).Split('+') switch
            {
                [var mask, var store] => (store, mask),
                [var name] => masks.Contains(name) ? (Dense, name) : (name, Dense),
                _ => (Name(run.Input.Weights), Dense),
            });
    }

    private static IReadOnlyList<CompositionTest> Of(
        RelativeCapacities law,
        IEnumerable<TrainingRun> runs,
        Func<TrainingRun, (string Row, string Column)> cell
    )
    {
        TrainingRun[] all = [.. runs];
        string[] methods =
        [
            .. all.Where(run => IsBoth(cell(run))).Select(run => run.Input.Method).Distinct().Order(StringComparer.Ordinal),
        ];
        return
        [
            .. methods
                .Select(method => One(law, method, all.Where(run => run.Input.Method == method || cell(run) == (Dense, Dense)), cell))
                .OfType<CompositionTest>(),
        ];
    }

    private static CompositionTest? One(
        RelativeCapacities law,
        string method,
        IEnumerable<TrainingRun> runs,
        Func<TrainingRun, (string Row, string Column)> cell
    )
    {
        var bySize = runs.GroupBy(RelativeCapacities.Size).Select(size => size.ToLookup(cell)).ToArray();
        // The size with the largest matrix says which cells; every size that has them all counts.
        (List<string> Rows, List<string> Columns) = bySize
            .Select(size => Largest([.. size.Select(own => own.Key)]))
            .MaxBy(matrix => matrix.Rows.Count * matrix.Columns.Count);
        if (Rows.Count < 2 || Columns.Count < 2)
        {
            return null;
        }
        var full = bySize.Where(size => Rows.All(row => Columns.All(column => size.Contains((row, column))))).ToArray();
        CapacityEstimate[,] cells = new CapacityEstimate[Rows.Count, Columns.Count];
        double[,] values = new double[Rows.Count, Columns.Count];
        for (int i = 0; i < Rows.Count; i++)
        {
            for (int j = 0; j < Columns.Count; j++)
            {
                if (law.Of(full.SelectMany(size => size[(Rows[i], Columns[j])])) is not { } estimate)
                {
                    return null;
                }
                (cells[i, j], values[i, j]) = (estimate, estimate.Value);
            }
        }
        var test = RankOneTest.Of(new CapacityMatrix(Rows, Columns, values), 0, 0);
        // Mean magnitude of a normal error: √(2/π) of its deviation. The four cells of a product err independently.
        double scatter = (
            from i in Enumerable.Range(1, Rows.Count - 1)
            from j in Enumerable.Range(1, Columns.Count - 1)
            select test.Predicted(i, j)
                * Math.Sqrt(2 / Math.PI * (Variance(cells[i, j]) + Variance(cells[i, 0]) + Variance(cells[0, j]) + Variance(cells[0, 0])))
        ).Average();
        return new(method, test, full.Length, scatter);

        static double Variance(CapacityEstimate estimate) => estimate.OwnError * estimate.OwnError;
    }

    /// <summary>The largest matrix without gaps: rows and columns that are compressed together somewhere, those with most gaps left out.</summary>
    private static (List<string> Rows, List<string> Columns) Largest(HashSet<(string Row, string Column)> cells)
    {
        List<string> rows = [Dense, .. cells.Where(IsBoth).Select(cell => cell.Row).Distinct().Order(StringComparer.Ordinal)];
        List<string> columns = [Dense, .. cells.Where(IsBoth).Select(cell => cell.Column).Distinct().Order(StringComparer.Ordinal)];
        while (rows.Count > 1 && columns.Count > 1)
        {
            (string Row, int Gaps) row = rows.Skip(1).Select(r => (r, columns.Count(c => !cells.Contains((r, c))))).MaxBy(r => r.Item2);
            (string Column, int Gaps) column = columns
                .Skip(1)
                .Select(c => (c, rows.Count(r => !cells.Contains((r, c)))))
                .MaxBy(c => c.Item2);
            if (row.Gaps == 0 && column.Gaps == 0)
            {
                return cells.Contains((Dense, Dense)) ? (rows, columns) : ([], []);
            }
            _ = row.Gaps >= column.Gaps ? rows.Remove(row.Row) : columns.Remove(column.Column);
        }
        return ([], []);
    }

    private static bool IsBoth((string Row, string Column) cell) => cell.Row != Dense && cell.Column != Dense;

    private static string Name(RepresentationPoint point) => point.IsDense ? Dense : point.Name;
}
