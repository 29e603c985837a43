using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Cli.Scaling;
using KernelGen.Models;
using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen predict</c>: what a fitted law says of one model, or of every run of a table.</summary>
internal sealed class PredictCommand
{
    private readonly Option<string> _law = LawSource.Law();
    private readonly Option<string?> _borrow = LawSource.Borrow();
    private readonly Option<string?> _params = new("--params") { Description = "Parameters N: 1e9." };
    private readonly Option<string?> _tokens = new("--tokens") { Description = "Training tokens D: 2e10." };
    private readonly Option<string> _weights = new("--weights")
    {
        Description = "Representation of the weights: a format of kernelgen list, or an expression such as 2:4+int4.",
        DefaultValueFactory = _ => "dense",
    };
    private readonly Option<string> _activations = new("--activations")
    {
        Description = "Representation of the activations.",
        DefaultValueFactory = _ => "dense",
    };
    private readonly Option<string> _kv = new("--kv")
    {
        Description = "Representation of the KV cache.",
        DefaultValueFactory = _ => "dense",
    };
    private readonly Option<string?> _method = new("--method") { Description = "Training method, for laws that tell methods apart." };
    private readonly Option<string?> _set = new("--set")
    {
        Description = "Further inputs of the law, as kernelgen laws lists them: group_size=128.",
    };
    private readonly Option<string?> _runs = new("--runs") { Description = "Predict every run of this table and compare with its loss." };
    private readonly Option<string?> _columns = LawCommandLine.Columns(),
        _where = LawCommandLine.Where(),
        _representations = LawCommandLine.Representations();
    private readonly Option<string?> _plot = new("--plot")
    {
        Description = "Also draw into FILE.svg: loss by parameters around the prediction; with --runs, predicted against observed.",
    };
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly Option<string> _output = CommonOptions.Output();
    private readonly CommandEnvironment _environment;

