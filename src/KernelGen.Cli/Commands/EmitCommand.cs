using System.CommandLine;
using KernelGen.Cli.Input;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen emit FORMAT</c>: the code that the generator writes for a format.</summary>
internal static class EmitCommand
{
    public static Command Create(CommandEnvironment environment)
    {
        var name = new Argument<string>("FORMAT") { Description = "Name of the format." };
        var part = new Option<string?>("--part") { Description = "Print only this file of it: Info, Reference, Cpu, Probe or Ilgpu." };
        var command = new Command("emit", "Print the C# that the generator emits for a format.") { name, part };
        command.SetAction(parsed =>
        {
            CompressedFormat format = FormatNames.Find(environment.Catalog, parsed.GetRequiredValue(name));
            IReadOnlyList<(string Name, string Text)> files = environment.Source.Files(format);
            if (files.Count == 0)
            {
                environment.Note($"kernelgen: {format.Declaration.FullName} is written by hand; the generator emits nothing for it.");
                return ExitCode.Failed;
            }
            Write(environment.Out, files, parsed.GetValue(part));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Write(TextWriter writer, IReadOnlyList<(string Name, string Text)> files, string? part)
    {
        if (part is null)
        {
            foreach ((string name, string text) in files)
            {
                writer.WriteLine($"// ── {name}");
                writer.WriteLine(text.TrimEnd());
                writer.WriteLine();
            }
            return;
        }
        // Files are named Namespace.Type.Part.g.cs.
        Dictionary<string, string> byPart = files.ToDictionary(
            file => file.Name.Split('.')[^3],
            file => file.Text,
            StringComparer.OrdinalIgnoreCase
        );
        writer.Write(
            byPart.TryGetValue(part, out string? wanted)
                ? wanted
                : throw new UsageException($"there is no part '{part}'. {NearestName.Sentence(part, byPart.Keys)}")
        );
    }
}
