using System.CommandLine;
using System.Text.RegularExpressions;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Models;
using KernelGen.Reports;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen allocate</c>: a format for each tensor of a model, so that the loss is least within a size.</summary>
internal sealed class AllocateCommand
{
    /// <summary>Formats that compare more candidates for a weight are left out unless they are named: they are slow to measure.</summary>
    private const int CandidatesByDefault = 64;

    private const long SamplesByDefault = 1 << 20;

    /// <summary>Steps of the Pareto table between the smallest and the largest allocation.</summary>
    private const int ParetoSteps = 12;

    private const string BySize = "size",
        Equally = "equal";

    private readonly Argument<string> _input = new("MODEL")
    {
        Description = "A .safetensors or .gguf file, a .safetensors.index.json, or a folder with one model.",
    };
    private readonly Option<double?> _bits = new("--target-bpw")
    {
        Description = "Bits per weight that the whole model may take, tensors that are kept included.",
    };
    private readonly Option<long?> _size = new("--target-size")
    {
        Description = "Size that all tensors may take together: 3.9GiB, 700MiB, 4GB or bytes.",
        CustomParser = argument => Numbers.Size(argument),
    };
    private readonly Option<string[]> _formats = new("--format", "-f")
    {
        Description = "Formats to choose from, joined by commas; all but the slow ones to pack if not given.",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<bool> _gguf = new("--gguf") { Description = "Only formats that a GGUF file can hold, tensor by tensor." };
    private readonly Option<string> _sensitivity = new("--sensitivity")
    {
        Description =
            "How the loss grows with the relative error of a tensor: 'size' (with its values), 'equal', or a file of lines "
            + "tensor,sensitivity as eval --sensitivity writes it.",
        DefaultValueFactory = _ => BySize,
    };
    private readonly Option<string?> _importance = new("--importance")
    {
        Description = "Weights of the columns' errors, as for quantize; errors are weighed by them.",
    };
    private readonly Option<long?> _samples = new("--samples")
    {
        Description = "Values of a tensor to measure at most, in whole rows; 2^20 if not given.",
        CustomParser = argument => Numbers.Count(argument),
    };
    private readonly Option<string?> _rules = new("--rules")
    {
        Description = "Write the allocation as REGEX=FORMAT lines for quantize --tensor-types.",
    };
    private readonly Option<bool> _pareto = new("--pareto")
    {
        Description = "Print the table of sizes and costs instead of the allocation.",
    };
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly Option<string> _notation = CommonOptions.Output();
    private readonly CommandEnvironment _environment;

    private AllocateCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new AllocateCommand(environment);
        var command = new Command(
            "allocate",
            "Choose a format for each tensor so that the loss is least within a size (HIGGS's linearity theorem, solved exactly)."
        )
        {
            self._input,
            self._bits,
            self._size,
            self._formats,
            self._gguf,
            self._sensitivity,
            self._importance,
            self._samples,
            self._rules,
            self._pareto,
            self._threads,
            self._force,
            self._notation,
        };
        command.SetAction(self.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        double? bits = parsed.GetValue(_bits);
        long? size = parsed.GetValue(_size);
        bool pareto = parsed.GetValue(_pareto);
        if (bits is not null && size is not null || bits is null && size is null && !pareto)
        {
            throw new UsageException("name one target: --target-bpw or --target-size; or ask for --pareto.");
        }
        if (parsed.GetValue(_rules) is { } rules)
        {
            OutputFile.RequireFree(rules, parsed.GetValue(_force));
        }
        using ModelFile model = ModelFile.Open(parsed.GetRequiredValue(_input), _environment.Catalog);
        IReadOnlyList<AllocationItem> items = Items(parsed, model);
        long kept = model.Bytes - items.Sum(item => model[item.Name].Bytes);
        long? target = size ?? (bits is { } wanted ? (long)Math.Floor(wanted * model.Count / 8) : null);
        if (pareto)
        {
            TableWriter.Write(Pareto(model, items, kept), parsed.GetRequiredValue(_notation), _environment);
        }
        return target is { } budget ? Allocate(parsed, model, items, kept, budget, print: !pareto) : ExitCode.Ok;
    }

    private List<AllocationItem> Items(ParseResult parsed, ModelFile model)
    {
        string[] names = parsed.GetValue(_formats) ?? [];
        IReadOnlyList<CompressedFormat> formats =
            names.Length > 0
                ? FormatNames.FindAll(_environment.Catalog, names)
                : [.. _environment.Catalog.All.Where(format => format.Info.CandidatesPerWeight <= CandidatesByDefault)];
        ModelTensor[] tensors = [.. TensorSample.Candidates(model)];
        if (tensors.Length == 0)
        {
            throw new ModelFormatException(
                model.Path,
                $"it has no tensor of two or more dimensions and {QuantizationRules.FewestValues} or more values."
            );
        }
        ImportanceFile? importance = parsed.GetValue(_importance) is { } path ? ImportanceFile.Read(path, _environment.Catalog) : null;
        IReadOnlyDictionary<string, double> sensitivities = parsed.GetRequiredValue(_sensitivity) switch
        {
            BySize => Sensitivities.BySize(tensors),
            Equally => Sensitivities.Equal(tensors),
            var file => Sensitivities.Read(file, tensors),
        };
        List<FormatErrors> measured = new TensorMeasuring(_environment).Measure(
            tensors,
            formats,
            importance,
            parsed.GetValue(_samples) ?? SamplesByDefault,
            parsed.GetValue(_threads) ?? Environment.ProcessorCount,
            "allocate"
        );
        List<AllocationItem> items = [];
        foreach (IGrouping<ModelTensor, FormatErrors> group in measured.GroupBy(errors => errors.Tensor))
        {
            AllocationChoice[] choices =
            [
                .. group
                    .Where(errors => !parsed.GetValue(_gguf) || TensorStorage.Of(errors.Format).WhyNotGguf(group.Key.Shape) is null)
                    .Select(errors => new AllocationChoice(
                        errors.Format,
                        errors.Bytes,
                        sensitivities[group.Key.Name] * errors.Errors.WeightedRelativeError
                    )),
            ];
            if (choices.Length > 0)
            {
                items.Add(new(group.Key.Name, choices));
            }
            else
            {
                _environment.Note($"{group.Key.Name}: kept, none of the formats fits its shape {group.Key.ShapeText} in a GGUF file.");
            }
        }
        return items.Count > 0 ? items : throw new UsageException("none of the formats fits any tensor.");
    }

    private int Allocate(ParseResult parsed, ModelFile model, IReadOnlyList<AllocationItem> items, long kept, long target, bool print)
    {
        Allocation allocation = Allocator.Solve(items, target - kept)
            ?? throw new UsageException(
                FormattableString.Invariant(
                    $"{Sizes.Text(target)} are {Sizes.BitsPerWeight(target, model.Count):0.00##} bits per weight; the smallest formats take {Sizes.BitsPerWeight(kept + items.Sum(item => item.Choices.Min(choice => choice.Bytes)), model.Count):0.00##}, tensors that are kept included."
                )
            );
        if (print)
        {
            TableWriter.Write(Choices(model, items, allocation), parsed.GetRequiredValue(_notation), _environment);
        }
        _environment.Note(
            FormattableString.Invariant(
                $"allocation: {Sizes.Text(kept + allocation.Bytes)} of {Sizes.Text(target)}, {Sizes.BitsPerWeight(kept + allocation.Bytes, model.Count):0.0000} bits per weight ({Sizes.BitsPerWeight(allocation.Bytes, items.Sum(item => model[item.Name].Count)):0.0000} of tensors that are packed), cost {allocation.Cost:G5}"
            )
        );
        if (Allocator.BestUniform(items, target - kept) is { } uniform)
        {
            _environment.Note(
                FormattableString.Invariant(
                    $"best uniform: {uniform.Choices[0].Format}, {Sizes.BitsPerWeight(kept + uniform.Bytes, model.Count):0.0000} bits per weight, cost {uniform.Cost:G5}; the allocation costs {1 - allocation.Cost / uniform.Cost:0.0%} less"
                )
            );
        }
        else
        {
            _environment.Note("no format alone is that small.");
        }
        if (parsed.GetValue(_rules) is { } path)
        {
            using OutputFile file = OutputFile.Create(path, parsed.GetValue(_force));
            using (var writer = new StreamWriter(file.Stream, leaveOpen: true))
            {
                foreach ((AllocationItem item, AllocationChoice choice) in items.Zip(allocation.Choices))
                {
                    writer.WriteLine($"^{Regex.Escape(item.Name)}$={choice.Format}");
                }
            }
            file.Commit();
        }
        return ExitCode.Ok;
    }

    private static DataTable Choices(ModelFile model, IReadOnlyList<AllocationItem> items, Allocation allocation)
    {
        var table = new DataTable(
            new("tensor", "tensor"),
            new("shape", "shape"),
            new("format", "format"),
            new("bits_per_weight", "bits", "0.00##"),
            new("bytes", "bytes"),
            new("cost", "cost", "G4"),
            new("rule", "rule for quantize --tensor-type")
        );
        foreach ((AllocationItem item, AllocationChoice choice) in items.Zip(allocation.Choices))
        {
            ModelTensor tensor = model[item.Name];
            table.Add(
                item.Name,
                tensor.ShapeText,
                choice.Format.Info.Name,
                8.0 * choice.Bytes / tensor.Count,
                choice.Bytes,
                choice.Cost,
                $"^{Regex.Escape(item.Name)}$={choice.Format}"
            );
        }
        return table;
    }

    /// <summary>Sizes between the smallest and the largest allocation, and those of the uniform formats that no other uniform one beats.</summary>
    private static DataTable Pareto(ModelFile model, IReadOnlyList<AllocationItem> items, long kept)
    {
        var table = new DataTable(
            new("bits_per_weight", "bits", "0.000"),
            new("bytes", "bytes"),
            new("cost", "cost", "G4"),
            new("uniform", "best uniform"),
            new("uniform_bits", "its bits", "0.000"),
            new("uniform_cost", "its cost", "G4"),
            new("gain", "gain", "0.0%")
        );
        long least = items.Sum(item => item.Choices.Min(choice => choice.Bytes)),
            most = items.Sum(item => item.Choices.MinBy(choice => (choice.Cost, choice.Bytes))!.Bytes);
        Allocation[] uniforms = [.. Allocator.Uniform(items)];
        IEnumerable<long> sizes = uniforms
            .Where(one => uniforms.All(other => other.Bytes >= one.Bytes || other.Cost > one.Cost))
            .Select(one => one.Bytes)
            .Concat(
                Enumerable
                    .Range(0, ParetoSteps + 1)
                    .Select(step => step == ParetoSteps ? most : (long)(least * Math.Pow((double)most / least, (double)step / ParetoSteps)))
            );
        foreach (long budget in sizes.Distinct().Order())
        {
            Allocation allocation = Allocator.Solve(items, budget)!;
            Allocation? uniform = Allocator.BestUniform(items, budget);
            table.Add(
                Sizes.BitsPerWeight(kept + allocation.Bytes, model.Count),
                kept + allocation.Bytes,
                allocation.Cost,
                uniform?.Choices[0].Format.Info.Name,
                uniform is null ? null : Sizes.BitsPerWeight(kept + uniform.Bytes, model.Count),
                uniform?.Cost,
                uniform is null ? null
                    : uniform.Cost > 0 ? 1 - allocation.Cost / uniform.Cost
                    : 0.0
            );
        }
        return table;
    }
}
