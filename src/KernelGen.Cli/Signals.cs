using System.Runtime.InteropServices;

namespace KernelGen.Cli;

/// <summary>
/// What ends a command from outside. The first signal asks the work to stop, so that it removes what it has half written; where that takes
/// long, because a library or a system call does not listen, the process ends all the same. A second signal ends it at once.
/// </summary>
internal sealed class Signals : IDisposable
{
    /// <summary>By convention a process that signal n has ended returns 128 + n.</summary>
    private const int Base = 128;

    /// <summary>Time to stop by itself; the whole is over within a second.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromMilliseconds(800);

    private readonly CancellationTokenSource _cancellation = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _code;

    public Signals() =>
        _registrations = [
            Register(PosixSignal.SIGHUP, Base + 1),
            Register(PosixSignal.SIGINT, Base + 2),
            Register(PosixSignal.SIGTERM, Base + 15),
        ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Cancellation => _cancellation.Token;

    /// <summary>What the process returns because of a signal; null if none came.</summary>
    public int? Code => Volatile.Read(ref _code) is not 0 and var code ? code : null;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private PosixSignalRegistration Register(PosixSignal signal, int code) => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            if (Interlocked.CompareExchange(ref _code, code, 0) != 0)
            {
                Environment.Exit(code);
            }
            new Thread(() =>
            {
                Thread.Sleep(s_grace);
                Environment.Exit(code);
            })
            {
                IsBackground = true,
            }.Start();
            _cancellation.Cancel();
        });
}
