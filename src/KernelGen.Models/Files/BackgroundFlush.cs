using Microsoft.Win32.SafeHandles;

namespace KernelGen.Models;

/// <summary>
/// Sends what is written to the disk while more is being made. Otherwise the system would keep most of it in memory, and the
/// flush at the end would wait for all of the file.
/// </summary>
internal sealed class BackgroundFlush(SafeFileHandle file)
{
    /// <summary>Bytes that are worth a flush: a fraction of a second of a disk.</summary>
    private const long Step = 64L << 20;

    private readonly Lock _gate = new();
    private long _waiting;
    private Task _flush = Task.CompletedTask;

    /// <summary>Notes that bytes were written; from any thread.</summary>
    public void Wrote(long bytes)
    {
        lock (_gate)
        {
            _waiting += bytes;
            if (_waiting >= Step && _flush.IsCompletedSuccessfully)
            {
                _waiting = 0;
                _flush = Task.Factory.StartNew(
                    () => RandomAccess.FlushToDisk(file),
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default
                );
            }
        }
    }

    /// <summary>Waits until all is on the disk.</summary>
    /// <exception cref="IOException">Some of it, now or before, could not be written.</exception>
    public void Finish()
    {
        _flush.GetAwaiter().GetResult();
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Waits for what is under way, so that the file can be closed; what failed does not matter any more.</summary>
    public void Stop() => ((IAsyncResult)_flush).AsyncWaitHandle.WaitOne();
}
