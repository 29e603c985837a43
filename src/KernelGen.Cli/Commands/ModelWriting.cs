using System.CommandLine;
using System.Globalization;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Models;
using KernelGen.Reports;

namespace KernelGen.Cli.Commands;

/// <summary>Options and work that commands share which write a whole model.</summary>
internal sealed class ModelWriting(CommandEnvironment environment)
{
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly Option<bool> _resume = new("--resume") { Description = "Continue what an interrupted run has left as OUT.partial." };

    private readonly Option<long?> _split = new("--split-size")
    {
        Description =
            "GGUF: several files, OUT-00001-of-0000N.gguf, each with so many bytes of tensors at most (4GiB, 700MB), though one "
            + "tensor at least.",
        CustomParser = argument => Numbers.Size(argument),
    };

    private readonly Option<bool> _strict = Strict();
    private readonly Option<bool> _saturate = Saturate();

    private readonly Option<bool> _keepNames = new("--keep-names")
    {
        Description = "Between Hugging Face and GGUF: keep names and row order, which the other side does not run.",
    };

    private readonly Option<string[]> _drop = new("--drop")
    {
        Description = "Leave out tensors whose names match this regular expression: masks and other buffers. May be given several times.",
    };

    public static Option<bool> Strict() =>
        new("--strict")
        {
            Description = "Exit code 1 if more of a tensor is lost than its format's rounding; without it that is a warning.",
        };

    public static Option<bool> Saturate() =>
        new("--saturate")
        {
            Description = "Cut finite values beyond the range of f16 or bf16 to the largest; without it they are an error.",
        };

    public void AddTo(Command command)
    {
        command.Add(_drop);
        command.Add(_keepNames);
        command.Add(_strict);
        command.Add(_saturate);
        command.Add(_split);
        command.Add(_threads);
        command.Add(_force);
        command.Add(_resume);
    }

    /// <summary>
    /// The model as it is to be written: without what <c>--drop</c> names, a checkpoint of transformers under llama.cpp's names where a
    /// GGUF file is written, and the other way round.
    /// </summary>
    /// <exception cref="QuantizationRuleException">A pattern is wrong, or matches nothing.</exception>
    /// <exception cref="ModelFormatException">llama.cpp's names of the checkpoint are not known here.</exception>
    public ModelFile Prepared(ParseResult parsed, ModelFile model, ModelContainer container)
    {
        ModelFile kept = model.Without(parsed.GetValue(_drop) ?? []);
        return parsed.GetValue(_keepNames) ? kept
            : container == ModelContainer.Gguf && kept.IsHuggingFace() ? kept.ForLlamaCpp()
            : container == ModelContainer.Safetensors && kept.IsLlamaCpp() ? kept.ForTransformers()
            : kept;
    }

    /// <summary>The file that is written: OUT, or <c>model.safetensors</c> in it if it is a folder.</summary>
    public static string FileOf(string output) => IsFolder(output) ? Path.Combine(output, "model" + SafetensorsFile.Extension) : output;

    private static bool IsFolder(string output) => Path.EndsInDirectorySeparator(output) || Directory.Exists(output);

    /// <summary>The config.json that is written next to the model if OUT is a folder; null if none is.</summary>
    private static string? ConfigOf(string output, QuantizationPlan plan) =>
        IsFolder(output) && LlamaConfig.TextOf(plan.Model) is not null ? Path.Combine(output, LlamaConfig.MetadataKey) : null;

    /// <summary>Lays the output out.</summary>
    /// <exception cref="UsageException">It cannot be split.</exception>
    public ModelWriter Layout(ParseResult parsed, QuantizationPlan plan)
    {
        long? split = parsed.GetValue(_split);
        return split is null || plan.Container == ModelContainer.Gguf
            ? new(plan.Model, plan.Tensors, plan.Container, split)
            : throw new UsageException($"--split-size is for {GgufFile.Extension} files.");
    }

    /// <summary>Throws if the output may not be written; to be asked before long work.</summary>
    public void RequireFree(ParseResult parsed, QuantizationPlan plan, ModelWriter writer, string output)
    {
        IEnumerable<string> paths = [.. writer.Paths(FileOf(output)), .. ConfigOf(output, plan) is { } config ? [config] : (string[])[]];
        foreach (string path in paths.Where(_ => !parsed.GetValue(_resume)))
        {
            OutputFile.RequireFree(path, parsed.GetValue(_force));
        }
    }

