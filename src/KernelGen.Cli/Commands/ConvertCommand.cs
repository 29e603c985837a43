using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Models;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen convert</c>: from one container to another; the bytes of the tensors stay as they are.</summary>
internal sealed class ConvertCommand
{
    private readonly Argument<string> _input = new("IN")
    {
        Description = "A .safetensors or .gguf file, a .safetensors.index.json, or a folder with one model.",
    };
    private readonly Argument<string> _output = new("OUT")
    {
        Description = "OUT.gguf, OUT.safetensors, or a folder for model.safetensors and config.json.",
    };
    private readonly ModelWriting _writing;
    private readonly CommandEnvironment _environment;

    private ConvertCommand(CommandEnvironment environment) => (_environment, _writing) = (environment, new(environment));

    public static Command Create(CommandEnvironment environment)
    {
        var self = new ConvertCommand(environment);
        var command = new Command("convert", "Move a model between safetensors and GGUF without changing the bytes of its tensors.")
        {
            self._input,
            self._output,
        };
        self._writing.AddTo(command);
        command.SetAction(self.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string output = parsed.GetRequiredValue(_output);
        ModelContainer container = FileKind.ContainerOf(ModelWriting.FileOf(output));
        using ModelFile model = ModelFile.Open(parsed.GetRequiredValue(_input), _environment.Catalog);
        QuantizationPlan plan = QuantizationPlan.Unchanged(_writing.Prepared(parsed, model, container), container);
        return _writing.Write(parsed, plan, output, importance: null, "convert");
    }
}
