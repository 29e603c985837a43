using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Models;
using KernelGen.Reports;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen quantize</c>: a model in, a smaller one out.</summary>
internal sealed class QuantizeCommand
{
    private readonly Argument<string> _input = new("IN")
    {
        Description = "A .safetensors or .gguf file, a .safetensors.index.json, or a folder with one model.",
    };
    private readonly Argument<string?> _output = new("OUT")
    {
        Description =
            "OUT.gguf (formats that are types of ggml) or OUT.safetensors (all formats), or a folder for model.safetensors. "
            + "Without it IN-FORMAT.gguf, or .safetensors if a format is none of ggml's.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string?> _format = new("--format", "-f")
    {
        Description = "Format of all tensors of two or more dimensions that no rule names and that it makes smaller.",
    };
    private readonly Option<string?> _recipe = new("--recipe")
    {
        Description = "GGUF: a mixture under llama-quantize's name, q4_k_m for example. --tensor-type wins over it.",
    };
    private readonly Option<string?> _embedding = new("--token-embedding-type") { Description = "Format of the token embedding." };
    private readonly Option<string?> _head = new("--output-tensor-type")
    {
        Description = "Format of the output matrix; of the embedding where they are tied.",
    };
    private readonly Option<string[]> _rules = new("--tensor-type")
    {
        Description =
            "REGEX=FORMAT: the format of tensors whose names match, or 'keep'. May be given several times; the last one that matches wins, "
            + "and it wins over --keep, --pure and --format.",
    };
    private readonly Option<string?> _rulesFile = new("--tensor-types")
    {
        Description = "A file of such rules, one a line, as allocate writes them; # starts a comment.",
    };
    private readonly Option<string[]> _keep = new("--keep")
    {
        Description = "Keep tensors whose names match this regular expression as they are.",
    };
    private readonly Option<bool> _pure = new("--pure")
    {
        Description = "Without exceptions: small tensors and rows that do not fit are not kept but packed, or an error.",
    };
    private readonly Option<bool> _allow = new("--allow-requantize") { Description = "Quantise tensors that are quantised already." };
    private readonly Option<string?> _importance = new("--importance")
    {
        Description =
            "A GGUF or safetensors file with the weight of each input column's error: NAME or NAME.importance, or NAME.in_sum2 and "
            + "NAME.counts as llama.cpp collects them.",
    };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Print what would be done, and do nothing." };
    private readonly Option<string> _notation = CommonOptions.Output();
    private readonly ModelWriting _writing;
    private readonly CommandEnvironment _environment;

    private QuantizeCommand(CommandEnvironment environment) => (_environment, _writing) = (environment, new(environment));

    public static Command Create(CommandEnvironment environment)
    {
        var self = new QuantizeCommand(environment);
        var command = new Command("quantize", "Quantise a model, tensor by tensor and rows at a time, regardless of its size.")
        {
            self._input,
            self._output,
            self._format,
            self._recipe,
            self._embedding,
            self._head,
            self._rules,
            self._rulesFile,
            self._keep,
            self._pure,
            self._allow,
            self._importance,
            self._dryRun,
            self._notation,
        };
        self._writing.AddTo(command);
        command.SetAction(self.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        QuantizationRules rules = Rules(parsed);
        QuantizationRecipe? recipe = parsed.GetValue(_recipe) is { } name ? QuantizationRecipe.Of(name) : null;
        if (recipe is not null && rules.Format is not null)
        {
            throw new UsageException("--recipe and --format both say the format of most tensors; give one.");
        }
        bool named = recipe is not null || parsed.GetValue(_embedding) is not null || parsed.GetValue(_head) is not null;
        if (!named && rules.Format is null && rules.Rules.All(rule => rule.Format is null))
        {
            throw new UsageException("name a format with --format, or formats of some tensors with --tensor-type REGEX=FORMAT.");
        }
        string input = parsed.GetRequiredValue(_input),
            output = parsed.GetValue(_output) ?? DefaultOutput(input, rules, recipe);
        ModelContainer container = FileKind.ContainerOf(ModelWriting.FileOf(output));
        using ModelFile whole = ModelFile.Open(input, _environment.Catalog);
        QuantizationPlan.RequireOriginal(whole, rules);
        ModelFile model = _writing.Prepared(parsed, whole, container);
        IReadOnlyList<TensorRule> mixture = recipe?.RulesFor(model, _environment.Catalog) ?? [];
        rules = rules with { Rules = [.. mixture, .. EndRules(parsed, model), .. rules.Rules] };
        QuantizationPlan plan = QuantizationPlan.Make(model, rules, container);
        ImportanceFile? importance = Importance(parsed, plan);
        ModelWriter writer = _writing.Layout(parsed, plan);
        _writing.RequireFree(parsed, plan, writer, output); // a dry run, too, promises only what the run does
        TableWriter.Write(Table(plan), parsed.GetRequiredValue(_notation), _environment);
        if (parsed.GetValue(_dryRun))
        {
            int files = writer.Paths(ModelWriting.FileOf(output)).Count;
            string what = files == 1 ? output : FormattableString.Invariant($"{output} in {files} files");
            _environment.Note(
                FormattableString.Invariant(
                    $"{what} would have {writer.Length} bytes: tensors {Sizes.Text(model.StoredBytes)} ({Sizes.BitsPerWeight(model.StoredBytes, model.Count):0.00##} bits per weight) -> {Sizes.Text(plan.Bytes)} ({Sizes.BitsPerWeight(plan.Bytes, model.Count):0.00##})"
                )
            );
            NoteKept(plan);
            return ExitCode.Ok;
        }
        int code = _writing.Write(parsed, plan, output, importance, "quantize");
        NoteKept(plan);
        return code;
    }

    /// <summary>Says so where a GGUF file keeps more than half of the values as they are: it is larger than its name suggests.</summary>
    private void NoteKept(QuantizationPlan plan)
    {
        double share = (double)plan.QuantisedCount / Math.Max(1, plan.Model.Count);
        PlannedTensor[] kept = [.. plan.Tensors.Where(tensor => tensor.IsCopied && !tensor.Target.IsQuantised)];
        if (plan.Container == ModelContainer.Gguf && share < 0.5 && kept.MaxBy(tensor => tensor.Source.Count) is { } largest)
        {
            _environment.Note(
                FormattableString.Invariant(
                    $"warning: only {share:0.#%} of the weights are quantised; {kept.Length} tensors are as they were, "
                ) + $"the largest, {largest.Source.Name}: {largest.Reason}."
            );
        }
    }

    private QuantizationRules Rules(ParseResult parsed)
    {
        CompressedFormat? format = parsed.GetValue(_format) is { } name ? FormatNames.Find(_environment.Catalog, name) : null;
        IEnumerable<string> lines = parsed.GetValue(_rulesFile) is { } path
            ? File.ReadLines(path).Select(line => line.Split('#')[0].Trim()).Where(line => line.Length > 0)
            : [];
        return new()
        {
            Format = format,
            Rules =
            [
                .. (parsed.GetValue(_keep) ?? []).Select(pattern => TensorRules.Keep(pattern)),
                .. lines.Concat(parsed.GetValue(_rules) ?? []).Select(text => TensorRules.Parse(text, _environment.Catalog)),
            ],
            Pure = parsed.GetValue(_pure),
            AllowRequantise = parsed.GetValue(_allow),
        };
    }

    /// <summary>Rules for the two ends of a model, by llama.cpp's names or Hugging Face's.</summary>
    private IEnumerable<TensorRule> EndRules(ParseResult parsed, ModelFile model)
    {
        const string embedding = @"^(token_embd|model\.embed_tokens)\.weight$",
            head = @"^(output|lm_head)\.weight$";
        if (parsed.GetValue(_head) is { } ofHead)
        {
            CompressedFormat format = FormatNames.Find(_environment.Catalog, ofHead);
            var rule = new TensorRule(head, format);
            yield return model.Tensors.Any(rule.Matches) ? rule : new(embedding, format);
        }
        if (parsed.GetValue(_embedding) is { } ofEmbedding)
        {
            yield return new(embedding, FormatNames.Find(_environment.Catalog, ofEmbedding));
        }
    }

    private static string DefaultOutput(string input, QuantizationRules rules, QuantizationRecipe? recipe)
    {
        IEnumerable<CompressedFormat> formats = rules.Rules.Select(rule => rule.Format).Append(rules.Format).OfType<CompressedFormat>();
        bool gguf = formats.All(format => TensorStorage.Of(format).Ggml is not null);
        string stem = Directory.Exists(input) ? Path.GetFullPath(input).TrimEnd(Path.DirectorySeparatorChar) : input;
        foreach (string ending in new[] { SafetensorsIndex.Extension, SafetensorsFile.Extension, GgufFile.Extension })
        {
            stem = stem.EndsWith(ending, StringComparison.OrdinalIgnoreCase) ? stem[..^ending.Length] : stem;
        }
        string what = recipe?.Name ?? rules.Format?.Info.Name ?? "mixed";
        return $"{stem}-{what}{(gguf ? ModelContainer.Gguf : ModelContainer.Safetensors).Extension()}";
    }

    private ImportanceFile? Importance(ParseResult parsed, QuantizationPlan plan)
    {
        if (parsed.GetValue(_importance) is not { } path)
        {
            return null;
        }
        ImportanceFile importance = ImportanceFile.Read(path, _environment.Catalog);
        PlannedTensor[] packed = [.. plan.Tensors.Where(tensor => !tensor.IsCopied)];
        int known = packed.Count(tensor => importance.For(tensor.Source) is not null);
        if (known == 0 && packed.Length > 0)
        {
            throw new ModelFormatException(
                path,
                $"it speaks of none of the {packed.Length} tensors that are quantised. {NearestName.Sentence(packed[0].Source.Name, importance.Names)}"
            );
        }
        _environment.Note($"{path}: importance for {known} of {packed.Length} tensors that are quantised.");
        string[] silent = [.. importance.NeverActivated(packed.Select(tensor => tensor.Source))];
        if (silent.Length > 0)
        {
            _environment.Note(
                $"{path}: {silent.Length} tensors have importance 0 throughout, {silent[0]} among them; they, or "
                    + $"their experts, are packed unweighted."
            );
        }
        string[] deaf =
        [
            .. packed
                .Select(tensor => tensor.Target.Format?.Info)
                .OfType<FormatInfo>()
                .Where(info => !info.HonoursImportance)
                .Select(info => info.Name)
                .Distinct(),
        ];
        if (deaf.Length > 0)
        {
            _environment.Note($"{string.Join(", ", deaf)}: packing does not search and takes no notice of importance.");
        }
        return importance;
    }

    private static DataTable Table(QuantizationPlan plan)
    {
        var table = new DataTable(
            new("tensor", "tensor"),
            new("shape", "shape"),
            new("before", "before"),
            new("after", "after"),
            new("bits_per_weight", "bits", "0.00##"),
            new("bytes_before", "bytes before"),
            new("bytes_after", "bytes after"),
            new("why", "why")
        );
        foreach (PlannedTensor tensor in plan.Tensors)
        {
            table.Add(
                tensor.Source.Name,
                tensor.Source.ShapeText,
                tensor.Source.Storage.Name,
                tensor.Target.Name,
                tensor.BitsPerWeight,
                tensor.Source.StoredBytes,
                tensor.Bytes,
                tensor.Reason
            );
        }
        return table;
    }
}
