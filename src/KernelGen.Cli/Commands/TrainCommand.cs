using System.CommandLine;
using System.Globalization;
using System.Text;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Cli.Scaling;
using KernelGen.Models;
using KernelGen.Reports;
using KernelGen.Scaling;
using KernelGen.Training;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen train</c>: one small Llama, trained over a representation.</summary>
internal sealed class TrainCommand
{
    private static readonly TrainingSpec Defaults = ModelSizes.All[0].Spec();

    private readonly Option<string?> _size = new("--size")
    {
        Description =
            $"Shape and learning rate: {string.Join(", ", ModelSizes.All.Select(size => size.Name))} parameters outside the "
            + $"embedding. {ModelSizes.All[0].Name} if neither this nor a shape is given.",
    };
    private readonly Option<int?> _layers = CommonOptions.Length("--layers", "Decoder layers.");
    private readonly Option<int?> _width = CommonOptions.Length("--width", "Width of the residual stream.");
    private readonly Option<int?> _heads = CommonOptions.Length("--heads", "Attention heads.");
    private readonly Option<int?> _hidden = CommonOptions.Length("--hidden", "Width inside the feed-forward layers.");
    private readonly Option<int?> _context = CommonOptions.Length("--context", $"Tokens of a sequence; {Defaults.Context} if not given.");
    private readonly Option<long?> _tokens = new("--tokens")
    {
        Description = "Tokens to train on: 1200000 or 1.2e6.",
        CustomParser = argument => Numbers.Count(argument),
    };
    private readonly Option<string?> _ratio = new("--tokens-per-parameter")
    {
        Description = "The same as a multiple of the parameters; 100 if neither is given.",
    };
    private readonly Option<int?> _batch = CommonOptions.Length(
        "--batch-tokens",
        $"Tokens of a step; {Defaults.BatchTokens} if not given."
    );
    private readonly Option<string?> _rate = new("--learning-rate", "--lr")
    {
        Description = "Largest learning rate; that of the size if not given.",
    };
    private readonly Option<string?> _decay = new("--weight-decay")
    {
        Description = "Decoupled weight decay of the matrices; 0.1 if not given.",
    };
    private readonly Option<int> _seed = new("--seed") { Description = "Seed of weights, order of the data, and noise." };
    private readonly Option<string> _weights = new("--weights", "-w")
    {
        Description = "How weights are held in the forward pass: a format, 2:4, sparse50, sparse50+FORMAT …",
        DefaultValueFactory = _ => Defaults.Weights,
    };
    private readonly Option<string> _activations = new("--activations", "-a")
    {
        Description = "How the inputs of linear layers are held.",
        DefaultValueFactory = _ => Defaults.Activations,
    };
    private readonly Option<string> _method = new("--method", "-m")
    {
        Description = "How gradients get through (docs/laboratory.md lists the methods).",
        DefaultValueFactory = _ => Defaults.Method,
    };
    private readonly Option<string> _optimizer = new("--optimizer")
    {
        Description = "adamw or amsgrad.",
        DefaultValueFactory = _ => Defaults.Optimizer,
    };
    private readonly Option<string> _schedule = new("--schedule")
    {
        Description = "How the learning rate goes: cosine, constant, or wsd:cooldown=0.2.",
        DefaultValueFactory = _ => Defaults.Schedule,
    };
    private readonly Option<string?> _qatFrom = new("--qat-from")
    {
        Description =
            "Share of the steps that are dense, before the representation is put on: 0 for none, 1 for compression after training.",
    };
    private readonly Option<bool> _qatFused = new("--qat-fused")
    {
        Description = "One schedule over the dense steps and the others; without it each has its own.",
    };
    private readonly Option<string> _parameterisation = new("--parameterisation")
    {
        Description = "How rates depend on the width: standard or mup.",
        DefaultValueFactory = _ => Defaults.Parameterisation,
    };
    private readonly Option<bool> _untied = new("--untied")
    {
        Description = "Give the head weights of its own instead of the embedding's.",
    };
    private readonly Option<string> _data = new("--data")
    {
        Description = "A language whose entropy is known: synthetic, or quanta, whose loss is a power law.",
        DefaultValueFactory = _ => Defaults.Data,
    };
    private readonly Option<string?> _corpus = new("--corpus") { Description = "Train on this text, byte by byte, instead of a language." };
    private readonly Option<string?> _checkpoint = new("--checkpoint")
    {
        Description = "Write the trained weights to FILE.safetensors, which eval reads.",
    };
    private readonly Option<string?> _state = new("--resume")
    {
        Description =
            "Keep the run in STATE.safetensors while it goes on, every minute and on Ctrl-C; if the file is there, go on from it.",
    };
    private readonly Option<string?> _curve = new("--curve") { Description = "Write the training loss on the way to FILE.csv." };
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<string> _output = CommonOptions.Output();
    private readonly CommandEnvironment _environment;

