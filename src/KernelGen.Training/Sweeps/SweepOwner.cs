using System.Globalization;

namespace KernelGen.Training;

/// <summary>
/// Who has claimed a run: a process, named so that a process of the same machine can tell at once whether it still lives. On other
/// machines only the heartbeat says.
/// </summary>
/// <param name="Machine">Name of the machine, this boot of it, and its space of process numbers.</param>
/// <param name="Process">Number of the process.</param>
/// <param name="Started">When it began, in the machine's own units; numbers of processes are used again.</param>
public sealed record SweepOwner(string Machine, int Process, long Started)
{
    /// <summary>This process.</summary>
    public static SweepOwner Current { get; } = new(ThisMachine(), Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Machine}/{Process}/{Started}");

    /// <summary>Reads what <see cref="ToString"/> wrote; null if it did not write it.</summary>
    /// <param name="text">The text.</param>
    public static SweepOwner? Parse(string text) =>
        text.Split('/') is [var machine, var process, var started]
        && int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        && long.TryParse(started, NumberStyles.None, CultureInfo.InvariantCulture, out long start)
            ? new(machine, number, start)
            : null;

    /// <summary>True if it was a process of this machine and is one no more; false where that cannot be known.</summary>
    public bool IsGone => Machine == Current.Machine && StartOf(Process) != Started;

    private static string ThisMachine()
    {
        // Two containers may have one name and one boot, but then they count processes apart.
        string[] parts =
        [
            Environment.MachineName,
            Line("/proc/sys/kernel/random/boot_id"),
            new FileInfo("/proc/self/ns/pid").LinkTarget ?? "",
        ];
        return string.Join(' ', parts.Where(part => part.Length > 0)).Replace('/', '-');
    }

    private static string Line(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault() ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>When a process began; null if there is none, or it has ended and only waits to be buried.</summary>
    private static long? StartOf(int process)
    {
        if (OperatingSystem.IsLinux())
        {
            // proc(5): the name is in parentheses and may hold anything; the state is field 3, the start field 22.
            string stat = Line($"/proc/{process}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return
                fields.Length > 19
                && fields[0] is not ("Z" or "X")
                && long.TryParse(fields[19], NumberStyles.None, CultureInfo.InvariantCulture, out long ticks)
                ? ticks
                : null;
        }
        try
        {
            using var found = System.Diagnostics.Process.GetProcessById(process);
            return found.HasExited ? null : found.StartTime.ToUniversalTime().Ticks;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
