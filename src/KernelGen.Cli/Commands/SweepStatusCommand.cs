using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Reports;
using KernelGen.Training;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen sweep status</c>: how far a sweep is.</summary>
internal static class SweepStatusCommand
{
    public static Command Create(CommandEnvironment environment)
    {
        Argument<string> database = new("DATABASE") { Description = "Database of a sweep; it may be in use." };
        Option<string> output = CommonOptions.Output();
        var command = new Command("status", "How far a sweep is, by block and size, and what failed.") { database, output };
        command.SetAction(parsed =>
        {
            IReadOnlyList<StoredRun> runs = SweepStore.ReadRuns(parsed.GetRequiredValue(database));
            TableWriter.Write(SweepTables.Status(runs), parsed.GetRequiredValue(output), environment);
            foreach (StoredRun failed in runs.Where(run => run.State == RunState.Failed))
            {
                environment.Note($"failed: {RunRows.Words(TrainingJson.ReadSpec(failed.Run.Spec))}: {failed.Error}");
            }
            return ExitCode.Ok;
        });
        return command;
    }
}
