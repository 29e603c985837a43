using KernelGen.Bench;
using KernelGen.Cli.Output;
using KernelGen.Reports;
using KernelGen.Training;
using Spectre.Console;

namespace KernelGen.Cli;

/// <summary>All that a command needs from outside.</summary>
internal sealed record CommandEnvironment
{
    /// <summary>The formats by name.</summary>
    public required FormatCatalog Catalog { get; init; }

    /// <summary>The GPU kernels of the built-in formats.</summary>
    public KernelGen.Gpu.GpuCatalog Kernels { get; init; } = KernelGen.Formats.Gpu.DeclaredGpuKernels.Catalog;

    /// <summary>The generator.</summary>
    public required IFormatSource Source { get; init; }

    /// <summary>Trains models.</summary>
    public TrainRun Train { get; init; } = Trainer.Run;

    /// <summary>Variables of the process, which job schedulers set.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Results go here and nothing else does.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Progress, notes and errors.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Cancelled by Ctrl-C.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Whether <see cref="Out"/> is a terminal.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Whether <see cref="Error"/> is a terminal, where progress may draw.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Whether terminals may be coloured; false if <c>NO_COLOR</c> is set.</summary>
    public bool Color { get; init; }

    /// <summary>Says something that is no result, in one line.</summary>
    public void Note(string text) => Error.WriteLine(VisibleText.Of(text));

    /// <summary>Where long work says how far it is.</summary>
    public IProgressDisplay Progress => ErrorIsTerminal ? new TerminalProgress(ConsoleOn(Error, terminal: true)) : new PlainProgress(Error);

    /// <summary>What measurements need of it.</summary>
    public MeasuringHost Measuring => new(Progress, Note, Cancellation);

    /// <summary>A Spectre console over a writer.</summary>
    public IAnsiConsole ConsoleOn(TextWriter writer, bool terminal)
    {
        IAnsiConsole console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(terminal && writer is VisibleWriter filter ? filter.Inner : writer),
                Ansi = terminal ? AnsiSupport.Detect : AnsiSupport.No,
                ColorSystem = terminal && Color ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
                Interactive = terminal ? InteractionSupport.Detect : InteractionSupport.No,
            }
        );
        if (!terminal)
        {
            console.Profile.Width = 10_000; // a file has no margin: rows must not be folded
            console.Profile.Capabilities.Unicode = true;
        }
        return console;
    }
}
