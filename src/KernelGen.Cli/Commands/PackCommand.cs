using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Models;

namespace KernelGen.Cli.Commands;

/// <summary>
/// <c>kernelgen pack</c>: float32 or safetensors in; out the packed bytes alone, or a safetensors file that describes them.
/// </summary>
internal sealed class PackCommand
{
    private readonly Argument<string> _input = new("IN") { Description = "IN.f32 (raw little-endian float32) or IN.safetensors." };
    private readonly Argument<string> _output = new("OUT")
    {
        Description = "OUT.safetensors (bytes and their description), or any other name for the packed bytes of one tensor alone.",
    };
    private readonly Option<string> _format = new("--format", "-f") { Description = "Name of the format.", Required = true };
    private readonly Option<string[]> _tensors = new("--tensor")
    {
        Description =
            "Pack this tensor of IN.safetensors; may be given several times. Without it every tensor of two or more dimensions is packed and the rest copied.",
    };
    private readonly Option<int?> _rows = CommonOptions.Length("--rows", "Rows of IN.f32; 1 if neither is given.");
    private readonly Option<int?> _columns = CommonOptions.Length("--columns", "Columns of IN.f32, the axis along which groups run.");
    private readonly Option<string?> _importance = new("--importance")
    {
        Description =
            "FILE.f32: one number of 0 or more per column, which weighs squared errors wherever the format searches (raw little-endian float32).",
    };
    private readonly Option<bool> _strict = ModelWriting.Strict();
    private readonly Option<bool> _saturate = ModelWriting.Saturate();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly CommandEnvironment _environment;

    private PackCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new PackCommand(environment);
        var command = new Command("pack", "Pack weights into a format.")
        {
            self._input,
            self._output,
            self._format,
            self._tensors,
            self._rows,
            self._columns,
            self._importance,
            self._strict,
            self._saturate,
            self._threads,
            self._force,
        };
        command.SetAction(self.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        CompressedFormat format = FormatNames.Find(_environment.Catalog, parsed.GetRequiredValue(_format));
        string input = parsed.GetRequiredValue(_input),
            output = parsed.GetRequiredValue(_output);
        OutputFile.RequireFree(output, parsed.GetValue(_force));
        ImportanceFile? importance = Importance(parsed, format);
        using ModelFile model = Open(parsed, input);
        QuantizationPlan plan = QuantizationPlan.Packed(model, format, parsed.GetValue(_tensors) is { Length: > 0 } names ? names : null);
        PlannedTensor[] packed = [.. plan.Tensors.Where(tensor => !tensor.IsCopied)];
        bool alone = !FileKind.IsSafetensors(output);
        if (alone && packed.Length != 1)
        {
            throw new UsageException(
                $"{packed.Length} tensors do not go into {output}: name an output that ends in .safetensors, or one tensor with --tensor."
            );
        }
        ModelWriter writer = alone ? ModelWriter.OfBytes(model, packed[0]) : new(model, plan.Tensors, plan.Container);
        ModelWriteReport report = ModelWriting.WriteWhole(
            _environment,
            $"pack {format}",
            writer,
            alone ? packed[0].Source.Bytes : model.Bytes,
            output,
            new()
            {
                Overwrite = parsed.GetValue(_force),
                Threads = parsed.GetValue(_threads) ?? Environment.ProcessorCount,
                Importance = importance,
                Saturate = parsed.GetValue(_saturate),
            }
        );
        ModelWriting.Warn(_environment, report.Losses, packed.Length);
        Summary(format, packed.Length, packed.Sum(tensor => tensor.Source.Count), packed.Sum(tensor => tensor.Bytes));
        if (!alone && packed.Length < plan.Tensors.Count)
        {
            _environment.Note(
                $"{plan.Tensors.Count - packed.Length} tensors copied as they were: {string.Join(", ", plan.Tensors.Where(tensor => tensor.IsCopied).Select(tensor => tensor.Source.Name))}"
            );
        }
        return report.Losses.Count > 0 && parsed.GetValue(_strict) ? ExitCode.Failed : ExitCode.Ok;
    }

    private ModelFile Open(ParseResult parsed, string input)
    {
        bool sized = parsed.GetValue(_rows) is not null || parsed.GetValue(_columns) is not null;
        if (FileKind.IsSafetensors(input))
        {
            return sized
                ? throw new UsageException($"--rows and --columns are for .f32 files; {input} knows its shapes.")
                : ModelFile.Open(input, _environment.Catalog);
        }
        FileKind.RequireRaw(input, "pack");
        if (parsed.GetValue(_tensors) is { Length: > 0 })
        {
            throw new UsageException($"--tensor names tensors of a safetensors file; {input} is none.");
        }
        (int rows, int columns) = MatrixSize.Of(input, RawFloatFile.Count(input), parsed.GetValue(_rows), parsed.GetValue(_columns));
        return RawModel.Open(input, TensorStorage.Of(SafetensorsDtype.F32), rows, columns);
    }

    /// <summary>
    /// The importance of columns, checked against nothing but itself; a format that does not search says that it takes no notice.
    /// </summary>
    private ImportanceFile? Importance(ParseResult parsed, CompressedFormat format)
    {
        if (parsed.GetValue(_importance) is not { } path)
        {
            return null;
        }
        if (!FileKind.IsRaw(path))
        {
            throw new UsageException($"{path}: --importance takes {RawFloatFile.Extension} files.");
        }
        float[] importance = RawFloatFile.Read(path);
        if (importance.Length == 0)
        {
            throw new ModelFormatException(path, "it is empty; it has to hold one importance value per column.");
        }
        for (int column = 0; column < importance.Length; column++)
        {
            if (!(importance[column] >= 0 && float.IsFinite(importance[column])))
            {
                throw new ModelFormatException(
                    path,
                    FormattableString.Invariant(
                        $"the importance of column {column} is {importance[column]}; it has to be a finite number of 0 or more."
                    )
                );
            }
        }
        if (!format.Info.HonoursImportance)
        {
            _environment.Note($"{format} does not search for scales or codes: --importance changes nothing");
        }
        return ImportanceFile.ForAll(path, importance);
    }

    private void Summary(CompressedFormat format, int tensors, long weights, long bytes) =>
        _environment.Note(
            FormattableString.Invariant(
                $"{format}: {tensors} {(tensors == 1 ? "tensor" : "tensors")}, {weights} weights in {bytes} bytes, {(weights > 0 ? 8.0 * bytes / weights : 0):0.0###} bits per weight"
            )
        );
}
