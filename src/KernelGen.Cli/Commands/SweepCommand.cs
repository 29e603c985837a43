using System.CommandLine;
using System.Globalization;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Cli.Scaling;
using KernelGen.Reports;
using KernelGen.Training;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen sweep</c>: many training runs, stored as they finish; its subcommands look at what is stored.</summary>
internal sealed class SweepCommand
{
    private readonly Argument<string> _spec = new("SPEC")
    {
        Description = "The sweep: a JSON file (docs/laboratory.md).",
        Arity = ArgumentArity.ExactlyOne,
    };
    private readonly Option<string?> _database = new("--database", "-d")
    {
        Description =
            "SQLite file of the runs; SPEC.db here, or SPEC.I-of-N.db for a share, if not given. What is done in it is not done again.",
    };
    private readonly Option<string?> _shard = new("--shard") { Description = "Do only this share of the runs: 3/8." };
    private readonly Option<bool> _array = new("--array") { Description = "Take the share from the variables of a Slurm job array." };
    private readonly Option<string?> _limit = new("--limit-minutes")
    {
        Description = "End after this time, with everything finished stored.",
    };
    private readonly Option<bool> _dry = new("--dry-run") { Description = "Only say what would be done." };
    private readonly Option<bool> _retry = new("--retry-failed") { Description = "Try runs again that failed." };
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<string> _output = CommonOptions.Output();
    private readonly CommandEnvironment _environment;

    private SweepCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new SweepCommand(environment);
        var command = new Command("sweep", "Train a grid of models; resumed where it was left, over several processes or machines.")
        {
            self._spec,
            self._database,
            self._shard,
            self._array,
            self._limit,
            self._dry,
            self._retry,
            self._threads,
            self._output,
            SweepStatusCommand.Create(environment),
            SweepExportCommand.Create(environment),
            SweepMergeCommand.Create(environment),
            SweepReportCommand.Create(environment),
        };
        command.SetAction(LawCommandLine.Guard(environment, self.Run));
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string file = parsed.GetRequiredValue(_spec);
        if (parsed.GetValue(_array) && parsed.GetValue(_shard) is not null)
        {
            throw new UsageException("--array and --shard both name the share; give one of them.");
        }
        Shard shard =
            parsed.GetValue(_array) ? Shard.OfArray(_environment.Variable)
            : parsed.GetValue(_shard) is { } text ? Shard.Parse(text)
            : Shard.Whole;
        double? minutes = LawCommandLine.Positive(parsed.GetValue(_limit), "--limit-minutes");
        SweepDocument document = SweepDocument.Read(file);
        SweepPlan plan = SweepPlan.Of(document, _environment.Catalog).Shard(shard.Index, shard.Of);
        string database = parsed.GetValue(_database) ?? shard.Database(file);
        _environment.Note(
            string.Create(
                CultureInfo.InvariantCulture,
                $"sweep {document.Name}: {document.Runs.Count} "
                    + $"runs{(document.Repeated > 0 ? $" ({document.Repeated} more were asked for twice)" : "")}"
                    + $"{(shard.Of > 1 ? $", {plan.Runs.Count} in share {shard.Index}/{shard.Of}" : "")}; database {database}"
            )
        );
        if (parsed.GetValue(_dry))
        {
            IReadOnlyList<StoredRun> stored = Stored(plan, database);
            _environment.Note($"sweep: {SweepTables.Estimate(stored, parsed.GetValue(_threads) ?? Environment.ProcessorCount)}.");
            TableWriter.Write(SweepTables.Status(stored), parsed.GetRequiredValue(_output), _environment);
            return ExitCode.Ok;
        }
        using SweepStore store = SweepStore.Open(database, create: true);
        int retried = parsed.GetValue(_retry) ? store.RetryFailed() : 0;
        if (retried > 0)
        {
            _environment.Note($"sweep: {retried} failed runs are tried again.");
        }
        return Report(Train(plan, store, parsed.GetValue(_threads), minutes), database);
    }

    private SweepResult Train(SweepPlan plan, SweepStore store, int? threads, double? minutes)
    {
        SweepResult result = null!;
        SweepOptions options = new()
        {
            Threads = threads ?? Environment.ProcessorCount,
            TakesAllThreads = SweepTraining.IsLarge,
            Limit = minutes is { } m ? TimeSpan.FromMinutes(Math.Min(m, 1e6)) : null,
            Cancellation = _environment.Cancellation,
        };
        void Go(Action<SweepProgress> hear) =>
            result = SweepRunner.Run(
                plan.Runs,
                store,
                SweepTraining.With(_environment.Catalog, _environment.Train),
                options with
                {
                    Progress = hear,
                }
            );
        if (_environment.ErrorIsTerminal)
        {
            _environment.Progress.Run("sweep", plan.Runs.Count, report =>
                Go(progress => report(progress.Done, SweepTables.Remaining(progress)))
            );
        }
        else
        {
            // In a log a line for each run is what one looks for later.
            Go(progress =>
            {
                if (progress.Latest is { } run)
                {
                    _environment.Note(SweepTables.Line(progress, run));
                }
            });
        }
        return result;
    }

    private int Report(SweepResult result, string database)
    {
        string elsewhere = result.Elsewhere > 0 ? $", {result.Elsewhere} in other processes" : "",
            waiting = result.Waiting > 0 ? $", {result.Waiting} left for another time" : "";
        _environment.Note(
            $"sweep: {result.Trained} runs trained, {result.Done} done in all{elsewhere}{waiting}. kernelgen sweep export "
                + $"{database} writes the run table."
        );
        foreach (StoredRun failed in result.Failed)
        {
            _environment.Note($"kernelgen: {RunRows.Words(TrainingJson.ReadSpec(failed.Run.Spec))}: {failed.Error}");
        }
        return result.Failed.Count > 0 ? ExitCode.Failed : ExitCode.Ok;
    }

    /// <summary>The runs of a plan with what a database knows of them; a database that does not exist is not made.</summary>
    private static IReadOnlyList<StoredRun> Stored(SweepPlan plan, string database)
    {
        Dictionary<string, StoredRun> known = [];
        if (File.Exists(database))
        {
            known = SweepStore.ReadRuns(database).ToDictionary(run => run.Run.Key);
        }
        return [.. plan.Runs.Select(run => known.GetValueOrDefault(run.Key) ?? new StoredRun(run, RunState.Waiting, "", 0, 0, 0, "", ""))];
    }
}
