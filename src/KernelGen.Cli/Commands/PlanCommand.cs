using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Cli.Scaling;
using KernelGen.Models;
using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen plan</c>: what to train or serve under a budget of memory, compute or parameters.</summary>
internal sealed class PlanCommand
{
    private readonly Argument<string[]> _formats = new("FORMAT")
    {
        Description = "Representations such as int4 or 'int4 x e4m3'; dense is always among them.",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string> _law = LawSource.Law();
    private readonly Option<string?> _borrow = LawSource.Borrow();
    private readonly Option<string?> _memory = new("--memory")
    {
        Description =
            "Memory for weights, and with --context for KV cache and activations, such as 24GiB: each candidate has as many parameters as "
            + "fit. Needs --tokens. With --compute it caps the size.",
    };
    private readonly Option<string?> _compute = new("--compute")
    {
        Description = "Compute in FLOP, such as 1e22: each candidate gets its best N and D. 6 FLOP per active parameter and token.",
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
            "How near each format comes to the noise-injection bound: capacity of the weights over that under the least error of any code "
            + "of its bits. Unified law only.",
    };
    private readonly Option<string> _bound = new("--bound")
    {
        Description = "With --optimality: the least error by Shannon, or of the best scalar code.",
        DefaultValueFactory = _ => "shannon",
    };
    private readonly Option<string?> _tokens = new("--tokens") { Description = "Training tokens D, with --memory and --params." };
    private readonly Option<string?> _inferenceTokens = new("--inference-tokens")
    {
        Description = "With --compute: tokens to be served, 2 FLOP per active parameter each, out of the same budget.",
    };
    private readonly Option<string?> _context = new("--context")
    {
        Description = "Tokens of context whose keys and values are kept; adds KV cache and activations to the memory.",
    };
    private readonly Option<string?> _batch = new("--batch") { Description = "Sequences served at once; 1 if not given." };
    private readonly Option<string?> _layers = new("--layers") { Description = "Layers; from N if not given." };
    private readonly Option<string?> _kvWidth = new("--kv-width")
    {
        Description = "Values of a key per layer, all heads together; the width times --kv-share if not given.",
    };
    private readonly Option<string?> _kvShare = new("--kv-share")
    {
        Description = "Heads of keys over heads of queries, such as 0.25 for grouped queries; 1 if not given.",
    };
    private readonly Option<string[]> _kv = Many("--kv", "Formats of the KV cache to try.");
    private readonly Option<string[]> _sparsity = Many("--sparsity", "Masks to try before each format, such as dense,2:4,sparse50%.");
    private readonly Option<string?> _set = new("--set")
    {
        Description = "Further inputs of the law, as kernelgen laws lists them: experts=8.",
    };
    private readonly Option<string[]> _vary = new("--vary")
    {
        Description = "An input to try several values of: experts=1,2,4,8. Several --vary make all combinations.",
        DefaultValueFactory = _ => [],
    };
    private readonly Option<int?> _explain = new("--explain")
    {
        Description = "Write out the arithmetic of this row of the plan, counted from 1.",
    };
    private readonly Option<string?> _plot = new("--plot") { Description = "Also draw the plan into FILE.svg." };
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly Option<string?> _bandwidth = new("--bandwidth")
    {
        Description = "Bytes per second from memory, such as 4.8TB: time per generated token is bytes over bandwidth.",
    };
    private readonly Option<string?> _speeds = new("--speeds")
    {
        Description = "CSV with format,weights_per_second: time per token from measured speeds instead.",
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
        var command = new Command("plan", "Choose what to train or serve under a budget of memory, compute or parameters, by a law.")
        {
            self._formats,
            self._law,
            self._borrow,
            self._memory,
            self._compute,
            self._params,
            self._tokens,
            self._inferenceTokens,
            self._context,
            self._batch,
            self._layers,
            self._kvWidth,
            self._kvShare,
            self._kv,
            self._sparsity,
            self._set,
            self._vary,
            self._isoFlop,
            self._isoLoss,
            self._optimality,
            self._bound,
            self._bandwidth,
            self._speeds,
            self._explain,
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
        double? isoFlop = LawCommandLine.Positive(parsed.GetValue(_isoFlop), "--isoflop"),
            isoLoss = LawCommandLine.Positive(parsed.GetValue(_isoLoss), "--isoloss");
        bool optimality = parsed.GetValue(_optimality),
            curve = isoFlop is not null || isoLoss is not null || optimality;
        PlanRequest request = Request(parsed);
        Check(parsed, request, [isoFlop is not null, isoLoss is not null, optimality]);
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
        string[] vary = parsed.GetValue(_vary) ?? [];
        LawInput[] candidates = PlanCandidates.Of(
            representations,
            FormatNames.Separate(parsed.GetValue(_formats) ?? []),
            FormatNames.Separate(parsed.GetValue(_sparsity) ?? []),
            FormatNames.Separate(parsed.GetValue(_kv) ?? []),
            parsed.GetValue(_set),
            vary
        );
        IReadOnlyList<string> varied = PlanCandidates.VariedNames(vary);
        LawSource.RequireRead(planner.Fit.Law, LawCommandLine.Numbers(parsed.GetValue(_set), "--set").Keys, "--set");
        LawSource.RequireRead(planner.Fit.Law, varied, "--vary");
        if (!planner.Fit.Law.PredictsLoss)
        {
            throw new FitException($"{planner.Fit.Law.Name} predicts a {planner.Fit.Law.Predicts}, not a loss; plans compare losses.");
        }
        Plan plan =
            optimality
                ? OptimalityPlan.Of(
                    planner.Fit,
                    [.. candidates.Select(candidate => candidate.Weights).Distinct()],
                    parsed.GetRequiredValue(_bound)
                )
            : isoFlop is { } cost ? CurvePlan.IsoFlop(planner, cost, candidates, varied)
            : isoLoss is { } loss ? CurvePlan.IsoLoss(planner, loss, candidates, varied, _environment.Note)
            : Sized(parsed, planner, request, candidates, varied);
        LawCommandLine.Write(plot, plot is null ? "" : plan.Plot(), parsed.GetValue(_force));
        TableWriter.Write(plan.Table, parsed.GetRequiredValue(_output), _environment);
        return ExitCode.Ok;
    }

    private Plan Sized(
        ParseResult parsed,
        LawPlanner planner,
        PlanRequest request,
        IReadOnlyList<LawInput> candidates,
        IReadOnlyList<string> varied
    )
    {
        IReadOnlyList<PlanRow> rows = new BudgetPlanner(planner, request).Rows(candidates);
        Plan plan = PlanTable.Of(rows, request, varied);
        if (
            request is { Compute: { } flop, Memory: null, InferenceTokens: 0 }
            && varied.Count == 0
            && candidates.All(candidate => candidate.KvCache.IsDense)
        )
        {
            // The curves around the best sizes say more than the sizes alone.
            plan = plan with { Plot = () => CurvePlan.IsoFlop(planner, flop, candidates, varied).Plot() };
        }
        if (parsed.GetValue(_explain) is not { } row)
        {
            return plan;
        }
        return row >= 1 && row <= rows.Count
            ? plan with
            {
                Table = PlanArithmetic.Of(rows[row - 1], planner, request),
            }
            : throw new UsageException($"--explain: there is no row {row}; the plan has rows 1 to {rows.Count}.");
    }

    private PlanRequest Request(ParseResult parsed) =>
        new()
        {
            Memory = Bytes(parsed, _memory),
            Compute = LawCommandLine.Positive(parsed.GetValue(_compute), "--compute"),
            Params = LawCommandLine.Positive(parsed.GetValue(_params), "--params"),
            Tokens = LawCommandLine.Positive(parsed.GetValue(_tokens), "--tokens"),
            InferenceTokens = LawCommandLine.Positive(parsed.GetValue(_inferenceTokens), "--inference-tokens") ?? 0,
            Shape = new(
                LawCommandLine.Positive(parsed.GetValue(_layers), "--layers"),
                LawCommandLine.Positive(parsed.GetValue(_kvWidth), "--kv-width"),
                LawCommandLine.Positive(parsed.GetValue(_kvShare), "--kv-share") ?? 1,
                LawCommandLine.Positive(parsed.GetValue(_context), "--context") ?? 0,
                LawCommandLine.Positive(parsed.GetValue(_batch), "--batch") ?? 1
            ),
            Bandwidth = Bytes(parsed, _bandwidth),
            Speeds = parsed.GetValue(_speeds) is { } file ? SpeedTable.Read(file) : new Dictionary<string, double>(),
        };

    private void Check(ParseResult parsed, PlanRequest request, IReadOnlyList<bool> curves)
    {
        bool sized = (request.Memory ?? request.Params ?? request.Compute) is not null;
        int budgets =
            (request.Compute is not null || request.Memory is not null ? 1 : 0)
            + (request.Params is not null ? 1 : 0)
            + curves.Count(asked => asked);
        if (budgets != 1)
        {
            throw new UsageException("say one of --memory, --compute, --params, --isoflop, --isoloss and --optimality.");
        }
        bool needsTokens = sized && request.Compute is null;
        if (needsTokens && request.Tokens is null)
        {
            throw new UsageException("say --tokens too: the loss depends on it.");
        }
        if (!needsTokens && request.Tokens is not null)
        {
            throw new UsageException("--tokens goes with --memory and --params only; leave it out.");
        }
        foreach (Option option in (Option[])[_speeds, _bandwidth, _context, _batch, _layers, _kvWidth, _kvShare, _explain])
        {
            if (!sized && parsed.GetResult(option) is { Implicit: false })
            {
                throw new UsageException($"{option.Name} goes with --memory, --compute and --params only; leave it out.");
            }
        }
        foreach (Option option in (Option[])[_batch, _layers, _kvWidth, _kvShare])
        {
            if (request.Shape.Context == 0 && parsed.GetResult(option) is { Implicit: false })
            {
                throw new UsageException($"{option.Name} goes with --context, which says how many keys and values are kept.");
            }
        }
        if (request.InferenceTokens > 0 && request.Compute is null)
        {
            throw new UsageException("--inference-tokens goes with --compute, whose budget they share.");
        }
        if (request.Bandwidth is not null && parsed.GetValue(_speeds) is not null)
        {
            throw new UsageException("--bandwidth and --speeds both give times; say one.");
        }
    }

    private static Option<string[]> Many(string name, string description) =>
        new(name)
        {
            Description = description,
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [],
        };

    private static double? Bytes(ParseResult parsed, Option<string?> option)
    {
        try
        {
            return parsed.GetValue(option) is { } text ? ByteSize.Parse(text) : null;
        }
        catch (FormatException e)
        {
            throw new UsageException($"{option.Name}: {e.Message}");
        }
    }
}
