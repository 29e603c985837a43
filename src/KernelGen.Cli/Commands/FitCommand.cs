using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Cli.Scaling;
using KernelGen.Models;
using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen fit</c>: fits one law to a run table, or compares several.</summary>
internal sealed class FitCommand
{
    private readonly Argument<string> _runs = new("RUNS")
    {
        Description = "Run table: CSV or JSON lines with params, tokens (or flops) and loss.",
    };
    private readonly Option<string[]> _law = new("--law")
    {
        Description = "Law to fit (kernelgen laws lists them); several names, joined by commas, are compared in one table.",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string?> _by = new("--by")
    {
        Description =
            "For unified and decoupled: family lets weights and activations share a capacity curve (or value), part gives each its own. If not given, part for unified and family for decoupled.",
    };
    private readonly Option<string> _form = new("--form")
    {
        Description = "Capacity curve of the unified law: tanh, logistic or logistic(1,0).",
        DefaultValueFactory = _ => "tanh",
    };
    private readonly Option<string?> _of = new("--of")
    {
        Description = "Variable of the law power: params, tokens, compute or a column. If not given, compute.",
    };
    private readonly Option<string?> _each = new("--each")
    {
        Description = "Fit each value of this column by itself and print one table, a row per value.",
    };
    private readonly Option<string?> _atTokens = new("--at-tokens")
    {
        Description = "With --each or --losses: what each fit predicts at so many tokens, least first.",
    };
    private readonly Option<string[]> _losses = new("--losses")
    {
        Description = "Fit each of these loss columns by itself and print one table, a row per column: loss_c4,loss_code.",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string?> _atCompute = new("--at-compute")
    {
        Description = "With --each or --losses: the best N and D of each fit for so many training FLOP.",
    };
    private readonly Option<string?> _delta = new("--delta")
    {
        Description =
            "Residual of ln loss from which the objective grows linearly (Huber's delta). If not given, 1e-3 for dense runs and 1e-4 for tables with compressed ones.",
    };
    private readonly Option<int> _seed = new("--seed") { Description = "Seed of starts and bootstrap.", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _bootstrap = new("--bootstrap")
    {
        Description = "Bootstrap resamples; 0 for no intervals.",
        DefaultValueFactory = _ => 1000,
        CustomParser = argument => Numbers.AtLeast(0)(argument) ?? 0,
    };
    private readonly Option<string> _level = new("--level")
    {
        Description = "Probability that an interval holds the true value.",
        DefaultValueFactory = _ => "0.9",
    };
    private readonly Option<string?> _fix = new("--fix") { Description = "Parameters to hold at a value: E=1.7,alpha=0.34." };
    private readonly Option<string?> _tie = new("--tie") { Description = "Parameters to make equal: beta=alpha." };
    private readonly Option<string?> _free = new("--free")
    {
        Description = "Parameters to fit although the law holds them: L[weights:int].",
    };
    private readonly Option<string?> _bound = new("--bound")
    {
        Description = "Bounds: E=1..2,alpha=0.1..0.5. A parameter that you bound may end there.",
    };
    private readonly Option<string?> _prior = new("--prior") { Description = "Priors, as mean~standard deviation: E=1.7~0.2." };
    private readonly Option<string?> _weight = new("--weight")
    {
        Description = "Weight of each run in the objective, by powers of its size: N^2 or N^1D^-1.",
    };
    private readonly Option<string?> _profile = new("--profile")
    {
        Description = "Also find how far this parameter may move, by profile likelihood; for one that ended on its bound.",
    };
    private readonly Option<int> _coverage = new("--coverage")
    {
        Description =
            "Check the intervals: fit so many synthetic tables, made from the fitted law and its noise, and count how often they hold the truth.",
        CustomParser = argument => Numbers.AtLeast(0)(argument) ?? 0,
    };
    private readonly Option<string?> _columns = LawCommandLine.Columns(),
        _where = LawCommandLine.Where(),
        _representations = LawCommandLine.Representations();
    private readonly Option<string?> _output = new("--output", "-o") { Description = "Write the fitted law to this JSON file." };
    private readonly Option<string?> _plot = new("--plot")
    {
        Description = "Draw loss by parameters, with fit and interval, into FILE.svg.",
    };
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly CommandEnvironment _environment;

    private FitCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new FitCommand(environment);
        var command = new Command("fit", "Fit a scaling law to a table of training runs.")
        {
            self._runs,
            self._law,
            self._by,
            self._form,
            self._of,
            self._each,
            self._losses,
            self._atTokens,
            self._atCompute,
            self._columns,
            self._where,
            self._representations,
            self._delta,
            self._seed,
            self._bootstrap,
            self._level,
            self._fix,
            self._tie,
            self._free,
            self._bound,
            self._prior,
            self._weight,
            self._profile,
            self._coverage,
            self._output,
            self._plot,
            self._force,
            self._threads,
        };
        command.SetAction(LawCommandLine.Guard(environment, self.Run));
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string[] names = FormatNames.Separate(parsed.GetRequiredValue(_law));
        LawOptions shape = Shape(parsed);
        string? file = parsed.GetValue(_output);
        string? each = parsed.GetValue(_each);
        string[] losses = FormatNames.Separate(parsed.GetValue(_losses) ?? []);
        bool grouped = each is not null || losses.Length > 0;
        var question = new GroupFits.Question(
            LawCommandLine.Positive(parsed.GetValue(_atTokens), "--at-tokens"),
            LawCommandLine.Positive(parsed.GetValue(_atCompute), "--at-compute")
        );
        RequireConsistent(names, grouped, each is not null && losses.Length > 0, (file ?? parsed.GetValue(_plot)) is not null, question);
        foreach (string path in new[] { file, parsed.GetValue(_plot) }.OfType<string>())
        {
            OutputFile.RequireFree(path, parsed.GetValue(_force));
        }
        IScalingLaw[] laws = [.. names.Select(name => LawCommandLine.Create(name, [], shape))];
        var representations = new LawRepresentations(_environment, parsed.GetValue(_representations));
        RunTable Table(string? columns) =>
            LawCommandLine.Table(parsed.GetRequiredValue(_runs), columns, parsed.GetValue(_where), representations, laws);
        string? columns = parsed.GetValue(_columns);
        GroupFits.RunGroup[] byLoss = [.. losses.Select(loss => new GroupFits.RunGroup(loss, Table(WithLoss(columns, loss)).Runs))];
        RunTable table = Table(losses.Length > 0 ? WithLoss(columns, losses[0]) : columns);
        FitOptions options = Options(parsed, table);
        if (names.Length > 1)
        {
            TableWriter.Write(LawComparison.Of(names, shape, table, options, _environment), "table", _environment);
            return ExitCode.Ok;
        }
        if (grouped)
        {
            (DataTable groups, bool complete) = GroupFits.Of(
                each is null ? byLoss : GroupFits.ByColumn(table, each),
                each ?? "loss column",
                inputs => LawCommandLine.Create(names[0], inputs, shape),
                options,
                question,
                _environment
            );
            TableWriter.Write(groups, "table", _environment);
            return complete ? ExitCode.Ok : ExitCode.Failed;
        }
        FittedLaw? fit = null;
        _environment.Progress.Run($"fit {names[0]}", 100, report =>
            fit = LawFit.Run(
                LawCommandLine.Create(names[0], table.Runs.Select(run => run.Input), shape),
                table.Runs,
                options with
                {
                    Progress = new Display(report, options.Bootstrap),
                }
            )
        );
        return Report(parsed, fit!, file);
    }

    private static void RequireConsistent(string[] laws, bool grouped, bool both, bool output, GroupFits.Question question)
    {
        string? wrong =
            (laws.Length > 1 || grouped) && output ? "-o and --plot go with one law fitted once; several are only compared."
            : laws.Length > 1 && grouped ? "--each and --losses go with one law."
            : both ? "say either --each or --losses."
            : !grouped && (question.Tokens ?? question.Flop) is not null ? "--at-tokens and --at-compute go with --each or --losses."
            : null;
        if (wrong is not null)
        {
            throw new UsageException(wrong);
        }
    }

    private static string WithLoss(string? columns, string loss) =>
        LawCommandLine.Pairs(columns, "--columns").ContainsKey("loss")
            ? throw new UsageException("--losses names the columns of the losses; leave loss out of --columns.")
            : $"{columns}{(string.IsNullOrEmpty(columns) ? "" : ",")}loss={loss}";

    private int Report(ParseResult parsed, FittedLaw fit, string? file)
    {
        var table = new DataTable(
            new("parameter", "parameter"),
            new("value", "value", "G6"),
            new("low", "low", "G5"),
            new("high", "high", "G5"),
            new("sd", "s.d.", "G3"),
            new("status", "status")
        );
        foreach (ParameterEstimate p in fit.Parameters)
        {
            table.Add(p.Name, p.Value, p.Low, p.High, p.StandardDeviation, p.Status.ToString());
        }
        TableWriter.Write(table, "table", _environment);
        _environment.Note(
            FormattableString.Invariant(
                $"fit: {fit.Law.Name} on {fit.Runs.Count} runs, {fit.FreeParameters} free parameters: objective {fit.Objective:0.000000E-00} (Huber delta {fit.Options.HuberDelta:G3}), rms {fit.Rmse:G4}, largest residual {fit.MaxAbsResidual:G4}, R2 {fit.RSquared:F5}, AIC {fit.Aic:F1}, BIC {fit.Bic:F1}"
            )
        );
        foreach (
            TrainingRun worst in fit
                .Runs.Select((run, i) => (run, residual: Math.Abs(fit.Residuals[i])))
                .OrderByDescending(r => r.residual)
                .Take(1)
                .Select(r => r.run)
        )
        {
            _environment.Note($"fit: the largest residual is that of line {worst.Line}.");
        }
        if (parsed.GetValue(_profile) is { } parameter)
        {
            ProfileLikelihood profile = ProfileLikelihood.Of(fit, parameter);
            _environment.Note(
                $"fit: by profile likelihood {parameter} lies between {LawCommandLine.Short(profile.Low)} and {LawCommandLine.Short(profile.High)}."
            );
        }
        if (parsed.GetValue(_coverage) is > 0 and var repetitions)
        {
            Coverage(fit, repetitions);
        }
        LawCommandLine.Write(file, FitDocument.Write(fit), parsed.GetValue(_force));
        if (parsed.GetValue(_plot) is { } plot)
        {
            LawCommandLine.Write(plot, LawPlots.Loss(fit), parsed.GetValue(_force));
        }
        if (!fit.Converged)
        {
            _environment.Error.WriteLine("kernelgen: the fit did not converge.");
            return ExitCode.Failed;
        }
        string[] surprising = [.. fit.Surprising.Select(p => $"{p.Name} = {LawCommandLine.Short(p.Value)}")];
        if (surprising.Length > 0)
        {
            _environment.Error.WriteLine(
                $"kernelgen: {string.Join(", ", surprising)} ended on a bound, so the other parameters depend on it. Say --bound to accept that, --fix to choose a value, --profile to see how far it may move."
            );
            return ExitCode.Failed;
        }
        return ExitCode.Ok;
    }

    private void Coverage(FittedLaw fit, int repetitions)
    {
        _environment.Progress.Run("coverage", repetitions, report =>
        {
            CoverageStudy study = CoverageStudy.Run(
                fit.Law,
                fit.Values,
                [.. fit.Runs.Select(run => run.Input)],
                fit.Rmse,
                repetitions,
                fit.Options with
                {
                    Bootstrap = Math.Min(fit.Options.Bootstrap, 200),
                    Descents = 2,
                    Candidates = 200,
                    Progress = new Display((share, what) => report(share / 100 * repetitions, what), 0),
                }
            );
            foreach ((string name, double share) in study.Coverage)
            {
                _environment.Note(
                    FormattableString.Invariant(
                        $"coverage: {name} {100 * share:F1} % of {repetitions} (promised {100 * study.Level:F0} %), bias {study.Bias[name]:F2} s.d."
                    )
                );
            }
        });
    }

    private LawOptions Shape(ParseResult parsed)
    {
        try
        {
            return new()
            {
                Of = parsed.GetValue(_of),
                Form = CapacityForm.Named(parsed.GetRequiredValue(_form)),
                Grouping = parsed.GetValue(_by) is { } by
                    ? Enum.TryParse(by, ignoreCase: true, out CapacityGrouping grouping) && Enum.IsDefined(grouping)
                        ? grouping
                        : throw new UsageException($"--by: '{by}' is neither family nor part.")
                    : null,
            };
        }
        catch (KeyNotFoundException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private FitOptions Options(ParseResult parsed, RunTable table)
    {
        bool compressed = table.Runs.Any(run => !run.Input.Weights.IsDense || !run.Input.Activations.IsDense);
        double level = LawCommandLine.Number(parsed.GetRequiredValue(_level), "--level");
        if (level is not (> 0 and < 1))
        {
            throw new UsageException("--level lies between 0 and 1.");
        }
        return new()
        {
            HuberDelta = LawCommandLine.Positive(parsed.GetValue(_delta), "--delta") ?? (compressed ? 1e-4 : 1e-3),
            Seed = parsed.GetValue(_seed),
            Bootstrap = parsed.GetValue(_bootstrap),
            Level = level,
            Fixed = LawCommandLine.Numbers(parsed.GetValue(_fix), "--fix"),
            Tied = LawCommandLine.Pairs(parsed.GetValue(_tie), "--tie"),
            Free = new HashSet<string>(FormatNames.Separate(parsed.GetValue(_free) is { } free ? [free] : [])),
            Bounds = Split(parsed.GetValue(_bound), "--bound", "..").ToDictionary(b => b.Name, b => (b.First, b.Second)),
            Priors = [.. Split(parsed.GetValue(_prior), "--prior", "~").Select(p => new ParameterPrior(p.Name, p.First, p.Second))],
            Weight = RunWeight.Parse(parsed.GetValue(_weight)),
            Threads = parsed.GetValue(_threads) ?? Environment.ProcessorCount,
            Cancellation = _environment.Cancellation,
        };
    }

    private static IEnumerable<(string Name, double First, double Second)> Split(string? text, string option, string separator) =>
        LawCommandLine
            .Pairs(text, option)
            .Select(pair =>
                pair.Value.Split(separator) is [var first, var second]
                    ? (pair.Key, LawCommandLine.Number(first, option), LawCommandLine.Number(second, option))
                    : throw new UsageException($"{option}: '{pair.Value}' is not of the form 1{separator}2.")
            );

    /// <summary>Starts are the first part of the bar, the bootstrap the rest.</summary>
    private sealed class Display(Action<double, string> report, int bootstrap) : IProgress<FitProgress>
    {
        public void Report(FitProgress value)
        {
            double share = 100.0 * value.Done / value.Total;
            report(
                bootstrap == 0 ? share
                    : value.Stage == "starts" ? 0.2 * share
                    : 20 + 0.8 * share,
                value.Stage
            );
        }
    }
}
