using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Models;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen unpack</c>: the reverse of <c>pack</c>, into float32.</summary>
internal sealed class UnpackCommand
{
    private readonly Argument<string> _input = new("IN") { Description = "Packed bytes, or IN.safetensors as pack writes it." };
    private readonly Argument<string> _output = new("OUT")
    {
        Description = "OUT.f32 (raw little-endian float32, one tensor) or OUT.safetensors (all tensors; from IN.safetensors).",
    };
    private readonly Option<string?> _format = new("--format", "-f")
    {
        Description = "Name of the format; needed for bytes alone, a safetensors file knows it.",
    };
    private readonly Option<string?> _tensor = new("--tensor")
    {
        Description = "The tensor of IN.safetensors to write to OUT.f32; needed if several are packed.",
    };
    private readonly Option<int?> _rows = CommonOptions.Length("--rows", "Rows of the packed matrix; 1 if neither is given.");
    private readonly Option<int?> _columns = CommonOptions.Length(
        "--columns",
        "Columns; if not given, as many as the bytes hold, padding included."
    );
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly CommandEnvironment _environment;

    private UnpackCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new UnpackCommand(environment);
        var command = new Command("unpack", "Decode packed weights to float32.")
        {
            self._input,
            self._output,
            self._format,
            self._tensor,
            self._rows,
            self._columns,
            self._threads,
            self._force,
        };
        command.SetAction(self.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string? name = parsed.GetValue(_format);
        CompressedFormat? format = name is null ? null : FormatNames.Find(_environment.Catalog, name);
        string input = parsed.GetRequiredValue(_input),
            output = parsed.GetRequiredValue(_output);
        OutputFile.RequireFree(output, parsed.GetValue(_force));
        if (FileKind.IsSafetensors(input))
        {
            return UnpackModel(parsed, format, input, output);
        }
        FileKind.RequireRaw(output, "unpack of bytes");
        format = format ?? throw new UsageException($"{input} does not say how it is packed; name the format with --format.");
        (int rows, int columns) = Size(format.Info, input, new FileInfo(input).Length, parsed.GetValue(_rows), parsed.GetValue(_columns));
        using ModelFile bytes = RawModel.Open(input, TensorStorage.Packed(format), rows, columns);
        WriteRaw(parsed, bytes, QuantizationPlan.Unpacked(bytes).Tensors[0], output);
        return ExitCode.Ok;
    }

    /// <summary>Rows and columns whose packed size is that of the file.</summary>
    private static (int Rows, int Columns) Size(FormatInfo info, string file, long bytes, int? givenRows, int? givenColumns)
    {
        long body = bytes - info.TensorHeaderBytes;
        if (givenColumns is { } columns)
        {
            long rowBytes = info.RowBytes((long)columns);
            long rows = givenRows ?? body / rowBytes;
            Check(rows, columns, info.TensorHeaderBytes + rows * rowBytes);
            return ((int)rows, columns);
        }
        else
        {
            long rows = givenRows ?? 1,
                blocks = info.BlocksIn(body / rows);
            Check(rows, blocks * info.Block, info.TensorHeaderBytes + rows * info.RowBytes(blocks * info.Block));
            return ((int)rows, (int)(blocks * info.Block));
        }

        void Check(long rows, long columns, long expected)
        {
            if (rows < 1 || columns < 1)
            {
                throw new ModelFormatException(
                    file,
                    $"{bytes} bytes are less than one row of {info.Name} ({info.PackedBytes(1, 1)} bytes for up to {info.Block} columns)."
                );
            }
            if (expected != bytes)
            {
                throw new ModelFormatException(
                    file,
                    $"it has {bytes} bytes; {rows} × {columns} in {info.Name} take {expected}. Give --rows and --columns as it was packed."
                );
            }
            if (rows > int.MaxValue || columns > int.MaxValue)
            {
                throw new ModelFormatException(
                    file,
                    $"{rows} × {columns}: at most {int.MaxValue} rows and columns are unpacked. Give --columns."
                );
            }
        }
    }

    private int UnpackModel(ParseResult parsed, CompressedFormat? format, string input, string output)
    {
        if (parsed.GetValue(_rows) is not null || parsed.GetValue(_columns) is not null)
        {
            throw new UsageException($"--rows and --columns are for packed bytes alone; {input} knows its shapes.");
        }
        using ModelFile model = ModelFile.Open(input, _environment.Catalog);
        QuantizationPlan plan = QuantizationPlan.Unpacked(model);
        PlannedTensor[] packed = [.. plan.Tensors.Where(tensor => !tensor.IsCopied)];
        if (packed.Length == 0)
        {
            throw new ModelFormatException(input, "it has no packed tensors.");
        }
        if (format is not null && packed.FirstOrDefault(tensor => tensor.Source.Storage.Format != format) is { } other)
        {
            throw new ModelFormatException(input, $"it is packed as {other.Source.Storage}, not as {format}.", other.Source.Name);
        }
        string? name = parsed.GetValue(_tensor);
        if (FileKind.IsSafetensors(output))
        {
            if (name is not null)
            {
                throw new UsageException("--tensor chooses what goes into OUT.f32; a safetensors output takes all.");
            }
            Write(parsed, new(model, plan.Tensors, plan.Container), model.Bytes, output);
            return ExitCode.Ok;
        }
        FileKind.RequireRaw(output, "unpack");
        if (name is null && packed.Length > 1)
        {
            throw new UsageException(
                $"{input} has {packed.Length} packed tensors; choose one with --tensor, or name an output that ends in .safetensors."
            );
        }
        ModelTensor tensor = name is null ? packed[0].Source : model[name];
        WriteRaw(parsed, model, new(tensor, TensorStorage.Of(SafetensorsDtype.F32), "unpacked"), output);
        return ExitCode.Ok;
    }

    private void WriteRaw(ParseResult parsed, ModelFile model, PlannedTensor tensor, string output)
    {
        Write(parsed, ModelWriter.OfBytes(model, tensor), tensor.Source.Bytes, output);
        _environment.Note($"{tensor.Source.Count} values written to {output}");
    }

    private void Write(ParseResult parsed, ModelWriter writer, long sourceBytes, string output) =>
        ModelWriting.WriteWhole(
            _environment,
            "unpack",
            writer,
            sourceBytes,
            output,
            new() { Overwrite = parsed.GetValue(_force), Threads = parsed.GetValue(_threads) ?? Environment.ProcessorCount }
        );
}
