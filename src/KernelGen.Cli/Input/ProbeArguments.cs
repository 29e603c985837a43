using System.CommandLine;
using KernelGen.Bench;

namespace KernelGen.Cli.Input;

/// <summary>The options of commands that probe.</summary>
internal sealed class ProbeArguments(long defaultSamples)
{
    private readonly Option<long?> _samples = new("--samples", "-n")
    {
        Description =
            $"Random samples for each format; 1e7 is understood. Default: {defaultSamples}, fewer for formats that are slow to pack.",
        CustomParser = argument => Numbers.Count(argument),
    };

    private readonly Option<ulong> _seed = new("--seed") { Description = "Seed of the random samples.", DefaultValueFactory = _ => 0 };
    private readonly Option<int?> _threads = CommonOptions.Threads();

    public void AddTo(Command command)
    {
        command.Add(_samples);
        command.Add(_seed);
        command.Add(_threads);
    }

    /// <summary>The samples asked for; null if that is left to the command.</summary>
    public long? Samples(ParseResult parsed) => parsed.GetValue(_samples);

    /// <summary>The seed.</summary>
    public ulong Seed(ParseResult parsed) => parsed.GetValue(_seed);

    /// <summary>The threads asked for, or all processors.</summary>
    public int Threads(ParseResult parsed) => parsed.GetValue(_threads) ?? Environment.ProcessorCount;

    public ProbeRun Run(ParseResult parsed, CommandEnvironment environment) =>
        new(
            environment.Measuring,
            parsed.GetValue(_threads) ?? Environment.ProcessorCount,
            parsed.GetValue(_samples),
            defaultSamples,
            parsed.GetValue(_seed)
        );

    private static ProbeSubject Subject(string name, FormatCatalog catalog)
    {
        try
        {
            return ProbeSubject.Parse(name, catalog);
        }
        catch (FormatException e)
        {
            throw new UsageException(e.Message);
        }
    }

    /// <summary>Formats and expressions by name, which may be joined by commas; none or <c>all</c> means all formats. Each once.</summary>
    public static IReadOnlyList<ProbeSubject> Subjects(FormatCatalog catalog, IEnumerable<string> names)
    {
        string[] separate = FormatNames.Separate(names);
        IEnumerable<ProbeSubject> all = catalog.All.Select(ProbeSubject.Of);
        return separate.Length == 0
            ? [.. all]
            :
            [
                .. separate
                    .SelectMany(name => name.Equals(FormatNames.All, StringComparison.OrdinalIgnoreCase) ? all : [Subject(name, catalog)])
                    .DistinctBy(subject => subject.Name),
            ];
    }
}
