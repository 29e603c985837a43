using System.CommandLine;
using KernelGen.Bench;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen probe</c>: the error of formats on one source, in depth.</summary>
internal sealed class ProbeCommand
{
    private readonly Argument<string[]> _names = new("FORMAT")
    {
        Description = "Formats, expressions such as 'sparse24+int4-g64 x e4m3', or all.",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<string> _source = new("--source")
    {
        Description = "gaussian, logistic, student[:DEGREES], laplace, FILE.safetensors[:NAME] or FILE.f32[:ROWSxCOLUMNS].",
        DefaultValueFactory = _ => "gaussian",
    };

    private readonly ProbeArguments _probe = new(1 << 26);
    private readonly Option<string> _output = CommonOptions.Output();
    private readonly CommandEnvironment _environment;

    private ProbeCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new ProbeCommand(environment);
        var command = new Command("probe", "Measure the error of formats on random values or a tensor.")
        {
            self._names,
            self._source,
            self._output,
        };
        self._probe.AddTo(command);
        command.SetAction(self.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        IReadOnlyList<ProbeSubject> subjects = ProbeArguments.Subjects(_environment.Catalog, parsed.GetRequiredValue(_names));
        string text = parsed.GetRequiredValue(_source);
        ProbeRun run = _probe.Run(parsed, _environment);
        bool composed = subjects.Any(subject => subject.IsComposed);
        var table = new DataTable([
            new("format", "format"),
            new("source", "source"),
            .. ProbeColumns.Columns(composed),
            new("exact_gmse", "exact", "G7"),
            new("samples", "samples"),
            new("samples_per_second", "samples/s", "0.##E0"),
        ]);
        if (SourceOption.Distribution(text) is { } random)
        {
            Add(random);
        }
        else
        {
            TensorFile
                .Find(text)
                .Read(_environment.Catalog, _environment.Note, tensor =>
                    Add(new TensorSource(tensor.Name, tensor.Values, tensor.Rows, tensor.Columns))
                );
        }
        TableWriter.Write(table, parsed.GetRequiredValue(_output), _environment);
        return ExitCode.Ok;

        void Add(ValueSource source)
        {
            foreach (ProbeOutcome outcome in run.Measure(subjects, source, $"probe {source.Name}"))
            {
                CapacityResult weights = outcome.Weights;
                table.Add([
                    outcome.Subject.Name,
                    source.Name,
                    .. ProbeColumns.Values(outcome, composed),
                    weights.ExactGmse,
                    weights.Samples,
                    weights.SamplesPerSecond,
                ]);
            }
        }
    }
}
