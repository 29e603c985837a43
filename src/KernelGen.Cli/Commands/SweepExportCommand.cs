using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Scaling;
using KernelGen.Models;
using KernelGen.Reports;
using KernelGen.Training;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen sweep export</c>: the run table that laws are fitted to.</summary>
internal static class SweepExportCommand
{
    public static Command Create(CommandEnvironment environment)
    {
        Argument<string> database = new("DATABASE") { Description = "Database of a sweep; it may be in use." };
        Option<string?> output = new("--output", "-o") { Description = "Write the table to FILE.csv instead of the standard output." };
        Option<bool> force = CommonOptions.Force();
        var command = new Command("export", "Write the finished runs as the run table that fit, report and sweep report read.")
        {
            database,
            output,
            force,
        };
        command.SetAction(parsed =>
        {
            string? file = parsed.GetValue(output);
            if (file is not null)
            {
                OutputFile.RequireFree(file, parsed.GetValue(force));
            }
            IReadOnlyList<StoredRun> runs = SweepStore.ReadRuns(parsed.GetRequiredValue(database));
            using var text = new StringWriter { NewLine = "\n" };
            DataTable table = RunRows.Of(runs);
            CsvTable.Write(table, text);
            if (file is null)
            {
                environment.Out.Write(text);
            }
            LawCommandLine.Write(file, text.ToString(), parsed.GetValue(force));
            int missing = runs.Count - table.Rows.Count;
            environment.Note($"export: {table.Rows.Count} runs{(missing > 0 ? $"; {missing} are not done" : "")}.");
            return ExitCode.Ok;
        });
        return command;
    }
}
