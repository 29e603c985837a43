using KernelGen.Cli;
using KernelGen.Formats;

using var signals = new Signals();
int code = KernelGenCommand.Run(
    args,
    new CommandEnvironment
    {
        Catalog = DeclaredFormats.Catalog,
        Source = new GeneratorSource(),
        Out = StandardStreams.Out,
        Error = StandardStreams.Error,
        Cancellation = signals.Cancellation,
        OutIsTerminal = StandardStreams.IsTerminal(() => Console.IsOutputRedirected),
        ErrorIsTerminal = StandardStreams.IsTerminal(() => Console.IsErrorRedirected),
        Color = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
    }
);
return signals.Code ?? code;
