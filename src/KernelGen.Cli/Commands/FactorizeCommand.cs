using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Cli.Scaling;
using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen factorize</c>: does a matrix of capacities come from a product of one factor per row and column?</summary>
internal sealed class FactorizeCommand
{
    private readonly Argument<string> _matrix = new("MATRIX")
    {
        Description = "CSV: a header with the labels of the columns, then a label and capacities per row.",
    };
    private readonly Option<string?> _row = new("--row")
    {
        Description = "Label of the uncompressed row; that of the largest value if not given.",
    };
    private readonly Option<string?> _column = new("--column")
    {
        Description = "Label of the uncompressed column; that of the largest value if not given.",
    };
    private readonly Option<string?> _plot = new("--plot") { Description = "Write the heat map of the errors to FILE.svg." };
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly Option<string> _output = CommonOptions.Output();
    private readonly CommandEnvironment _environment;

    private FactorizeCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new FactorizeCommand(environment);
        var command = new Command(
            "factorize",
            "Test whether a matrix of capacities is a product of one factor per row and one per column (has rank 1)."
        )
        {
            self._matrix,
            self._row,
            self._column,
            self._plot,
            self._force,
            self._output,
        };
        command.SetAction(LawCommandLine.Guard(environment, self.Run));
        return command;
    }

    private int Run(ParseResult parsed)
    {
        CapacityMatrix matrix = CapacityMatrix.Read(parsed.GetRequiredValue(_matrix));
        if (
            (
                from i in Enumerable.Range(0, matrix.Rows.Count)
                from j in Enumerable.Range(0, matrix.Columns.Count)
                where matrix[i, j] > 1.5
                select (i, j)
            )
                .Cast<(int I, int J)?>()
                .FirstOrDefault() is
            { } wrong
        )
        {
            throw new FitException(
                $"Row {matrix.Rows[wrong.I]}, column {matrix.Columns[wrong.J]}: {LawCommandLine.Short(matrix[wrong.I, wrong.J])} is no capacity; those lie between 0 and 1."
            );
        }
        RankOneTest test = RankOneTest.Of(
            matrix,
            Index(parsed.GetValue(_row), matrix.Rows, "--row"),
            Index(parsed.GetValue(_column), matrix.Columns, "--column")
        );
        var table = new DataTable(
            new("row", "row"),
            new("column", "column"),
            new("measured", "measured", "0.00"),
            new("product", "product", "0.000"),
            new("error", "error", "0.000")
        );
        for (int i = 0; i < matrix.Rows.Count; i++)
        {
            for (int j = 0; j < matrix.Columns.Count; j++)
            {
                table.Add(matrix.Rows[i], matrix.Columns[j], matrix[i, j], test.Predicted(i, j), test.Error(i, j));
            }
        }
        if (parsed.GetValue(_plot) is { } plot)
        {
            LawCommandLine.Write(
                plot,
                SvgHeatMap.Render(
                    "Measured minus product",
                    "of the uncompressed row and column; 0 everywhere if capacity factorises",
                    ("row", matrix.Rows),
                    ("column", matrix.Columns),
                    (i, j) => test.Error(i, j)
                ),
                parsed.GetValue(_force)
            );
        }
        TableWriter.Write(table, parsed.GetRequiredValue(_output), _environment);
        _environment.Note(
            FormattableString.Invariant(
                $"factorize: uncompressed is row {matrix.Rows[test.PivotRow]}, column {matrix.Columns[test.PivotColumn]}; rms error {test.RmsError:F4}, largest {test.MaxError:F4} at {matrix.Rows[test.WorstRow]} x {matrix.Columns[test.WorstColumn]}; the best matrix of rank 1 is {test.RankOneMeanError:F4} away on average and holds {100 * test.RankOneShare:F2} % of the squares"
            )
        );
        return ExitCode.Ok;
    }

    private static int? Index(string? label, IReadOnlyList<string> labels, string option)
    {
        if (label is null)
        {
            return null;
        }
        int index = labels.ToList().IndexOf(label);
        return index >= 0 ? index : throw new UsageException($"{option}: there is no '{label}'. {NearestName.Sentence(label, labels)}");
    }
}
