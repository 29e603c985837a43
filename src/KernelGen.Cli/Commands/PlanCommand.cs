using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Cli.Scaling;
using KernelGen.Models;
using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen plan</c>: which representation to train or serve in under a budget of memory, compute or parameters.</summary>
internal sealed class PlanCommand
{
    private readonly Argument<string[]> _formats = new("FORMAT")
    {
        Description = "Representations such as int4 or 'int4 x e4m3'; dense is always among them.",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string> _law = LawCommandLine.Law();
    private readonly Option<string?> _memory = new("--memory")
    {
        Description = "Memory for the weights, such as 24GiB: each representation has as many parameters as fit. Needs --tokens.",
    };
    private readonly Option<string?> _compute = new("--compute")
    {
        Description = "Training compute C = 6·N·D in FLOP, such as 1e22: each representation gets its best N and D.",
    };
    private readonly Option<string?> _params = new("--params") { Description = "Parameters N, the same for all. Needs --tokens." };
    private readonly Option<string?> _isoFlop = new("--isoflop")
    {
        Description = "Loss along the sizes that all cost this much training compute, in FLOP.",
    };
    private readonly Option<string?> _isoLoss = new("--isoloss")
    {
        Description = "Sizes and tokens that all reach this loss, around the cheapest one.",
    };
    private readonly Option<bool> _optimality = new("--optimality")
    {
        Description =
            "How near each format comes to the noise-injection bound: capacity of the weights over that under the least error of any code of its bits. Unified law only.",
    };
    private readonly Option<string> _bound = new("--bound")
    {
        Description = "With --optimality: the least error by Shannon, or of the best scalar code.",
        DefaultValueFactory = _ => "shannon",
    };
    private readonly Option<string?> _tokens = new("--tokens") { Description = "Training tokens D, with --memory and --params." };
    private readonly Option<string?> _plot = new("--plot") { Description = "Also draw the plan into FILE.svg." };
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly Option<string?> _speeds = new("--speeds")
    {
        Description = "CSV with format,weights_per_second: adds time per token and its Pareto front.",
    };
    private readonly Option<string?> _representations = LawCommandLine.Representations();
    private readonly Option<string> _output = CommonOptions.Output();
    private readonly CommandEnvironment _environment;

    private PlanCommand(CommandEnvironment environment)
    {
        _environment = environment;
        _bound.AcceptOnlyFromAmong("shannon", "scalar");
    }

    public static Command Create(CommandEnvironment environment)
    {
        var self = new PlanCommand(environment);
        var command = new Command("plan", "Choose a representation under a budget of memory, compute or parameters, by a fitted law.")
        {
            self._formats,
            self._law,
            self._memory,
            self._compute,
            self._params,
            self._tokens,
            self._isoFlop,
            self._isoLoss,
            self._optimality,
            self._bound,
            self._speeds,
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
        double? memory = parsed.GetValue(_memory) is { } text ? Memory(text) : null;
        double? compute = LawCommandLine.Positive(parsed.GetValue(_compute), "--compute"),
            n = LawCommandLine.Positive(parsed.GetValue(_params), "--params");
        double? isoFlop = LawCommandLine.Positive(parsed.GetValue(_isoFlop), "--isoflop"),
            isoLoss = LawCommandLine.Positive(parsed.GetValue(_isoLoss), "--isoloss");
        double? tokens = LawCommandLine.Positive(parsed.GetValue(_tokens), "--tokens"),
            optimality = parsed.GetValue(_optimality) ? 1 : null;
        if (new[] { memory, compute, n, isoFlop, isoLoss, optimality }.Count(budget => budget is not null) != 1)
        {
            throw new UsageException("say one of --memory, --compute, --params, --isoflop, --isoloss and --optimality.");
        }
        if ((memory ?? n) is not null && tokens is null)
        {
            throw new UsageException("say --tokens too: the loss depends on it.");
        }
        if ((memory ?? n) is null && tokens is not null)
        {
            throw new UsageException("--tokens goes with --memory and --params only; leave it out.");
        }
        if (parsed.GetValue(_speeds) is not null && (memory ?? n) is null)
        {
            throw new UsageException("--speeds goes with --memory and --params only; leave it out.");
        }
        string? plot = parsed.GetValue(_plot);
        if (plot is not null)
        {
            OutputFile.RequireFree(plot, parsed.GetValue(_force));
        }
        var planner = new LawPlanner(LawCommandLine.ReadLaw(parsed.GetRequiredValue(_law)));
        var representations = new LawRepresentations(_environment, parsed.GetValue(_representations));
        (RepresentationPoint Weights, RepresentationPoint? Activations)[] named =
        [
            .. FormatNames
                .Separate(parsed.GetValue(_formats) ?? [])
                .Select(representations.Pair)
                .Where(pair => pair != (RepresentationPoint.Dense, null)),
        ];
        (RepresentationPoint Weights, RepresentationPoint? Activations)[] candidates = [(RepresentationPoint.Dense, null), .. named];
        Plan plan =
            optimality is not null
                ? OptimalityPlan.Of(planner.Fit, [.. named.Select(pair => pair.Weights)], parsed.GetRequiredValue(_bound))
            : isoFlop is { } cost ? CurvePlan.IsoFlop(planner, cost, candidates)
            : isoLoss is { } loss ? CurvePlan.IsoLoss(planner, loss, candidates, _environment.Note)
            : compute is { } flop ? new(Compute(planner, flop, candidates), () => CurvePlan.IsoFlop(planner, flop, candidates).Plot())
            : Budget(
                memory is { } bytes
                    ? planner.EqualMemory(bytes, tokens!.Value, candidates, Speeds(parsed))
                    : planner.EqualParams(n!.Value, tokens!.Value, candidates, Speeds(parsed)),
                memory is null,
                tokens!.Value
            );
        LawCommandLine.Write(plot, plot is null ? "" : plan.Plot(), parsed.GetValue(_force));
        TableWriter.Write(plan.Table, parsed.GetRequiredValue(_output), _environment);
        return ExitCode.Ok;
    }

    private static DataTable Compute(
        LawPlanner planner,
        double flop,
        IEnumerable<(RepresentationPoint Weights, RepresentationPoint? Activations)> candidates
    )
    {
        var table = new DataTable(
            new("weights", "weights"),
            new("activations", "activations"),
            new("params", "params", "G4"),
            new("params_low", "low", "G4"),
            new("params_high", "high", "G4"),
            new("tokens", "tokens", "G4"),
            new("loss", "loss", "0.0000"),
            new("loss_low", "low", "0.0000"),
            new("loss_high", "high", "0.0000"),
            new("bytes", "bytes", "G4")
        );
        foreach (
            ComputeOptimum best in candidates
                .Select(c => planner.ComputeOptimal(flop, new LawInput(1, 1, c.Weights, c.Activations)))
                .OrderBy(best => best.Forecast.Loss)
        )
        {
            LawInput input = best.Forecast.Input;
            table.Add(
                input.Weights.Name,
                input.Activations.Name,
                best.Params,
                best.ParamsLow,
                best.ParamsHigh,
                best.Tokens,
                best.Forecast.Loss,
                best.Forecast.Low,
                best.Forecast.High,
                best.Params * input.Weights.Bits / 8
            );
        }
        return table;
    }

    private static Plan Budget(IReadOnlyList<MemoryPlanRow> rows, bool equalParams, double tokens)
    {
        var byBytes = ParetoFront.Of(rows, row => row.Bytes, row => row.Forecast.Loss).ToHashSet();
        var byTime = ParetoFront.Of(rows, row => row.SecondsPerToken ?? double.NaN, row => row.Forecast.Loss).ToHashSet();
        var table = new DataTable(
            new("weights", "weights"),
            new("activations", "activations"),
            new("bits", "bits", "0.0##"),
            new("bytes", "bytes", "G4"),
            new("params", "params", "G4"),
            new("effective_params", "effective", "G4"),
            new("loss", "loss", "0.0000"),
            new("loss_low", "low", "0.0000"),
            new("loss_high", "high", "0.0000"),
            new("seconds_per_token", "s/token", "G3"),
            new("front_bytes", "front: bytes"),
            new("front_time", "front: time")
        );
        foreach (MemoryPlanRow row in rows)
        {
            table.Add(
                row.Weights.Name,
                row.Activations.Name,
                row.Weights.Bits,
                row.Bytes,
                row.Params,
                row.EffectiveParams,
                row.Forecast.Loss,
                row.Forecast.Low,
                row.Forecast.High,
                row.SecondsPerToken,
                byBytes.Contains(row),
                row.SecondsPerToken is null ? null : byTime.Contains(row)
            );
        }
        return new(table, () =>
            equalParams
                ? LawPlots.Front(
                    $"Loss by bytes, N = {AxisText.Count(rows[0].Params)}, D = {AxisText.Count(tokens)}",
                    [.. rows.Select(row => (row.Bytes, row.Forecast))]
                )
                : PlanPlots.EqualMemory(
                    $"What {AxisText.Bytes(rows[0].Bytes)} of weights can do, D = {AxisText.Count(tokens)}",
                    [.. rows.Select(row => row.Forecast)]
                )
        );
    }

    private IReadOnlyDictionary<string, double>? Speeds(ParseResult parsed) =>
        parsed.GetValue(_speeds) is { } file ? SpeedTable.Read(file) : null;

    private static double Memory(string text)
    {
        try
        {
            return ByteSize.Parse(text);
        }
        catch (FormatException e)
        {
            throw new UsageException($"--memory: {e.Message}");
        }
    }
}
