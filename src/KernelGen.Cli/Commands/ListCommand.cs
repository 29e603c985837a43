using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Reports;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen list</c>: all formats with their sizes.</summary>
internal static class ListCommand
{
    public static Command Create(CommandEnvironment environment)
    {
        Option<string> output = CommonOptions.Output();
        var command = new Command("list", "List the formats.") { output };
        command.SetAction(parsed =>
        {
            TableWriter.Write(Formats(environment.Catalog), parsed.GetRequiredValue(output), environment);
            return ExitCode.Ok;
        });
        return command;
    }

    private static DataTable Formats(FormatCatalog catalog)
    {
        var table = new DataTable(
            new("format", "format"),
            new("bits", "bits", "0.0###"),
            new("element_bits", "code"),
            new("group", "group", Words: value => GroupWords((int)value)),
            new("block", "block"),
            new("block_bytes", "bytes"),
            new("family", "family"),
            new("stages", "declared as")
        );
        foreach (FormatInfo info in catalog.All.Select(format => format.Info))
        {
            string stages = string.Join("; ", info.Stages.Select(stage => stage.Text));
            table.Add(info.Name, info.BitsPerWeight, info.ElementBits, info.Group, info.Block, info.BlockBytes, info.Family, stages);
        }
        return table;
    }

    /// <summary>The groups that are no number of elements.</summary>
    public static string? GroupWords(int group) =>
        group switch
        {
            0 => "none",
            ScaleGroup.Row => "row",
            ScaleGroup.Tensor => "tensor",
            _ => null,
        };
}
