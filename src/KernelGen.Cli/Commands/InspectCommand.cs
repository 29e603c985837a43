using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Models;
using KernelGen.Reports;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen inspect</c>: what a model file holds.</summary>
internal sealed class InspectCommand
{
    /// <summary>Longest metadata value in the table for people.</summary>
    private const int LongestValue = 100;

    private readonly Argument<string> _model = new("MODEL")
    {
        Description = "A .safetensors or .gguf file, a .safetensors.index.json, or a folder with one model.",
    };
    private readonly Option<bool> _types = new("--types") { Description = "Totals by type instead of tensors." };
    private readonly Option<bool> _metadata = new("--metadata") { Description = "Metadata instead of tensors, in full." };
    private readonly Option<string> _output = CommonOptions.Output();
    private readonly CommandEnvironment _environment;

    private InspectCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new InspectCommand(environment);
        var command = new Command("inspect", "Show tensors, types, sizes and metadata of a model.")
        {
            self._model,
            self._types,
            self._metadata,
            self._output,
        };
        command.SetAction(self.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        using ModelFile model = ModelFile.Open(parsed.GetRequiredValue(_model), _environment.Catalog);
        string notation = parsed.GetRequiredValue(_output);
        bool types = parsed.GetValue(_types),
            metadata = parsed.GetValue(_metadata),
            all = notation == "table" && !types && !metadata;
        if (all)
        {
            _environment.Out.WriteLine(
                FormattableString.Invariant(
                    $"{model.Path}: {model.Container}, {model.Tensors.Count} tensors, {model.Count} values in {Sizes.Text(model.StoredBytes)}, {Sizes.BitsPerWeight(model.StoredBytes, model.Count):0.00##} bits per weight"
                )
            );
            if (model.UnreadDialect is { } dialect)
            {
                _environment.Out.WriteLine($"  quantised by {dialect}, which is not read here");
            }
            foreach ((string key, GgufValue value) in model.Metadata)
            {
                string text = value.ToString().ReplaceLineEndings(" ");
                _environment.Out.WriteLine($"  {key} = {(text.Length > LongestValue ? text[..LongestValue] + "…" : text)}");
            }
        }
        if (metadata)
        {
            TableWriter.Write(Metadata(model), notation, _environment);
        }
        if (types || all)
        {
            TableWriter.Write(Types(model), notation, _environment);
        }
        if (!types && !metadata)
        {
            TableWriter.Write(Tensors(model), notation, _environment);
        }
        return ExitCode.Ok;
    }

    private static DataTable Tensors(ModelFile model)
    {
        var table = new DataTable(
            new("tensor", "tensor"),
            new("shape", "shape"),
            new("type", "type"),
            new("bits_per_weight", "bits", "0.00##"),
            new("rows", "rows"),
            new("columns", "columns"),
            new("values", "values"),
            new("bytes", "bytes")
        );
        foreach (ModelTensor tensor in model.Tensors)
        {
            table.Add(
                tensor.Name,
                tensor.ShapeText,
                tensor.Storage.Name,
                tensor.BitsPerWeight,
                tensor.Rows,
                tensor.Columns,
                tensor.Count,
                tensor.StoredBytes
            );
        }
        return table;
    }

    private static DataTable Types(ModelFile model)
    {
        var table = new DataTable(
            new("type", "type"),
            new("tensors", "tensors"),
            new("values", "values"),
            new("bytes", "bytes"),
            new("bits_per_weight", "bits", "0.00##"),
            new("share", "of the bytes", "0.0%")
        );
        foreach (
            IGrouping<string, ModelTensor> group in model
                .Tensors.GroupBy(tensor => tensor.Storage.Name)
                .OrderByDescending(group => group.Sum(tensor => tensor.StoredBytes))
        )
        {
            long bytes = group.Sum(tensor => tensor.StoredBytes),
                values = group.Sum(tensor => tensor.Count);
            table.Add(
                group.Key,
                group.Count(),
                values,
                bytes,
                Sizes.BitsPerWeight(bytes, values),
                model.StoredBytes > 0 ? (double)bytes / model.StoredBytes : 0
            );
        }
        return table;
    }

    private static DataTable Metadata(ModelFile model)
    {
        var table = new DataTable(new("key", "key"), new("type", "type"), new("value", "value"));
        foreach ((string key, GgufValue value) in model.Metadata)
        {
            table.Add(key, value.Type.ToString(), value.ToString());
        }
        return table;
    }
}
