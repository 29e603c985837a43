using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Cli.Scaling;
using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen isoflop</c>: the best size of each compute budget of a table, without a law, and how it grows.</summary>
internal static class IsoFlopCommand
{
    public static Command Create(CommandEnvironment environment)
    {
        Argument<string> runs = new("RUNS")
        {
            Description = "Run table with params, flops and loss; several sizes for each value of flops.",
        };
        Option<string?> columns = LawCommandLine.Columns(),
            where = LawCommandLine.Where();
        Option<string?> window = new("--window")
        {
            Description = "Sizes that a parabola goes through: those up to this factor from the best one on the grid; 8 if not given.",
        };
        Option<string> output = CommonOptions.Output();
        var command = new Command(
            "isoflop",
            "Find the best size of each compute budget of a table by a parabola in ln N, and the exponents N ~ C^a, D ~ C^b."
        )
        {
            runs,
            columns,
            where,
            window,
            output,
        };
        command.SetAction(LawCommandLine.Guard(environment, parsed =>
            {
                RunTable table = LawCommandLine.Table(
                    parsed.GetRequiredValue(runs),
                    parsed.GetValue(columns),
                    parsed.GetValue(where),
                    new LawRepresentations(environment, null)
                );
                IsoFlopMinima minima = IsoFlopMinima.Of(
                    table.Runs,
                    LawCommandLine.Positive(parsed.GetValue(window), "--window") ?? IsoFlopMinima.UsualWindow
                );
                var result = new DataTable(
                    new("flops", "FLOP", "G4"),
                    new("sizes", "sizes"),
                    new("used", "used"),
                    new("params", "best N", "G5"),
                    new("tokens", "best D", "G5"),
                    new("loss", "loss", "0.0000"),
                    new("status", "status")
                );
                foreach (IsoFlopMinimum m in minima.Budgets)
                {
                    result.Add(m.Flops, m.Sizes, m.Used, m.Params, m.Tokens, m.Loss, m.Problem.Length == 0 ? "minimum" : m.Problem);
                }
                TableWriter.Write(result, parsed.GetRequiredValue(output), environment);
                environment.Note(
                    $"isoflop: {minima.Found.Count} of {minima.Budgets.Count} budgets have a minimum; "
                        + FormattableString.Invariant(
                            $"N ~ C^{minima.ParamsExponent:F4}, D ~ C^{minima.TokensExponent:F4}, rms of ln N {minima.Rms:F3}"
                        )
                );
                return ExitCode.Ok;
            }));
        return command;
    }
}
