using KernelGen.Bench;
using KernelGen.Cli.Expressions;
using KernelGen.Scaling;

namespace KernelGen.Cli.Design;

/// <summary>What a search chose, with its own kernels.</summary>
/// <param name="Found">The candidate as it was judged.</param>
/// <param name="Format">The compiled format.</param>
/// <param name="Speed">Speed of its matvec, in units of <see cref="DesignWinners.Yardstick"/>.</param>
internal sealed record Winner(Judged Found, CompressedFormat Format, double Speed);

/// <summary>Compiles and times what a search chooses; each format once.</summary>
/// <param name="environment">The command's environment.</param>
/// <param name="precision">Of the products that are timed.</param>
internal sealed class DesignWinners(CommandEnvironment environment, MatVecPrecision precision)
{
    /// <summary>The plainest format with all kernels, whose speed is 1.</summary>
    public const string Yardstick = "int4:g32";

    /// <summary>So long is each product called.</summary>
    private const double Seconds = 0.1;

    private readonly Dictionary<string, (CompressedFormat Format, double Speed)> _known = [];
    private double? _yardstick;

    /// <summary>The front whose formats are as fast as asked: slower ones are left out, and the search looks at what is left.</summary>
    /// <param name="search">The search.</param>
    /// <param name="candidates">What it may choose.</param>
    /// <param name="leastSpeed">In units of the yardstick.</param>
    public IReadOnlyList<Winner> Choose(DesignSearch search, IReadOnlyList<Candidate> candidates, double leastSpeed)
    {
        while (true)
        {
            IReadOnlyList<Winner> winners = Compile(search.Fronts(candidates));
            HashSet<string> slow = [.. winners.Where(one => one.Speed < leastSpeed).Select(one => one.Found.Candidate.Name)];
            if (slow.Count == 0)
            {
                return winners;
            }
            candidates = [.. candidates.Where(one => !slow.Contains(one.Name))];
        }
    }

    /// <summary>The formats, compiled together and timed one after the other.</summary>
    public IReadOnlyList<Winner> Compile(IReadOnlyList<Judged> found)
    {
        string[] missing = [.. found.Select(one => one.Candidate.Name).Where(name => !_known.ContainsKey(name))];
        string[] expressions = [.. missing.Append(Yardstick).Where(name => !environment.Catalog.TryGet(name, out _))];
        Dictionary<string, CompressedFormat> compiled = ExpressionFormats
            .Compile(environment, [.. expressions.Select(FormatExpression.Parse)])
            .DistinctBy(format => format.Info.Name)
            .ToDictionary(format => format.Info.Name);
        CompressedFormat Format(string name) => compiled.TryGetValue(name, out CompressedFormat? own) ? own : environment.Catalog[name];
        double Time(CompressedFormat format) => FormatSpeed.MatVecSeconds(format, precision, Seconds, environment.Cancellation);
        _yardstick ??= Time(Format(Yardstick));
        environment.Progress.Run("design, speed", missing.Length, report =>
        {
            for (int i = 0; i < missing.Length; i++)
            {
                CompressedFormat format = Format(missing[i]);
                _known[missing[i]] = (format, _yardstick.Value / Time(format));
                report(i + 1, missing[i]);
            }
        });
        return [.. found.Select(one => new Winner(one, _known[one.Candidate.Name].Format, _known[one.Candidate.Name].Speed))];
    }
}
