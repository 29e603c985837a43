using System.Globalization;

namespace KernelGen.Cli.Input;

/// <summary>Which share of a sweep a process has.</summary>
/// <param name="Index">From 1.</param>
/// <param name="Of">How many shares there are.</param>
internal sealed record Shard(int Index, int Of)
{
    /// <summary>All of it.</summary>
    public static Shard Whole { get; } = new(1, 1);

    /// <summary>Reads <c>3/8</c>.</summary>
    /// <exception cref="UsageException">It is not of that form.</exception>
    public static Shard Parse(string text) =>
        text.Split('/') is [var first, var second] && Number(first) is { } index && Number(second) is { } of && index >= 1 && index <= of
            ? new(index, of)
            : throw new UsageException($"--shard: '{text}' is no share; 3/8 is the third of eight.");

    /// <summary>The share of a task in a Slurm job array.</summary>
    /// <param name="variable">Variables of the process.</param>
    /// <exception cref="UsageException">The process is no such task, or its array has gaps.</exception>
    public static Shard OfArray(Func<string, string?> variable)
    {
        int Variable(string name, int? otherwise) =>
            variable(name) is { Length: > 0 } text
                ? Number(text) ?? throw new UsageException($"--array: {name} is '{text}', not a number.")
                : otherwise
                    ?? throw new UsageException(
                        $"--array: {name} is not set. It is inside a job array: sbatch --array=1-8 …; elsewhere --shard 3/8 says the same."
                    );
        int id = Variable("SLURM_ARRAY_TASK_ID", null),
            count = Variable("SLURM_ARRAY_TASK_COUNT", null),
            first = Variable("SLURM_ARRAY_TASK_MIN", 1),
            step = Math.Max(1, Variable("SLURM_ARRAY_TASK_STEP", 1));
        int index = (id - first) / step + 1;
        return (id - first) % step == 0 && index >= 1 && index <= count
            ? new(index, count)
            : throw new UsageException(
                $"--array: task {id} is not among {count} tasks from {first} by {step}. An array with gaps (or a part of one, run "
                    + $"again) says its share by --shard I/N."
            );
    }

    /// <summary>The database of this share, where each has its own: <c>grid.3-of-8.db</c>.</summary>
    public string Database(string spec)
    {
        string name = Path.GetFileNameWithoutExtension(spec);
        return Of == 1 ? $"{name}.db" : string.Create(CultureInfo.InvariantCulture, $"{name}.{Index}-of-{Of}.db");
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