    /// <summary>Writes the model and says what was lost of it.</summary>
    /// <returns>The exit code.</returns>
    public int Write(ParseResult parsed, QuantizationPlan plan, string folderOrFile, ImportanceFile? importance, string verb)
    {
        bool resume = parsed.GetValue(_resume);
        ModelWriter writer = Layout(parsed, plan);
        RequireFree(parsed, plan, writer, folderOrFile);
        if (IsFolder(folderOrFile))
        {
            Directory.CreateDirectory(folderOrFile);
        }
        string output = FileOf(folderOrFile);
        long bytes = plan.Model.Bytes;
        ModelWriteReport report = null!;
        double seconds = 0;
        try
        {
            environment.Progress.Run(verb, Throughput.Steps(bytes), tell =>
            {
                var throughput = new Throughput(tell);
                report = writer.Write(
                    output,
                    new()
                    {
                        Overwrite = parsed.GetValue(_force),
                        Resume = resume,
                        Threads = parsed.GetValue(_threads) ?? Environment.ProcessorCount,
                        Cancellation = environment.Cancellation,
                        Importance = importance,
                        Saturate = parsed.GetValue(_saturate),
                        Progress = throughput.Report,
                    }
                );
                seconds = throughput.Seconds;
            });
        }
        catch (OperationCanceledException)
        {
            IReadOnlyList<string> paths = writer.Paths(output);
            environment.Note(
                $"{verb}: what is done is in {paths[0]}.partial{(paths.Count > 1 ? " and so on" : "")}; --resume continues it."
            );
            throw;
        }
        if (ConfigOf(folderOrFile, plan) is { } path)
        {
            using OutputFile config = OutputFile.Create(path, parsed.GetValue(_force) || resume);
            config.Stream.Write(System.Text.Encoding.UTF8.GetBytes(LlamaConfig.TextOf(plan.Model)!));
            config.Commit();
        }
        if (report.Reused == bytes && report.Reading == default && bytes > 0)
        {
            environment.Note($"{writer.Paths(output)[0]} is complete already.");
            return ExitCode.Ok;
        }
        string before = resume ? $", {Sizes.Text(report.Reused)} were done before" : "";
        environment.Note(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{string.Join(" … ", writer.Paths(output) is [var first, .., var last] ? [first, last] : writer.Paths(output))}: "
                    + $"{Sizes.Text(plan.Model.StoredBytes)} -> {Sizes.Text(plan.Bytes)}, {Sizes.BitsPerWeight(plan.Bytes, plan.Model.Count):0.00##} bits "
                    + $"per weight, {seconds:0.0} s, {(bytes - report.Reused) / 1e6 / Math.Max(seconds, 1e-3):0} MB/s{before}"
            )
        );
        environment.Note(
            string.Create(
                CultureInfo.InvariantCulture,
                $"all threads together: {report.Reading.TotalSeconds:0.0} s reading, {report.Packing.TotalSeconds:0.0} s packing, "
                    + $"{report.Writing.TotalSeconds:0.0} s writing; {report.Flushing.TotalSeconds:0.0} s waiting for the disk at the end"
            )
        );
        Warn(environment, report.Losses, plan.Tensors.Count(tensor => !tensor.IsCopied));
        return report.Losses.Count > 0 && parsed.GetValue(_strict) ? ExitCode.Failed : ExitCode.Ok;
    }

    /// <summary>Says how many tensors lost more than rounding, and of which the most.</summary>
    public static void Warn(CommandEnvironment environment, IReadOnlyList<TensorLoss> losses, int packed)
    {
        if (losses.MaxBy(loss => loss.Badness) is { } worst)
        {
            environment.Note(
                $"warning: {losses.Count} of {packed} tensors lost more than rounding; the worst, "
                    + $"{worst.Tensor.Source.Name}, {worst.Words}."
            );
        }
    }

    /// <summary>Writes at one go: what is cancelled leaves nothing behind.</summary>
    public static ModelWriteReport WriteWhole(
        CommandEnvironment environment,
        string verb,
        ModelWriter writer,
        long sourceBytes,
        string output,
        ModelWriteOptions options
    )
    {
        ModelWriteReport report = null!;
        environment.Progress.Run(verb, Throughput.Steps(sourceBytes), tell =>
            report = writer.Write(
                output,
                options with
                {
                    KeepUnfinished = false,
                    Note = environment.Note,
                    Cancellation = environment.Cancellation,
                    Progress = new Throughput(tell).Report,
                }
            )
        );
        return report;
    }
}
