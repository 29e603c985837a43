using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Globalization;
using KernelGen.Bench;
using KernelGen.Cli.Design;
using KernelGen.Cli.Expressions;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen design</c>: the declarations of least error at a number of stored bits.</summary>
internal sealed class DesignCommand
{
    private const double MostBits = 16;

    private readonly Option<double?> _bits = new("--bits", "-b")
    {
        Description = "Most stored bits per weight, above 0 and up to 16.",
        Required = true,
        CustomParser = argument => Number(argument, MostBits, "bits"),
    };
    private readonly Option<double?> _tolerance = new("--tolerance")
    {
        Description = "The front begins so many bits below. Default: 0.5.",
        CustomParser = argument => Number(argument, MostBits, "bits"),
    };
    private readonly Option<string?> _tensor = new("--tensor")
    {
        Description = "Least error on FILE.safetensors:NAME or FILE.f32[:ROWSxCOLUMNS], with its own bits; Gaussian values if not given.",
    };
    private readonly Option<bool> _integer = new("--integer") { Description = "Only formats with products of bytes." };
    private readonly Option<double?> _leastSpeed = new("--min-speed")
    {
        Description = $"Only formats whose matvec has this speed at least, in units of {DesignWinners.Yardstick}, timed in the same run.",
        CustomParser = argument => Number(argument, 1000, "times the speed"),
    };
    private readonly Option<string?> _resume = new("--resume")
    {
        Description = "Keeps judgements in FILE and takes those that are there: a search that was stopped goes on.",
        HelpName = "FILE",
    };
    private readonly ProbeArguments _probe = new(1 << 22);
    private readonly ComparisonOutput _output = new();
    private readonly CommandEnvironment _environment;

    private DesignCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new DesignCommand(environment);
        var command = new Command("design", "Search for the formats of least error at a number of stored bits.")
        {
            self._bits,
            self._tolerance,
            self._tensor,
            self._integer,
            self._leastSpeed,
            self._resume,
        };
        self._probe.AddTo(command);
        self._output.AddTo(command);
        command.SetAction(self.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        _output.Check(parsed);
        double most = parsed.GetValue(_bits)!.Value,
            least = most - (parsed.GetValue(_tolerance) ?? 0.5);
        bool integer = parsed.GetValue(_integer);
        DesignSample sample = parsed.GetValue(_tensor) is { } text
            ? DesignSample.Of(Tensor(text))
            : DesignSample.Gaussian(_probe.Seed(parsed));
        JudgedFile judged = JudgedFile.Open(parsed.GetValue(_resume), sample.Key);
        var clock = Stopwatch.StartNew();
        bool Allowed(Candidate one) => sample.Fits(one.Info) && sample.Bits(one.Info) <= most && (!integer || one.HasIntegers);
        Candidate[] candidates =
        [
            .. DesignSpace.All(rotated: sample.Source is TensorSource).Where(one => sample.Bits(one.Info) >= least && Allowed(one)),
        ];
        if (candidates.Length == 0)
        {
            throw new UsageException(
                string.Create(CultureInfo.InvariantCulture, $"no candidate has {least} to {most} bits; a larger --bits or --tolerance has.")
            );
        }
        var search = new DesignSearch(sample, judged, _probe.Threads(parsed), _environment.Progress, _environment.Cancellation);
        var winners = new DesignWinners(_environment, integer ? MatVecPrecision.Int8 : MatVecPrecision.Float);
        IReadOnlyList<Winner> found = winners.Choose(search, candidates, parsed.GetValue(_leastSpeed) ?? 0);
        if (found.Count == 0)
        {
            throw new UsageException("no candidate is as fast as --min-speed asks for.");
        }
        _environment.Note(
            string.Create(
                CultureInfo.InvariantCulture,
                $"design: {candidates.Length} candidates of {least} to {most} bits; {found.Count} on the fronts of their kinds, "
                    + $"after {clock.Elapsed.TotalSeconds:0} s."
            )
        );
        IEnumerable<Candidate> declared = _environment.Catalog.All.Select(Candidate.Of).OfType<Candidate>().Where(Allowed);
        IReadOnlyList<Winner> builtIn = winners.Compile(search.Best(declared));
        Write(parsed, Measured(parsed, sample, found), Measured(parsed, sample, builtIn));
        return ExitCode.Ok;
    }

