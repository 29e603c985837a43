using System.Runtime.InteropServices;
using KernelGen.Cli;
using KernelGen.Formats;

// The first Ctrl-C asks the work to stop, so that it can remove what it has half written; a second one ends the process.
using var cancellation = new CancellationTokenSource();
void Cancel(PosixSignalContext signal)
{
    signal.Cancel = !cancellation.IsCancellationRequested;
    cancellation.Cancel();
}
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);

return KernelGenCommand.Run(
    args,
    new CommandEnvironment
    {
        Catalog = DeclaredFormats.Catalog,
        Source = new GeneratorSource(),
        Out = Console.Out,
        Error = Console.Error,
        Cancellation = cancellation.Token,
        OutIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        Color = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
    }
);
