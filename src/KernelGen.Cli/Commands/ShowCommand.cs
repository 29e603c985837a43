using System.CommandLine;
using System.Globalization;
using KernelGen.Cli.Expressions;
using KernelGen.Cli.Input;
using KernelGen.Kernels.Products.MachineCode;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen show FORMAT</c>: everything about one format that does not need measuring.</summary>
internal static class ShowCommand
{
    public static Command Create(CommandEnvironment environment)
    {
        var name = new Argument<string>("FORMAT") { Description = "Name of the format." };
        var command = new Command("show", "Show a format: stages, sizes, levels, bit layout.") { name };
        command.SetAction(parsed =>
        {
            CompressedFormat format = FormatNames.Find(environment.Catalog, parsed.GetRequiredValue(name));
            Write(environment.Out, format.Info);
            environment.Out.WriteLine($"declared by    {format.Declaration.FullName}");
            IReadOnlyList<int> widths = environment.Source.VectorWidths(format);
            environment.Out.WriteLine(
                $"vector code    {(widths.Count == 0 ? "none, scalar only" : string.Join(", ", widths) + " bits, and scalar")}"
            );
            foreach ((string kernel, string recipe) in environment.Source.Kernels(format))
            {
                environment.Out.WriteLine($"  {kernel, -17}  {recipe}");
            }
            foreach (string kernel in MachineCode(format))
            {
                int bytes = CpuKernels.All.Single(one => one.Name == kernel).Bytes;
                string listing = $"{CpuKernels.Listings}/{kernel}.Vectors*.g.cs";
                environment.Out.WriteLine($"  machine code       {kernel}, {bytes} bytes: {listing}");
            }
            if (environment.Source.Layout(format) is { Count: > 0 } layout)
            {
                environment.Out.WriteLine();
                environment.Out.WriteLine(string.Join(Environment.NewLine, layout));
            }
            if (DeclarationText.Of(format) is { } declaration)
            {
                environment.Out.WriteLine();
                environment.Out.Write(declaration);
            }
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Kernels that products of bytes have on machines with their instructions. Repacked rows know them, so a row of zeros is repacked.</summary>
    private static IReadOnlyList<string> MachineCode(CompressedFormat format)
    {
        int columns = format.Info.Block;
        byte[] packed = new byte[format.Info.PackedBytes(1, columns)];
        format.Pack(new float[columns], 1, columns, packed);
        return format.Repack(packed, 1, columns) is { HasIntegers: true } matrix ? matrix.MachineCode : [];
    }

    private static void Write(TextWriter writer, FormatInfo info)
    {
        string bits = info.BitsPerWeight.ToString("0.0###", CultureInfo.InvariantCulture);
        string group = info.Group switch
        {
            0 => "no scale",
            ScaleGroup.Row => "one scale per row",
            ScaleGroup.Tensor => "one scale for the tensor",
            _ => $"one scale per {info.Group}",
        };
        writer.WriteLine($"{info.Name}: {bits} bits per weight, family {info.Family}");
        writer.WriteLine();
        for (int i = 0; i < info.Stages.Count; i++)
        {
            writer.WriteLine($"  {i + 1}. {info.Stages[i].Kind}: {info.Stages[i].Text}");
        }
        writer.WriteLine();
        writer.WriteLine($"code           {info.ElementBits} bits");
        writer.WriteLine($"group          {group}");
        writer.WriteLine($"block          {info.Block} weights in {info.BlockBytes} bytes");
        if (info.RowHeaderBytes > 0)
        {
            writer.WriteLine($"row header     {info.RowHeaderBytes} bytes");
        }
        if (info.TensorHeader is { } header)
        {
            writer.WriteLine($"tensor header  {header}, {info.TensorHeaderBytes} bytes");
        }
        writer.WriteLine($"NaN, infinity  {(info.HoldsNonFinite ? "can be packed" : "refused by pack")}");
        if (info.GaussianScale is { } scale)
        {
            writer.WriteLine($"scale          {scale.ToString("G9", CultureInfo.InvariantCulture)} × RMS");
        }
        if (info.Levels.Count > 0)
        {
            writer.WriteLine($"levels         by code, before scaling:");
            foreach (float[] line in info.Levels.Chunk(8))
            {
                writer.WriteLine(
                    "  " + string.Concat(line.Select(level => level.ToString("G7", CultureInfo.InvariantCulture).PadLeft(14))).TrimEnd()
                );
            }
        }
    }
}