    private PredictCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new PredictCommand(environment);
        var command = new Command("predict", "Predict with a fitted or published law.")
        {
            self._law,
            self._borrow,
            self._params,
            self._tokens,
            self._weights,
            self._activations,
            self._kv,
            self._method,
            self._set,
            self._runs,
            self._columns,
            self._where,
            self._representations,
            self._plot,
            self._force,
            self._output,
        };
        command.SetAction(LawCommandLine.Guard(environment, self.Run));
        return command;
    }

    private int Run(ParseResult parsed)
    {
        double? n = LawCommandLine.Positive(parsed.GetValue(_params), "--params"),
            d = LawCommandLine.Positive(parsed.GetValue(_tokens), "--tokens");
        string? runs = parsed.GetValue(_runs);
        if (runs is not null && (n ?? d) is not null)
        {
            throw new UsageException("say either --params and --tokens, or --runs.");
        }
        string? plot = parsed.GetValue(_plot);
        if (plot is not null)
        {
            OutputFile.RequireFree(plot, parsed.GetValue(_force));
        }
        var planner = new LawPlanner(
            LawSource.Open(parsed.GetRequiredValue(_law), _environment),
            LawSource.Lender(parsed.GetValue(_borrow))
        );
        var representations = new LawRepresentations(_environment, parsed.GetValue(_representations));
        return runs is null ? One(parsed, planner, representations, n, d) : Many(parsed, planner, representations, runs);
    }

    private int One(ParseResult parsed, LawPlanner planner, LawRepresentations representations, double? n, double? d)
    {
        IScalingLaw law = planner.Fit.Law;
        if ((law.Sizes.HasFlag(LawSizes.Params) && n is null) || (law.Sizes.HasFlag(LawSizes.Tokens) && d is null))
        {
            string needed = law.Sizes == LawSizes.Both ? "--params and --tokens" : "--" + law.Sizes.ToString().ToLowerInvariant();
            throw new UsageException($"say {needed}, which {law.Name} reads, or --runs.");
        }
        IReadOnlyDictionary<string, double> columns = LawCommandLine.Numbers(parsed.GetValue(_set), "--set");
        LawSource.RequireRead(law, columns.Keys, "--set");
        var input = new LawInput(
            n ?? 1,
            d ?? 1,
            representations.Require(parsed.GetRequiredValue(_weights)),
            representations.Require(parsed.GetRequiredValue(_activations)),
            representations.Require(parsed.GetRequiredValue(_kv)),
            parsed.GetValue(_method),
            columns
        );
        LossForecast forecast = planner.Predict(input);
        string borrowed = planner.Borrowed(input);
        (Column Column, object? Value, bool Shown)[] cells =
        [
            (new("params", "params", "G4"), n, true),
            (new("tokens", "tokens", "G4"), d, true),
            (new("weights", "weights"), input.Weights.Name, true),
            (new("activations", "activations"), input.Activations.Name, true),
            (new("kv", "kv"), input.KvCache.Name, !input.KvCache.IsDense),
            (new("predicted", law.PredictsLoss ? "predicted" : law.Predicts, law.PredictsLoss ? "0.00000" : "G6"), forecast.Loss, true),
            (new("low", "low", law.PredictsLoss ? "0.0000" : "G5"), forecast.Low, true),
            (new("high", "high", law.PredictsLoss ? "0.0000" : "G5"), forecast.High, true),
            (
                new("dense_equivalent", "dense equivalent", "G4"),
                input.IsCompressed ? planner.DenseEquivalent(input) : n,
                law.PredictsLoss && law.Sizes.HasFlag(LawSizes.Params)
            ),
            (
                new("tokens_to_recover", "tokens to recover", "G4"),
                input.IsCompressed ? planner.TokensToRecover(input) : d,
                law.PredictsLoss && law.Sizes.HasFlag(LawSizes.Tokens)
            ),
            (new("borrowed", "borrowed"), borrowed, borrowed.Length > 0),
        ];
        cells = [.. cells.Where(cell => cell.Shown)];
        var table = new DataTable([.. cells.Select(cell => cell.Column)]);
        table.Add([.. cells.Select(cell => cell.Value)]);
        string? plot = parsed.GetValue(_plot);
        if (plot is not null && !law.Sizes.HasFlag(LawSizes.Params))
        {
            throw new UsageException($"--plot draws loss by parameters, which {law.Name} does not read; leave it out.");
        }
        LawCommandLine.Write(plot, plot is null ? "" : PlanPlots.Prediction(planner, forecast), parsed.GetValue(_force));
        TableWriter.Write(table, parsed.GetRequiredValue(_output), _environment);
        return ExitCode.Ok;
    }

    private int Many(ParseResult parsed, LawPlanner planner, LawRepresentations representations, string runs)
    {
        IScalingLaw law = planner.Fit.Law;
        RunTable table = LawCommandLine.Table(runs, parsed.GetValue(_columns), parsed.GetValue(_where), representations, law);
        var many = new DataTable(
            new("params", "params", "G4"),
            new("tokens", "tokens", "G4"),
            new("weights", "weights"),
            new("activations", "activations"),
            new("loss", "loss", "0.0000"),
            new("predicted", "predicted", "0.0000"),
            new("error", "error", "0.0000"),
            new("low", "low", "0.0000"),
            new("high", "high", "0.0000")
        );
        foreach (TrainingRun run in table.Runs)
        {
            LossForecast forecast = planner.Predict(run.Input);
            many.Add(
                run.Input.Params,
                run.Input.Tokens,
                run.Input.Weights.Name,
                run.Input.Activations.Name,
                run.Loss,
                forecast.Loss,
                forecast.Loss - run.Loss,
                forecast.Low,
                forecast.High
            );
        }
        string? plot = parsed.GetValue(_plot);
        LawCommandLine.Write(
            plot,
            plot is null ? "" : LawPlots.Predicted(table.Runs, input => planner.Predict(input).Loss),
            parsed.GetValue(_force)
        );
        TableWriter.Write(many, parsed.GetRequiredValue(_output), _environment);
        Errors("runs", table.Runs, planner);
        if (
            planner.Fit.LargestParams is { } largest
            && table.Runs.Where(run => run.Input.Params > largest).ToArray() is { Length: > 0 } beyond
        )
        {
            Errors($"runs larger than any that was fitted (N > {LawCommandLine.Short(largest)})", beyond, planner);
        }
        return ExitCode.Ok;
    }

    private void Errors(string which, IReadOnlyList<TrainingRun> runs, LawPlanner planner)
    {
        double[] errors = [.. runs.Select(run => planner.Predict(run.Input).Loss - run.Loss)];
        string logs = planner.Fit.Law.LogResiduals
            ? FormattableString.Invariant(
                $", rms of ln {Math.Sqrt(runs.Zip(errors).Average(pair => Math.Pow(Math.Log(1 + pair.Second / pair.First.Loss), 2))):F5}"
            )
            : "";
        _environment.Note(
            FormattableString.Invariant(
                $"predict: {runs.Count} {which}: rms error {Math.Sqrt(errors.Average(e => e * e)):F4}{logs}, largest {errors.Max(Math.Abs):F4}"
            )
        );
    }
}
