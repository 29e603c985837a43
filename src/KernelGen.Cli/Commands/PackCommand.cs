using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Models;

namespace KernelGen.Cli.Commands;

/// <summary>
/// <c>kernelgen pack</c>: float32 or safetensors in; out the packed bytes alone, or a safetensors file that describes them.
/// </summary>
internal sealed class PackCommand
{
    private readonly Argument<string> _input = new("IN") { Description = "IN.f32 (raw little-endian float32) or IN.safetensors." };
    private readonly Argument<string> _output = new("OUT") { Description = "OUT.safetensors (bytes and their description), or any other name for the packed bytes of one tensor alone." };
    private readonly Option<string> _format = new("--format", "-f") { Description = "Name of the format.", Required = true };
    private readonly Option<string[]> _tensors = new("--tensor") { Description = "Pack this tensor of IN.safetensors; may be given several times. Without it every tensor of two or more dimensions is packed and the rest copied." };
    private readonly Option<int?> _rows = CommonOptions.Length("--rows", "Rows of IN.f32; 1 if neither is given.");
    private readonly Option<int?> _columns = CommonOptions.Length("--columns", "Columns of IN.f32, the axis along which groups run.");
    private readonly Option<string?> _importance = new("--importance") { Description = "FILE.f32: one number of 0 or more per column, which weighs squared errors wherever the format searches (raw little-endian float32)." };
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly CommandEnvironment _environment;

    private PackCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new PackCommand(environment);
        var command = new Command("pack", "Pack weights into a format.")
        {
            self._input, self._output, self._format, self._tensors, self._rows, self._columns, self._importance, self._threads, self._force,
        };
        command.SetAction(self.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        CompressedFormat format = FormatNames.Find(_environment.Catalog, parsed.GetRequiredValue(_format));
        string input = parsed.GetRequiredValue(_input), output = parsed.GetRequiredValue(_output);
        OutputFile.RequireFree(output, parsed.GetValue(_force));
        float[] importance = Importance(parsed, format);
        if (FileKind.IsSafetensors(input))
        {
            return PackModel(parsed, format, input, output, importance);
        }
        FileKind.RequireRaw(input, "pack");
        if (parsed.GetValue(_tensors) is { Length: > 0 })
        {
            throw new UsageException($"--tensor names tensors of a safetensors file; {input} is none.");
        }
        return PackRaw(parsed, format, input, output, importance);
    }

    private int PackRaw(ParseResult parsed, CompressedFormat format, string input, string output, float[] importance)
    {
        long count = RawFloatFile.Count(input);
        (int rows, int columns) = MatrixSize.Of(input, count, parsed.GetValue(_rows), parsed.GetValue(_columns));
        // In floating point first: the bytes of one very long row do not fit the type that counts them.
        if (importance.Length > 0 && importance.Length != columns)
        {
            throw new ModelFormatException(parsed.GetValue(_importance)!, $"it has {importance.Length} values; {input} has {columns} columns: give one importance value per column.");
        }
        if (count > Array.MaxLength || format.Info.BitsPerWeight / 8 * columns > int.MaxValue / 2 || format.Info.PackedBytes(rows, columns) > Array.MaxLength)
        {
            throw new ModelFormatException(input, $"it has {count} values; at most {Array.MaxLength} values and bytes are packed at once.");
        }
        var packed = new byte[format.Info.PackedBytes(rows, columns)];
        float[] values = RawFloatFile.Read(input);
        Parallelism parallelism = CommonOptions.Parallelism(_environment, parsed.GetValue(_threads));
        _environment.Progress.Run($"pack {format}", rows, report =>
            format.Pack(values, rows, columns, importance, packed, parallelism with { RowsDone = new RowCounter(done => report(done, "rows")) }));
        bool force = parsed.GetValue(_force);
        if (FileKind.IsSafetensors(output))
        {
            string name = Path.GetFileNameWithoutExtension(input);
            var description = new PackedTensor(format.Info.Name, rows, columns, [rows, columns]);
            SafetensorsWriter.Write(
                output, [new(name, SafetensorsDtype.U8, [packed.Length], stream => stream.Write(packed))],
                PackedMetadata.Write(new Dictionary<string, PackedTensor> { [name] = description }, [format.Info]), force, _environment.Cancellation);
        }
        else
        {
            WriteBytes(output, packed, force);
        }
        Summary(format, 1, count, packed.Length);
        return ExitCode.Ok;
    }

    private int PackModel(ParseResult parsed, CompressedFormat format, string input, string output, float[] importance)
    {
        if (parsed.GetValue(_rows) is not null || parsed.GetValue(_columns) is not null)
        {
            throw new UsageException($"--rows and --columns are for .f32 files; {input} knows its shapes.");
        }
        using SafetensorsFile source = SafetensorsFile.Open(input);
        string[]? names = parsed.GetValue(_tensors) is { Length: > 0 } given ? given : null;
        var packer = new ModelPacker(source, format, names, importance);
        Parallelism parallelism = CommonOptions.Parallelism(_environment, parsed.GetValue(_threads));
        bool force = parsed.GetValue(_force);
        long weights = packer.Packed.Sum(tensor => tensor.Count);
        if (!FileKind.IsSafetensors(output))
        {
            SafetensorsTensor tensor = packer.Packed is [var only]
                ? only
                : throw new UsageException($"{packer.Packed.Count} tensors do not go into {output}: name an output that ends in .safetensors, or one tensor with --tensor.");
            byte[] packed = packer.Pack(tensor, parallelism);
            WriteBytes(output, packed, force);
            Summary(format, 1, weights, packed.Length);
            return ExitCode.Ok;
        }
        _environment.Progress.Run($"pack {format}", source.Tensors.Count, report => packer.Write(output, force, (done, name) => report(done, name), parallelism));
        Summary(format, packer.Packed.Count, weights, packer.Packed.Sum(tensor => format.Info.PackedBytes(tensor.Rows, (int)tensor.Columns)));
        if (packer.Copied.Count > 0)
        {
            _environment.Note($"{packer.Copied.Count} tensors copied as they were: {string.Join(", ", packer.Copied.Select(tensor => tensor.Name))}");
        }
        return ExitCode.Ok;
    }

    /// <summary>The importance of columns, checked against nothing but itself; a format that does not search says that it takes no notice.</summary>
    private float[] Importance(ParseResult parsed, CompressedFormat format)
    {
        if (parsed.GetValue(_importance) is not { } path)
        {
            return [];
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
                throw new ModelFormatException(path, FormattableString.Invariant($"the importance of column {column} is {importance[column]}; it has to be a finite number of 0 or more."));
            }
        }
        if (!format.Info.HonoursImportance)
        {
            _environment.Note($"{format} does not search for scales or codes: --importance changes nothing");
        }
        return importance;
    }

    private void WriteBytes(string path, byte[] bytes, bool force)
    {
        using OutputFile file = OutputFile.Create(path, force);
        file.Stream.Write(bytes);
        _environment.Cancellation.ThrowIfCancellationRequested();
        file.Commit();
    }

    private void Summary(CompressedFormat format, int tensors, long weights, long bytes)
        => _environment.Note(FormattableString.Invariant(
            $"{format}: {tensors} {(tensors == 1 ? "tensor" : "tensors")}, {weights} weights in {bytes} bytes, {(weights > 0 ? 8.0 * bytes / weights : 0):0.0###} bits per weight"));
}
