using System.Globalization;
using KernelGen.Scaling;
using KernelGen.Training;

namespace KernelGen.Reports;

/// <summary>
/// A run table that <see cref="RunRows"/> wrote, read back as finished runs: with it a sweep goes on where there is no database of
/// it any more. All of a run is in it but the training curve.
/// </summary>
internal static class RunTableFile
{
    /// <exception cref="RunTableException">It is no such table; the message names line and column.</exception>
    public static IReadOnlyList<StoredRun> Read(string path)
    {
        string source = Path.GetFileName(path);
        using var reader = new StreamReader(path);
        (int Line, List<string> Cells)[] rows = [.. CsvReader.Read(reader, source)];
        string[] columns = rows.Length > 0 ? [.. rows[0].Cells] : [];
        string? missing = RunRows
            .Table()
            .Columns.Select(column => column.Name)
            .FirstOrDefault(name => !columns.Contains(name) && !RunRows.Later.ContainsKey(name));
        if (missing is not null)
        {
            throw new RunTableException(
                source,
                1,
                missing,
                "there is no such column; 'kernelgen sweep export' writes tables from which a sweep can go on."
            );
        }
        return [.. rows.Skip(1).Select(row => Run(new Row(source, row.Line, columns, row.Cells)))];
    }

    private static StoredRun Run(Row row)
    {
        var spec = new TrainingSpec
        {
            Layers = row.Number<int>("layers"),
            Width = row.Number<int>("width"),
            Heads = row.Number<int>("heads"),
            Hidden = row.Number<int>("hidden"),
            Context = row.Number<int>("context"),
            Tokens = row.Number<long>("tokens"),
            BatchTokens = row.Number<int>("batch_tokens"),
            LearningRate = row.Number<double>("learning_rate"),
            WeightDecay = row.Number<double>("weight_decay"),
            Seed = row.Number<int>("seed"),
            Weights = row["weights"],
            Activations = row["activations"],
            Method = row["method"],
            Optimizer = row["optimizer"],
            Schedule = row["schedule"],
            QatFrom = row.Number<double>("qat_from"),
            QatFused = row["qat_fused"] == "true",
            Parameterisation = row["parameterisation"],
            TiedEmbeddings = row["tied"] == "true",
            Data = row["data"],
        };
        if (row.Number<long>("params") != spec.Parameters)
        {
            throw row.Wrong("params", $"a model of this shape has {spec.Parameters} parameters");
        }
        var outcome = new TrainingOutcome(
            spec.Parameters,
            spec.Tokens,
            row.Number<double>("loss"),
            row.Number<double>("loss_se"),
            row["entropy"].Length > 0 ? row.Number<double>("entropy") : null,
            Seconds: 0,
            Curve: []
        );
        return new(
            SweepPlan.Run(row["group"], spec),
            RunState.Done,
            "",
            1,
            row.Number<double>("seconds"),
            0,
            TrainingJson.Write(outcome),
            ""
        );
    }

    private sealed record Row(string Source, int Line, string[] Columns, List<string> Cells)
    {
        public string this[string column] =>
            Array.IndexOf(Columns, column) is var at && at < 0 ? RunRows.Later[column]
            : at < Cells.Count ? VisibleText.OfCell(Cells[at])
            : throw Wrong(column, "the row ends before it");

        public T Number<T>(string column)
            where T : IParsable<T> =>
            T.TryParse(this[column], CultureInfo.InvariantCulture, out T? value)
                ? value
                : throw Wrong(column, $"'{this[column]}' is no number of that kind");

        public RunTableException Wrong(string column, string problem) => new(Source, Line, column, problem + ".");
    }
}