    /// <summary>A winner with the figures of its own kernels.</summary>
    private readonly record struct Row(Winner Winner, ProbeOutcome Outcome);

    /// <summary>What the winners' own kernels say, without those that by their figures are not on the front.</summary>
    private Row[] Measured(ParseResult parsed, DesignSample sample, IReadOnlyList<Winner> winners)
    {
        ProbeSubject[] subjects = [.. winners.Select(one => ProbeSubject.Of(one.Format))];
        IEnumerable<Row> rows = winners.Zip(
            _probe.Run(parsed, _environment).Measure(subjects, sample.Source, "design"),
            (winner, outcome) => new Row(winner, outcome)
        );
        return
        [
            .. rows.GroupBy(row => row.Winner.Found.Candidate.Kind)
                .SelectMany(kind => ParetoFront.Of(kind, row => row.Outcome.Weights.Bits, row => row.Outcome.Weights.Gmse)),
        ];
    }

    private void Write(ParseResult parsed, Row[] found, Row[] builtIn)
    {
        string notation = _output.Notation(parsed);
        bool people = notation is "table" or "md";
        HashSet<string> front =
        [
            .. ParetoFront
                .Of(found, row => row.Outcome.Weights.Bits, row => row.Outcome.Weights.Gmse)
                .Select(row => row.Winner.Found.Candidate.Name),
        ];
        Column[] declaration = people ? [] : [new("declaration", "declaration")];
        var table = new DataTable([
            new("kind", "kind"),
            new("format", "format"),
            new("origin", "origin"),
            .. ProbeColumns.Columns(composed: false),
            new("speed", $"× {DesignWinners.Yardstick}", "0.00"),
            new("front", "front", Words: value => value is true ? "*" : ""),
            .. declaration,
        ]);
        foreach (Row row in found.Concat(builtIn).OrderBy(row => row.Winner.Found.Candidate.Kind).ThenBy(row => row.Outcome.Weights.Bits))
        {
            Candidate candidate = row.Winner.Found.Candidate;
            object?[] text = people ? [] : [DeclarationText.Of(row.Winner.Format)];
            table.Add([
                candidate.Kind.ToString().ToLowerInvariant(),
                candidate.Name,
                found.Contains(row) ? "found" : "built in",
                .. ProbeColumns.Values(row.Outcome, composed: false),
                row.Winner.Speed,
                front.Contains(candidate.Name),
                .. text,
            ]);
        }
        FrontierPoint[] points =
        [
            .. found
                .Concat(builtIn)
                .Select(row => new FrontierPoint(
                    row.Winner.Found.Candidate.Name,
                    row.Winner.Format.Info.Family,
                    row.Outcome.Weights.Bits,
                    row.Outcome.Weights.Gmse
                )),
        ];
        _output.Write(parsed, table, points, found[0].Outcome.Weights.Source, _environment);
        (string before, string after) = notation == "md" ? ("```csharp\n", "```\n") : ("", "");
        foreach (Row row in people ? found : [])
        {
            _environment.Out.Write($"\n{before}{DeclarationText.Of(row.Winner.Format)}{after}");
        }
    }

    /// <summary>One tensor.</summary>
    /// <exception cref="UsageException">There is none of that name, or there are several.</exception>
    private LoadedTensor Tensor(string text)
    {
        LoadedTensor? found = null;
        try
        {
            TensorFile
                .Find(text)
                .Read(_environment.Catalog, _environment.Note, tensor =>
                    found = found is null
                        ? tensor
                        : throw new UsageException(
                            $"{text} holds several tensors; name one: {text}:{found.Name} or {text}:{tensor.Name}, for instance."
                        )
                );
        }
        catch (Exception e) when (e is FileNotFoundException or KeyNotFoundException)
        {
            throw new UsageException(e.Message);
        }
        return found ?? throw new UsageException($"{text} has no tensor to measure.");
    }

    private static double? Number(ArgumentResult argument, double most, string unit)
    {
        string text = argument.Tokens[0].Value;
        if (
            double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
            && number > 0
            && number <= most
        )
        {
            return number;
        }
        argument.AddError($"'{text}' is no number of {unit} above 0 and up to {most}.");
        return null;
    }
}
