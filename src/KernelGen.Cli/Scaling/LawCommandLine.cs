using System.CommandLine;
using System.Globalization;
using System.Text;
using KernelGen.Models;
using KernelGen.Scaling;

namespace KernelGen.Cli.Scaling;

/// <summary>What the commands about laws share: run tables, fitted laws, and errors of data turned into a line and exit code 1.</summary>
internal static class LawCommandLine
{
    public static Option<string?> Columns() =>
        new("--columns")
        {
            Description = "Which columns of the table are meant, where names differ: params=Model Size,flops=Training FLOP.",
        };

    public static Option<string?> Where() =>
        new("--where")
        {
            Description =
                "Rows to keep, by column: method=quest|none,weights!=e2m1,params<=1e8 (| is or, the comma is and; = != < <= > >=).",
        };

    public static Option<string?> Representations() =>
        new("--representations")
        {
            Description =
                "CSV with the columns name,bits,gmse,family: representations that kernelgen list does not have, or whose error you measured yourself.",
        };

    /// <summary>Runs a command; errors of tables, fits and files are one line and exit code 1.</summary>
    public static Func<ParseResult, int> Guard(CommandEnvironment environment, Func<ParseResult, int> run) =>
        parsed =>
        {
            try
            {
                return run(parsed);
            }
            catch (Exception e) when (e is RunTableException or FitException or FormatException or KeyNotFoundException)
            {
                environment.Error.WriteLine($"kernelgen: {e.Message}");
                return ExitCode.Failed;
            }
        };

    /// <summary>Writes a text file that appears only when it is complete; nothing if there is no path.</summary>
    public static void Write(string? path, string text, bool overwrite)
    {
        if (path is null)
        {
            return;
        }
        using OutputFile output = OutputFile.Create(path, overwrite);
        output.Stream.Write(Encoding.UTF8.GetBytes(text));
        output.Commit();
    }

    /// <summary>Reads a run table.</summary>
    public static RunTable Table(
        string path,
        string? columns,
        string? where,
        LawRepresentations representations,
        params IReadOnlyList<IScalingLaw> laws
    ) => RunTable.Read(path, TableOptions(columns, where, representations, laws));

    /// <summary>How a run table is read.</summary>
    public static RunTableOptions TableOptions(
        string? columns,
        string? where,
        LawRepresentations representations,
        params IReadOnlyList<IScalingLaw> laws
    ) =>
        new()
        {
            Columns = Pairs(columns, "--columns"),
            Where = Conditions(where),
            Sizes = laws.Count == 0 ? LawSizes.Both : laws.Aggregate(LawSizes.None, (sizes, law) => sizes | law.Sizes),
            SignedLoss = laws.Count > 0 && laws.All(law => !law.LogResiduals),
            Resolve = representations.Resolve,
            KnownNames = representations.KnownNames,
        };

    /// <summary>Reads a fitted law.</summary>
    /// <exception cref="FormatException">The file holds none.</exception>
    public static FitDocument ReadLaw(string path)
    {
        try
        {
            return FitDocument.Read(File.ReadAllText(path));
        }
        catch (FormatException e)
        {
            throw new FormatException(
                $"{Path.GetFileName(path)} is not a fitted law as 'kernelgen fit -o' writes it. {(e.InnerException is System.Text.Json.JsonException ? "It is not JSON." : e.InnerException?.Message ?? e.Message)}",
                e
            );
        }
    }

    private static IReadOnlyList<RunCondition> Conditions(string? text)
    {
        try
        {
            return RunCondition.Parse(text ?? "");
        }
        catch (FormatException e)
        {
            throw new UsageException($"--where: {e.Message}");
        }
    }

    /// <summary>The law of a name, with the parameters that inputs call for.</summary>
    /// <exception cref="UsageException">There is no such law.</exception>
    public static IScalingLaw Create(string name, IEnumerable<LawInput> inputs, LawOptions? options = null)
    {
        try
        {
            return LawCatalog.Create(name, inputs, options);
        }
        catch (KeyNotFoundException e)
        {
            throw new UsageException(e.Message);
        }
    }

    /// <summary>Reads <c>name=text,name=text</c>.</summary>
    /// <exception cref="UsageException">It is not of that form.</exception>
    public static IReadOnlyDictionary<string, string> Pairs(string? text, string option)
    {
        try
        {
            return RunTableOptions.ParsePairs(text ?? "");
        }
        catch (FormatException e)
        {
            throw new UsageException($"{option}: {e.Message}");
        }
    }

    /// <summary>Reads <c>name=number,name=number</c>.</summary>
    /// <exception cref="UsageException">It is not of that form.</exception>
    public static IReadOnlyDictionary<string, double> Numbers(string? text, string option) =>
        Pairs(text, option).ToDictionary(pair => pair.Key, pair => Number(pair.Value, option));

    /// <summary>A number.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static double Number(string text, string option) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw new UsageException($"{option}: '{text}' is no number; 1e9 and 0.35 are.");

    /// <summary>A positive number, or null if the option is absent.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static double? Positive(string? text, string option) =>
        text is null ? null
        : Number(text, option) is var value && value > 0 ? value
        : throw new UsageException($"{option}: {text} is not positive.");

    /// <summary>A number as messages have it.</summary>
    public static string Short(double value) => value.ToString("G5", CultureInfo.InvariantCulture);
}
