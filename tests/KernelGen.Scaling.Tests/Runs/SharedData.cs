namespace KernelGen.Scaling.Tests;

/// <summary>The published run tables, found by walking up from the test assembly.</summary>
public static class SharedData
{
    public static string? Folder { get; } = Find();

    public static IReadOnlyList<TrainingRun> Chinchilla() => Read("chinchilla_svg_extracted.csv", "params=Model Size,flops=Training FLOP");

    /// <summary>The 240 runs left when the five largest losses are dropped.</summary>
    public static IReadOnlyList<TrainingRun> Chinchilla240() =>
        [.. Chinchilla().OrderByDescending(run => run.Loss).Skip(5).OrderBy(run => run.Line)];

    public static IReadOnlyList<TrainingRun> Quest() =>
        RunTable.Read(Path.Combine(Folder!, "quest_runs.csv"), QuestRepresentations.Options).Runs;

    public static IReadOnlyList<TrainingRun> Read(string file, string columns, string where = "", IScalingLaw? law = null) =>
        RunTable
            .Read(
                Path.Combine(Folder!, file),
                new RunTableOptions
                {
                    Sizes = law?.Sizes ?? LawSizes.Both,
                    SignedLoss = law is { LogResiduals: false },
                    Columns = RunTableOptions.ParsePairs(columns),
                    Where = RunCondition.Parse(where),
                }
            )
            .Runs;

    private static string? Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string data = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(data))
            {
                return data;
            }
        }
        return null;
    }
}
