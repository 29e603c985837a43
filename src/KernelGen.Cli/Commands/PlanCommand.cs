using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Cli.Scaling;
using KernelGen.Scaling;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen plan</c>: which representation to train or serve in under a budget of memory, compute or parameters.</summary>
internal sealed class PlanCommand
{
    private readonly Argument<string[]> _formats = new("FORMAT") { Description = "Representations such as int4 or 'int4 x e4m3'; dense is always among them.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string> _law = LawCommandLine.Law();
    private readonly Option<string?> _memory = new("--memory") { Description = "Memory for the weights: 24GiB. Each representation has as many parameters as fit." };
    private readonly Option<string?> _compute = new("--compute") { Description = "Training compute in FLOP: 1e22. Each representation gets its best N and D." };
    private readonly Option<string?> _params = new("--params") { Description = "Parameters N, the same for all." };
    private readonly Option<string?> _tokens = new("--tokens") { Description = "Training tokens D, with --memory and --params." };
    private readonly Option<string?> _speeds = new("--speeds") { Description = "CSV with format,weights_per_second: adds time per token and its Pareto front." };
    private readonly Option<string?> _representations = LawCommandLine.Representations();
    private readonly Option<string> _output = CommonOptions.Output();
    private readonly CommandEnvironment _environment;

    private PlanCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new PlanCommand(environment);
        var command = new Command("plan", "Choose a representation under a budget, by a fitted law.")
        {
            self._formats, self._law, self._memory, self._compute, self._params, self._tokens, self._speeds, self._representations, self._output,
        };
        command.SetAction(LawCommandLine.Guard(environment, self.Run));
        return command;
    }

    private int Run(ParseResult parsed)
    {
        double? memory = parsed.GetValue(_memory) is { } text ? Memory(text) : null;
        double? compute = LawCommandLine.Positive(parsed.GetValue(_compute), "--compute"), n = LawCommandLine.Positive(parsed.GetValue(_params), "--params");
        double? tokens = LawCommandLine.Positive(parsed.GetValue(_tokens), "--tokens");
        if (new[] { memory, compute, n }.Count(budget => budget is not null) != 1)
        {
            throw new UsageException("say one of --memory, --compute and --params.");
        }
        if (compute is null == tokens is null)
        {
            throw new UsageException(compute is null ? "say --tokens too." : "--compute chooses the tokens itself; leave --tokens out.");
        }
        var planner = new LawPlanner(FitDocument.Read(File.ReadAllText(parsed.GetRequiredValue(_law))));
        var representations = new LawRepresentations(_environment, parsed.GetValue(_representations));
        (RepresentationPoint Weights, RepresentationPoint? Activations)[] candidates =
            [(RepresentationPoint.Dense, null), .. FormatNames.Separate(parsed.GetValue(_formats) ?? []).Select(representations.Pair).Where(pair => pair != (RepresentationPoint.Dense, null))];
        DataTable table = compute is { } flop
            ? Compute(planner, flop, candidates)
            : Budget(memory is { } bytes
                ? planner.EqualMemory(bytes, tokens!.Value, candidates, Speeds(parsed))
                : planner.EqualParams(n!.Value, tokens!.Value, candidates, Speeds(parsed)));
        TableWriter.Write(table, parsed.GetRequiredValue(_output), _environment);
        return ExitCode.Ok;
    }

    private static DataTable Compute(LawPlanner planner, double flop, IEnumerable<(RepresentationPoint Weights, RepresentationPoint? Activations)> candidates)
    {
        var table = new DataTable(
            new("weights", "weights"), new("activations", "activations"), new("params", "params", "G4"), new("params_low", "low", "G4"), new("params_high", "high", "G4"),
            new("tokens", "tokens", "G4"), new("loss", "loss", "0.0000"), new("loss_low", "low", "0.0000"), new("loss_high", "high", "0.0000"), new("bytes", "bytes", "G4"));
        foreach (ComputeOptimum best in candidates.Select(c => planner.ComputeOptimal(flop, new LawInput(1, 1, c.Weights, c.Activations))).OrderBy(best => best.Forecast.Loss))
        {
            LawInput input = best.Forecast.Input;
            table.Add(input.Weights.Name, input.Activations.Name, best.Params, best.ParamsLow, best.ParamsHigh, best.Tokens, best.Forecast.Loss, best.Forecast.Low, best.Forecast.High,
                best.Params * input.Weights.Bits / 8);
        }
        return table;
    }

    private static DataTable Budget(IReadOnlyList<MemoryPlanRow> rows)
    {
        var byBytes = ParetoFront.Of(rows, row => row.Bytes, row => row.Forecast.Loss).ToHashSet();
        var byTime = ParetoFront.Of(rows, row => row.SecondsPerToken ?? double.NaN, row => row.Forecast.Loss).ToHashSet();
        var table = new DataTable(
            new("weights", "weights"), new("activations", "activations"), new("bits", "bits", "0.0##"), new("bytes", "bytes", "G4"), new("params", "params", "G4"),
            new("effective_params", "effective", "G4"), new("loss", "loss", "0.0000"), new("loss_low", "low", "0.0000"), new("loss_high", "high", "0.0000"),
            new("seconds_per_token", "s/token", "G3"), new("front_bytes", "front: bytes"), new("front_time", "front: time"));
        foreach (MemoryPlanRow row in rows)
        {
            table.Add(row.Weights.Name, row.Activations.Name, row.Weights.Bits, row.Bytes, row.Params, row.EffectiveParams, row.Forecast.Loss, row.Forecast.Low, row.Forecast.High,
                row.SecondsPerToken, byBytes.Contains(row), row.SecondsPerToken is null ? null : byTime.Contains(row));
        }
        return table;
    }

    private IReadOnlyDictionary<string, double>? Speeds(ParseResult parsed) => parsed.GetValue(_speeds) is { } file ? SpeedTable.Read(file) : null;

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
