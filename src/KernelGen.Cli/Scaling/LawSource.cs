using System.CommandLine;
using KernelGen.Scaling;

namespace KernelGen.Cli.Scaling;

/// <summary>Laws on the command line: a file that <c>fit -o</c> wrote, or a published set of coefficients by name.</summary>
internal static class LawSource
{
    public static Option<string> Law() =>
        new("--law")
        {
            Description =
                "File of a fitted law (kernelgen fit … -o FILE.json), or published coefficients NAME[:SET] of kernelgen laws, such as "
                + "chinchilla:hoffmann-tex.",
            Required = true,
        };

    public static Option<string?> Borrow() =>
        new("--borrow")
        {
            Description =
                "Where capacities come from that the law does not have: published, or a file of a fitted unified law. Every row says what "
                + "it borrowed.",
        };

    /// <summary>Opens a law and says on the error stream where published numbers come from.</summary>
    /// <exception cref="UsageException">There is no such file and no such law, or the law has no such set.</exception>
    /// <exception cref="FormatException">The file holds no fitted law.</exception>
    /// <exception cref="FitException">The fit did not converge, or ended on a bound that the caller did not set.</exception>
    public static FitDocument Open(string text, CommandEnvironment environment)
    {
        if (File.Exists(text))
        {
            return Usable(LawCommandLine.ReadLaw(text), Path.GetFileName(text));
        }
        string[] parts = text.Split(':', 2);
        IScalingLaw? law = LawCatalog.All.FirstOrDefault(law => law.Name.Equals(parts[0], StringComparison.OrdinalIgnoreCase));
        if (law is null)
        {
            throw text.Contains('/') || text.Contains('.') || text.Contains('\\')
                ? new FileNotFoundException($"There is no file '{text}'.", text)
                : new UsageException(
                    $"--law: there is no file and no law '{text}'. {NearestName.Sentence(parts[0], LawCatalog.All.Select(l => l.Name))}"
                );
        }
        if (law.Published.Count == 0)
        {
            throw new UsageException(
                $"--law: no coefficients of {law.Name} are published that were seen; fit it to runs with kernelgen fit."
            );
        }
        LawCoefficients? set =
            parts.Length > 1
                ? law.Published.FirstOrDefault(set => set.Name.Equals(parts[1], StringComparison.OrdinalIgnoreCase))
                : law.Published[0];
        string sets = string.Join(", ", law.Published.Select(set => $"{law.Name}:{set.Name} [{set.Mark.Letter()}]"));
        if (set is null)
        {
            throw new UsageException($"--law: {law.Name} has no set '{parts[1]}'. It has {sets}.");
        }
        if (parts.Length == 1 && !set.Mark.IsDefault())
        {
            throw new UsageException(
                $"--law: the coefficients of {law.Name} are known at second hand only, so they are used by name alone: {sets}."
            );
        }
        FitDocument document = FitDocument.Of(law.For(set), set);
        environment.Note($"law: {document.Source}; no intervals.");
        return document;
    }

    /// <summary>Where to borrow capacities; null for nowhere.</summary>
    public static CapacityLender? Lender(string? text) =>
        text is null ? null
        : text == "published" ? CapacityLender.Published
        : File.Exists(text) ? CapacityLender.Of(Usable(LawCommandLine.ReadLaw(text), Path.GetFileName(text)), Path.GetFileName(text))
        : throw new UsageException($"--borrow: '{text}' is neither 'published' nor a file.");

    /// <summary>Makes sure that a law reads the inputs it is given: one that it does not read would change nothing, in silence.</summary>
    /// <exception cref="UsageException">It reads no such column.</exception>
    public static void RequireRead(IScalingLaw law, IEnumerable<string> columns, string option)
    {
        string[] own = [.. law.Columns.Select(column => column.Name)];
        if (columns.FirstOrDefault(column => !own.Contains(column, StringComparer.OrdinalIgnoreCase)) is { } unread)
        {
            throw new UsageException(
                own.Length == 0
                    ? $"{option}: {law.Name} reads no '{unread}'; it has no further inputs."
                    : $"{option}: {law.Name} reads no '{unread}'; it reads {string.Join(", ", own)}."
            );
        }
    }

    private static FitDocument Usable(FitDocument document, string file)
    {
        if (!document.Converged)
        {
            throw new FitException($"{file}: the fit did not converge, so it predicts nothing. Fit again.");
        }
        if (document.Unaccepted.Count > 0)
        {
            string names = string.Join(
                ", ",
                document
                    .Parameters.Where(p => document.Unaccepted.Contains(p.Name))
                    .Select(p => $"{p.Name} = {LawCommandLine.Short(p.Value)}")
            );
            throw new FitException(
                $"{file}: {names} ended on a bound that was not set on purpose, and the other parameters depend on it. "
                    + "Fit again with --bound to accept the bound, or --fix to choose a value."
            );
        }
        return document;
    }
}
