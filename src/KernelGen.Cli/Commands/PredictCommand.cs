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
    private readonly Option<string> _law = LawCommandLine.Law();
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
        var command = new Command("predict", "Predict losses with a fitted law.")
        {
            self._law,
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
        if (runs is null ? n is null || d is null : n is not null || d is not null)
        {
            throw new UsageException("say either --params and --tokens, or --runs.");
        }
        string? plot = parsed.GetValue(_plot);
        if (plot is not null)
        {
            OutputFile.RequireFree(plot, parsed.GetValue(_force));
        }
        var planner = new LawPlanner(LawCommandLine.ReadLaw(parsed.GetRequiredValue(_law)));
        var representations = new LawRepresentations(_environment, parsed.GetValue(_representations));
        if (runs is null)
        {
            var input = new LawInput(
                n!.Value,
                d!.Value,
                representations.Require(parsed.GetRequiredValue(_weights)),
                representations.Require(parsed.GetRequiredValue(_activations)),
                representations.Require(parsed.GetRequiredValue(_kv)),
                parsed.GetValue(_method),
                LawCommandLine.Numbers(parsed.GetValue(_set), "--set")
            );
            LossForecast forecast = planner.Predict(input);
            var one = new DataTable(
                new("params", "params", "G4"),
                new("tokens", "tokens", "G4"),
                new("weights", "weights"),
                new("activations", "activations"),
                new("predicted", "predicted", "0.00000"),
                new("low", "low", "0.0000"),
                new("high", "high", "0.0000"),
                new("dense_equivalent", "dense equivalent", "G4"),
                new("tokens_to_recover", "tokens to recover", "G4")
            );
            bool compressed = !input.Weights.IsDense || !input.Activations.IsDense || !input.KvCache.IsDense;
            one.Add(
                input.Params,
                input.Tokens,
                input.Weights.Name,
                input.Activations.Name,
                forecast.Loss,
                forecast.Low,
                forecast.High,
                compressed ? planner.DenseEquivalent(input) : input.Params,
                compressed ? planner.TokensToRecover(input) : input.Tokens
            );
            LawCommandLine.Write(plot, plot is null ? "" : PlanPlots.Prediction(planner, forecast), parsed.GetValue(_force));
            TableWriter.Write(one, parsed.GetRequiredValue(_output), _environment);
            return ExitCode.Ok;
        }
        RunTable table = LawCommandLine.Table(runs, parsed.GetValue(_columns), parsed.GetValue(_where), representations);
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
        double squares = 0,
            largest = 0;
        foreach (TrainingRun run in table.Runs)
        {
            LossForecast forecast = planner.Predict(run.Input);
            double error = forecast.Loss - run.Loss;
            squares += error * error;
            largest = Math.Max(largest, Math.Abs(error));
            many.Add(
                run.Input.Params,
                run.Input.Tokens,
                run.Input.Weights.Name,
                run.Input.Activations.Name,
                run.Loss,
                forecast.Loss,
                error,
                forecast.Low,
                forecast.High
            );
        }
        LawCommandLine.Write(
            plot,
            plot is null ? "" : LawPlots.Predicted(table.Runs, input => planner.Predict(input).Loss),
            parsed.GetValue(_force)
        );
        TableWriter.Write(many, parsed.GetRequiredValue(_output), _environment);
        _environment.Note(
            FormattableString.Invariant(
                $"predict: {table.Runs.Count} runs, rms error {Math.Sqrt(squares / table.Runs.Count):F4}, largest {largest:F4}"
            )
        );
        return ExitCode.Ok;
    }
}
