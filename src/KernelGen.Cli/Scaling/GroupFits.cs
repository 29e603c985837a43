using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Scaling;

/// <summary>One fit per group of runs, or per loss: a row of parameters each, and optionally what each predicts or would choose.</summary>
internal static class GroupFits
{
    /// <summary>Runs of one fit.</summary>
    public readonly record struct RunGroup(string Name, IReadOnlyList<TrainingRun> Runs);

    /// <summary>What each fit is asked: the loss at so many tokens, least first, and the best sizes for a training budget.</summary>
    public readonly record struct Question(double? Tokens, double? Flop);

    /// <summary>The runs of a table by the values of a column.</summary>
    public static RunGroup[] ByColumn(RunTable table, string column) =>
        table.Runs[0].Cells.ContainsKey(column)
            ? [.. table.Runs.GroupBy(run => run.Cells[column]).Select(group => new RunGroup(group.Key, [.. group]))]
            : throw new UsageException($"--each: there is no column '{column}'. {NearestName.Sentence(column, table.Runs[0].Cells.Keys)}");

    /// <summary>Fits the groups.</summary>
    /// <param name="groups">The runs of each fit.</param>
    /// <param name="label">What the names of the groups are.</param>
    /// <param name="law">Makes the law for a group.</param>
    /// <param name="options">How to fit; the bootstrap is left out.</param>
    /// <param name="question">What each fit is asked.</param>
    /// <param name="environment">Notes.</param>
    /// <returns>The table, and whether every group could be fitted.</returns>
    public static (DataTable Table, bool Complete) Of(
        IReadOnlyList<RunGroup> groups,
        string label,
        Func<IEnumerable<LawInput>, IScalingLaw> law,
        FitOptions options,
        Question question,
        CommandEnvironment environment
    )
    {
        IScalingLaw whole = law(groups.SelectMany(group => group.Runs).Select(run => run.Input));
        if (question.Flop is not null && !(whole.PredictsLoss && whole.Sizes == LawSizes.Both && whole is not SingleVariableLaw))
        {
            throw new UsageException($"--at-compute asks for the best N and D, and {whole.Name} is no loss by N and D apart.");
        }
        string[] names = [.. whole.Parameters.Select(p => p.Name)];
        var rows = new List<GroupRow>();
        environment.Progress.Run($"fit each {label}", groups.Count, report =>
        {
            foreach (RunGroup group in groups)
            {
                rows.Add(Row(group, law, options, question));
                report(rows.Count, group.Name);
            }
        });
        if (question.Tokens is not null)
        {
            rows = [.. rows.OrderBy(row => row.Predicted ?? double.PositiveInfinity)];
        }
        (Column Column, Func<GroupRow, object?> Value)[] columns =
        [
            (new(label, label), row => row.Group.Name),
            (new("runs", "runs"), row => row.Group.Runs.Count),
            .. names.Select(name =>
                (
                    new Column(name, name, "G5"),
                    (Func<GroupRow, object?>)(row => row.Fit?.Parameters.FirstOrDefault(p => p.Name == name)?.Value)
                )
            ),
            (new("rmse_log", "rms", "0.00000"), row => row.Fit?.Rmse),
            .. question.Tokens is { } tokens
                ? [(new Column("predicted", $"at D = {LawCommandLine.Short(tokens)}", "0.0000"), row => row.Predicted)]
                : Array.Empty<(Column, Func<GroupRow, object?>)>(),
            .. question.Flop is { } flop
                ?
                [
                    (new Column("best_params", $"N at C = {LawCommandLine.Short(flop)}", "G4"), row => row.Best?.Params),
                    (new Column("best_tokens", "D", "G4"), row => row.Best?.Tokens),
                    (new Column("best_loss", "loss", "0.0000"), row => row.Best?.Forecast.Loss),
                ]
                : Array.Empty<(Column, Func<GroupRow, object?>)>(),
            (new("status", "status"), row => row.Status),
        ];
        var result = new DataTable([.. columns.Select(column => column.Column)]);
        foreach (GroupRow row in rows)
        {
            result.Add([.. columns.Select(column => column.Value(row))]);
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

    private sealed record GroupRow(RunGroup Group, FittedLaw? Fit, double? Predicted, ComputeOptimum? Best, string Status);

    private static GroupRow Row(RunGroup group, Func<IEnumerable<LawInput>, IScalingLaw> law, FitOptions options, Question question)
    {
        LawInput like = group.Runs[0].Input;
        try
        {
            FittedLaw fit = LawFit.Run(law(group.Runs.Select(run => run.Input)), group.Runs, options with { Bootstrap = 0 });
            string[] bounds = [.. fit.Surprising.Select(p => p.Name)];
            string status =
                !fit.Converged ? "not converged"
                : bounds.Length > 0 ? $"on a bound: {string.Join(", ", bounds)}"
                : "fitted";
            double? predicted = question.Tokens is { } tokens ? fit.Predict(like.At(like.Params, tokens)) : null;
            ComputeOptimum? best = question.Flop is { } flop ? new LawPlanner(FitDocument.Of(fit)).ComputeOptimal(flop, like) : null;
            return new(group, fit, predicted, best, status);
        }
        catch (FitException e)
        {
            return new(group, null, null, null, e.Message);
        }
    }
}