    private TrainCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new TrainCommand(environment);
        var command = new Command("train", "Train a small Llama over a representation and score it.")
        {
            self._size,
            self._layers,
            self._width,
            self._heads,
            self._hidden,
            self._context,
            self._tokens,
            self._ratio,
            self._batch,
            self._rate,
            self._decay,
            self._seed,
            self._weights,
            self._activations,
            self._method,
            self._optimizer,
            self._schedule,
            self._qatFrom,
            self._qatFused,
            self._parameterisation,
            self._untied,
            self._data,
            self._corpus,
            self._checkpoint,
            self._state,
            self._curve,
            self._force,
            self._threads,
            self._output,
        };
        command.SetAction(self.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        foreach (string path in new[] { parsed.GetValue(_checkpoint), parsed.GetValue(_curve) }.OfType<string>())
        {
            OutputFile.RequireFree(path, parsed.GetValue(_force));
        }
        TrainingOutcome outcome = null!;
        TrainingSpec spec = Spec(parsed);
        try
        {
            spec.Validate();
            foreach (string name in (string[])[spec.Weights, spec.Activations])
            {
                Representation.Parse(name, _environment.Catalog);
            }
            _environment.Progress.Run("train", spec.Tokens, report =>
                outcome = _environment.Train(
                    spec,
                    _environment.Catalog,
                    parsed.GetValue(_threads) ?? 0,
                    new Display(report),
                    parsed.GetValue(_checkpoint),
                    parsed.GetValue(_state),
                    _environment.Cancellation
                )
            );
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new UsageException(e.Message.Split(" (Parameter", 2)[0]);
        }
        if (parsed.GetValue(_curve) is { } curve)
        {
            var text = new StringBuilder("tokens,loss\n");
            foreach (LossPoint point in outcome.Curve)
            {
                text.Append(CultureInfo.InvariantCulture, $"{point.Tokens},{point.Loss:R}\n");
            }
            LawCommandLine.Write(curve, text.ToString(), parsed.GetValue(_force));
        }
        DataTable table = RunRows.Table();
        RunRows.Add(table, spec, outcome, "", outcome.Seconds);
        TableWriter.Write(table, parsed.GetRequiredValue(_output), _environment);
        if (!double.IsFinite(outcome.Loss))
        {
            _environment.Note("kernelgen: the loss is not finite: training diverged. A smaller --learning-rate may help.");
            return ExitCode.Failed;
        }
        return ExitCode.Ok;
    }

    private TrainingSpec Spec(ParseResult parsed)
    {
        TrainingSpec spec = Shape(parsed);
        double? ratio = LawCommandLine.Positive(parsed.GetValue(_ratio), "--tokens-per-parameter");
        if (ratio is not null && parsed.GetValue(_tokens) is not null)
        {
            throw new UsageException("--tokens and --tokens-per-parameter say the same thing twice; give one of them.");
        }
        double decay = parsed.GetValue(_decay) is { } text ? LawCommandLine.Number(text, "--weight-decay") : spec.WeightDecay;
        return spec with
        {
            Tokens = parsed.GetValue(_tokens) ?? (long)((ratio ?? 100) * spec.Parameters),
            Context = parsed.GetValue(_context) ?? spec.Context,
            BatchTokens = parsed.GetValue(_batch) ?? spec.BatchTokens,
            LearningRate = LawCommandLine.Positive(parsed.GetValue(_rate), "--learning-rate") ?? spec.LearningRate,
            WeightDecay = decay,
            Seed = parsed.GetValue(_seed),
            Weights = parsed.GetRequiredValue(_weights),
            Activations = parsed.GetRequiredValue(_activations),
            Method = parsed.GetRequiredValue(_method),
            Optimizer = parsed.GetRequiredValue(_optimizer),
            Schedule = parsed.GetRequiredValue(_schedule),
            QatFrom = parsed.GetValue(_qatFrom) is { } from ? LawCommandLine.Number(from, "--qat-from") : spec.QatFrom,
            QatFused = parsed.GetValue(_qatFused),
            Parameterisation = parsed.GetRequiredValue(_parameterisation),
            TiedEmbeddings = !parsed.GetValue(_untied),
            Data = Data(parsed),
        };
    }

    /// <summary>A language by name, or the path of a text.</summary>
    private string Data(ParseResult parsed)
    {
        string name = parsed.GetRequiredValue(_data);
        if (name is not (TrainingSpec.SyntheticData or TrainingSpec.QuantaData))
        {
            throw new UsageException(
                $"--data: there is no language '{name}'. {NearestName.Sentence(name, [TrainingSpec.SyntheticData, TrainingSpec.QuantaData])} A text of your own is given by --corpus."
            );
        }
        return parsed.GetValue(_corpus) ?? name;
    }

    /// <summary>A size by name; single numbers of it may be changed.</summary>
    private TrainingSpec Shape(ParseResult parsed)
    {
        string name = parsed.GetValue(_size) ?? ModelSizes.All[0].Name;
        ModelSize size = ModelSizes.All.FirstOrDefault(size => size.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new UsageException(
                $"--size: there is no '{name}'. {NearestName.Sentence(name, ModelSizes.All.Select(size => size.Name))}"
            );
        TrainingSpec spec = size.Spec();
        return spec with
        {
            Layers = parsed.GetValue(_layers) ?? spec.Layers,
            Width = parsed.GetValue(_width) ?? spec.Width,
            Heads = parsed.GetValue(_heads) ?? spec.Heads,
            Hidden = parsed.GetValue(_hidden) ?? spec.Hidden,
        };
    }

    private sealed class Display(Action<double, string> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) =>
            report(
                Math.Min(value.Tokens, value.TotalTokens),
                string.Create(CultureInfo.InvariantCulture, $"tokens, loss {value.Loss:0.0000}, {value.TokensPerSecond:0} tokens/s")
            );
    }
}
