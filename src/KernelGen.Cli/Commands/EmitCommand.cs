using System.CommandLine;
using KernelGen.Cli.Input;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen emit FORMAT</c>: the code that the generator writes for a format.</summary>
internal static class EmitCommand
{
    public static Command Create(CommandEnvironment environment)
    {
        var name = new Argument<string>("FORMAT") { Description = "Name of the format." };
        var command = new Command("emit", "Print the C# that the generator emits for a format.") { name };
        command.SetAction(parsed =>
        {
            CompressedFormat format = FormatNames.Find(environment.Catalog, parsed.GetRequiredValue(name));
            if (environment.Source is not { } source)
            {
                environment.Error.WriteLine("kernelgen: the generator is not part of this build.");
                return ExitCode.Failed;
            }
            environment.Out.Write(source.Code(format));
            return ExitCode.Ok;
        });
        return command;
    }
}
