using System.CommandLine;
using System.Globalization;
using KernelGen.Cli.Input;
using KernelGen.Cli.Scaling;
using KernelGen.Models;
using KernelGen.Reports;
using KernelGen.Training;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen sweep merge</c>: joins the databases of the shares of a sweep.</summary>
internal sealed class SweepMergeCommand
{
    private readonly Argument<string> _target = new("OUT") { Description = "The database to write." };
    private readonly Argument<string[]> _sources = new("IN")
    {
        Description = "Databases of shares, or of the same sweep on other machines, or run tables that sweep export wrote.",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly CommandEnvironment _environment;

    private SweepMergeCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new SweepMergeCommand(environment);
        var command = new Command("merge", "Join databases: each run once; runs with two different outcomes are reported.")
        {
            self._target,
            self._sources,
            self._force,
        };
        command.SetAction(LawCommandLine.Guard(environment, self.Run));
        return command;
    }

    private static IReadOnlyList<StoredRun> Runs(string name)
    {
        if (File.Exists(name) && !SweepStore.IsDatabase(name))
        {
            return RunTableFile.Read(name);
        }
        return SweepStore.ReadRuns(name);
    }

    private int Run(ParseResult parsed)
    {
        string path = parsed.GetRequiredValue(_target),
            partial = path + ".partial";
        string[] sources = parsed.GetRequiredValue(_sources);
        OutputFile.RequireFree(path, parsed.GetValue(_force));
        if (sources.FirstOrDefault(source => Path.GetFullPath(source) == Path.GetFullPath(path)) is { } same)
        {
            throw new UsageException($"{same} is both read and written; give the joined database another name.");
        }
        List<MergeConflict> conflicts = [];
        File.Delete(partial);
        try
        {
            using (SweepStore target = SweepStore.Open(partial, create: true))
            {
                foreach (string name in sources)
                {
                    _environment.Cancellation.ThrowIfCancellationRequested();
                    MergeOutcome outcome = SweepMerge.Into(target, Runs(name));
                    conflicts.AddRange(outcome.Conflicts);
                    _environment.Note(
                        $"{name}: {outcome.Added} runs added, {outcome.Same} were there "
                            + $"already{(outcome.Conflicts.Count > 0 ? $", {outcome.Conflicts.Count} differ" : "")}."
                    );
                }
                int done = target.Runs().Count(run => run.State == RunState.Done);
                _environment.Note($"{path}: {done} runs done of {target.Runs().Count}.");
            }
            File.Move(partial, path, overwrite: parsed.GetValue(_force));
        }
        finally
        {
            File.Delete(partial);
        }
        foreach (MergeConflict conflict in conflicts)
        {
            _environment.Note(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"kernelgen: {RunRows.Words(TrainingJson.ReadSpec(conflict.Kept.Run.Spec))} has two outcomes: loss "
                        + $"{TrainingJson.ReadOutcome(conflict.Kept.Outcome).Loss:R} is kept, "
                        + $"{TrainingJson.ReadOutcome(conflict.Other.Outcome).Loss:R} is dropped."
                )
            );
        }
        return conflicts.Count > 0 ? ExitCode.Failed : ExitCode.Ok;
    }
}
