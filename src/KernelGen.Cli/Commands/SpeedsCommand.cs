using System.CommandLine;
using System.Globalization;
using KernelGen.Bench;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Reports;

namespace KernelGen.Cli.Commands;

/// <summary>
/// <c>kernelgen speeds</c>: packing, unpacking and matvec of every format on one thread, in cache, against the multiply–add peak.
/// </summary>
internal static class SpeedsCommand
{
    public static Command Create(CommandEnvironment environment)
    {
        var formats = new Argument<string[]>("FORMAT")
        {
            Description = "Names of formats; all if none is given.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var peer = new Option<string?>("--peer-ggml")
        {
            Description =
                $"Folder of ggml's shared libraries: its packing and unpacking of the same bytes are measured in turn with ours. "
                + $"Without it, {GgmlLibrary.Variable} is looked at.",
            HelpName = "DIR",
        };
        Option<string> output = CommonOptions.Output();
        var command = new Command("speeds", "Measure packing, unpacking and matvec of formats on one thread.") { formats, peer, output };
        command.SetAction(parsed =>
        {
            Run(
                environment,
                FormatNames.FindAll(environment.Catalog, parsed.GetValue(formats) ?? []),
                GgmlLibrary.Find(parsed.GetValue(peer)),
                parsed.GetRequiredValue(output)
            );
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Run(CommandEnvironment environment, IReadOnlyList<CompressedFormat> formats, GgmlLibrary? peer, string output)
    {
        var table = new DataTable(
            new("format", "format"),
            new("bits", "bits", "0.0###"),
            new("pack_mweights_per_s", "pack Mw/s", "0.00"),
            new("pack_blocks_per_s", "blocks/s", "0"),
            new("pack_ggml_mweights_per_s", "ggml", "0.00"),
            new("pack_ggml_ratio", "× ggml", "0.00"),
            new("unpack_mweights_per_s", "unpack Mw/s", "0"),
            new("unpack_ggml_mweights_per_s", "ggml", "0"),
            new("unpack_ggml_ratio", "× ggml", "0.0"),
            new("matvec_gflop_per_s", "matvec GFLOP/s", "0.0"),
            new("matvec_percent_of_peak", "% of peak", "0"),
            new("packed_gflop_per_s", "not repacked", "0.0"),
            new("int8_gflop_per_s", "int8", "0.0")
        );
        environment.Progress.Run("speeds", formats.Count, report =>
        {
            for (int i = 0; i < formats.Count; i++)
            {
                CompressedFormat format = formats[i];
                // The peak is taken next to every format: on a machine that others use it changes as they come and go.
                double peak = MultiplyAddPeak.OperationsPerSecond();
                FormatSpeed speed = FormatSpeed.Of(format, peer, environment.Cancellation);
                table.Add(
                    format.Info.Name,
                    format.Info.BitsPerWeight,
                    speed.Pack.Ours / 1e6,
                    speed.Pack.Ours / format.Info.Block,
                    speed.Pack.Ggml / 1e6,
                    speed.Pack.Ratio,
                    speed.Unpack.Ours / 1e6,
                    speed.Unpack.Ggml / 1e6,
                    speed.Unpack.Ratio,
                    speed.MatVec / 1e9,
                    100 * speed.MatVec / peak,
                    speed.Packed / 1e9,
                    speed.Integer / 1e9
                );
                report(i + 1, format.Info.Name);
            }
        });
        environment.Note(
            string.Create(
                CultureInfo.InvariantCulture,
                $"speeds: one thread, a matrix of {FormatSpeed.Size} × {FormatSpeed.Size} in cache; packing and unpacking are "
                    + $"medians, products the third fastest of many calls; the peak, float32 multiply–add without loads, is "
                    + $"{MultiplyAddPeak.OperationsPerSecond() / 1e9:0.0} GFLOP/s now."
            )
        );
        TableWriter.Write(table, output, environment);
    }
}
