using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Scaling;

/// <summary>One fit per value of a column: a row of parameters per group, and optionally what each predicts at one number of tokens.</summary>
internal static class GroupFits
{
    /// <summary>Fits the groups.</summary>
    /// <param name="table">The runs.</param>
    /// <param name="column">Column of the groups.</param>
    /// <param name="law">Makes the law for a group.</param>
    /// <param name="options">How to fit; the bootstrap is left out.</param>
    /// <param name="atTokens">Tokens at which each group's law is also asked, least prediction first; null for the order of the table.</param>
    /// <param name="environment">Notes.</param>
    /// <returns>The table, and whether every group could be fitted.</returns>
    public static (DataTable Table, bool Complete) Of(
        RunTable table,
        string column,
        Func<IEnumerable<LawInput>, IScalingLaw> law,
        FitOptions options,
        double? atTokens,
        CommandEnvironment environment
    )
    {
        if (!table.Runs[0].Cells.ContainsKey(column))
        {
            throw new UsageException($"--each: there is no column '{column}'. {NearestName.Sentence(column, table.Runs[0].Cells.Keys)}");
        }
        IGrouping<string, TrainingRun>[] groups = [.. table.Runs.GroupBy(run => run.Cells[column])];
        string[] names = [.. law(table.Runs.Select(run => run.Input)).Parameters.Select(p => p.Name)];
        var rows = new List<(string Group, int Runs, FittedLaw? Fit, double? At, string Status)>();
        environment.Progress.Run($"fit each {column}", groups.Length, report =>
        {
            foreach (IGrouping<string, TrainingRun> group in groups)
            {
                rows.Add(Row(group, law, options, atTokens));
                report(rows.Count, group.Key);
            }
        });
        if (atTokens is not null)
        {
            rows = [.. rows.OrderBy(row => row.At ?? double.PositiveInfinity)];
        }
        var result = new DataTable([
            new(column, column),
            new("runs", "runs"),
            .. names.Select(name => new Column(name, name, "G5")),
            new("rmse_log", "rms", "0.00000"),
            .. atTokens is null
                ? Array.Empty<Column>()
                : [new Column("predicted", $"at D = {LawCommandLine.Short(atTokens.Value)}", "0.0000")],
            new("status", "status"),
        ]);
        foreach (var row in rows)
        {
            result.Add([
                row.Group,
                row.Runs,
                .. names.Select(name => (object?)row.Fit?.Parameters.FirstOrDefault(p => p.Name == name)?.Value),
                row.Fit?.Rmse,
                .. atTokens is null ? Array.Empty<object?>() : [row.At],
                row.Status,
            ]);
        }
        double[] residuals = [.. rows.SelectMany(row => row.Fit?.Residuals ?? [])];
        if (residuals.Length > 0)
        {
            int fitted = rows.Count(row => row.Fit is not null);
            double rms = Math.Sqrt(residuals.Average(r => r * r));
            environment.Note(
                FormattableString.Invariant($"fit: {fitted} of {rows.Count} groups, rms over their {residuals.Length} runs {rms:F5}")
            );
        }
        int failed = rows.Count(row => row.Fit is null);
        if (failed > 0)
        {
            environment.Note($"kernelgen: {failed} of {rows.Count} groups could not be fitted; their status says why.");
        }
        return (result, failed == 0);
    }

    private static (string, int, FittedLaw?, double?, string) Row(
        IGrouping<string, TrainingRun> group,
        Func<IEnumerable<LawInput>, IScalingLaw> law,
        FitOptions options,
        double? atTokens
    )
    {
        TrainingRun[] runs = [.. group];
        try
        {
            FittedLaw fit = LawFit.Run(law(runs.Select(run => run.Input)), runs, options with { Bootstrap = 0 });
            string[] bounds = [.. fit.Surprising.Select(p => p.Name)];
            string status =
                !fit.Converged ? "not converged"
                : bounds.Length > 0 ? $"on a bound: {string.Join(", ", bounds)}"
                : "fitted";
            double? at = atTokens is { } tokens ? fit.Predict(runs[0].Input.At(runs[0].Input.Params, tokens)) : null;
            return (group.Key, runs.Length, fit, at, status);
        }
        catch (FitException e)
        {
            return (group.Key, runs.Length, null, null, e.Message);
        }
    }
}
