using KernelGen.Cli.Input;
using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Scaling;

/// <summary>The candidates of a plan: formats × sparsity × formats of the KV cache × columns that vary.</summary>
internal static class PlanCandidates
{
    private const int Most = 10_000;

    /// <summary>All combinations.</summary>
    /// <param name="representations">Turns names into representations.</param>
    /// <param name="formats">Weights, or weights x activations; dense is added.</param>
    /// <param name="sparsity">Masks put before each format, such as 2:4; dense for none.</param>
    /// <param name="kv">Formats of the KV cache.</param>
    /// <param name="set">Columns held: <c>name=number,name=number</c>.</param>
    /// <param name="vary">Columns varied: <c>name=number,number,…</c> each.</param>
    /// <exception cref="UsageException">A name or number is not known.</exception>
    public static LawInput[] Of(
        LawRepresentations representations,
        IReadOnlyList<string> formats,
        IReadOnlyList<string> sparsity,
        IReadOnlyList<string> kv,
        string? set,
        IReadOnlyList<string> vary
    )
    {
        string[] pairs =
        [
            .. new[] { "dense" }
                .Concat(formats)
                .SelectMany(format => (sparsity.Count == 0 ? ["dense"] : sparsity).Select(mask => Masked(mask, format)))
                .Distinct(),
        ];
        RepresentationPoint[] caches = [.. (kv.Count == 0 ? ["dense"] : kv).Select(representations.Require)];
        IReadOnlyDictionary<string, double> held = LawCommandLine.Numbers(set, "--set");
        IEnumerable<IReadOnlyDictionary<string, double>> columns = [held];
        foreach ((string name, double[] values) in vary.Select(Varied))
        {
            if (held.ContainsKey(name))
            {
                throw new UsageException($"--vary: '{name}' is held by --set too; leave one out.");
            }
            columns = columns.SelectMany(row => values.Select(value => new Dictionary<string, double>(row) { [name] = value }));
        }
        IReadOnlyDictionary<string, double>[] rows = [.. columns];
        if ((long)pairs.Length * caches.Length * rows.Length > Most)
        {
            throw new UsageException(
                $"{pairs.Length} formats x {caches.Length} KV formats x {rows.Length} columns are more than {Most} candidates."
            );
        }
        return
        [
            .. from pair in pairs.Select(representations.Pair)
            from cache in caches
            from row in rows
            select new LawInput(1, 1, pair.Weights, pair.Activations, cache, columns: row),
        ];
    }

    /// <summary>A candidate in words: weights × activations, KV cache, columns.</summary>
    public static string Label(LawInput input, IEnumerable<string> columns) =>
        LawPlots.Scheme(input)
        + (input.KvCache.IsDense ? "" : $", kv {input.KvCache.Name}")
        + string.Concat(columns.Select(name => $", {name} {LawCommandLine.Short(input[name])}"));

    /// <summary>Names of the columns that <paramref name="vary"/> varies.</summary>
    public static IReadOnlyList<string> VariedNames(IReadOnlyList<string> vary) => [.. vary.Select(text => Varied(text).Name)];

    private static string Masked(string mask, string format)
    {
        if (mask == "dense")
        {
            return format;
        }
        string[] sides = format.Split([" x ", " × "], 2, StringSplitOptions.TrimEntries);
        sides[0] = sides[0] == "dense" ? mask : $"{mask}+{sides[0]}";
        return string.Join(" x ", sides);
    }

    private static (string Name, double[] Values) Varied(string text)
    {
        int equals = text.IndexOf('=');
        if (equals < 1)
        {
            throw new UsageException($"--vary: '{text}' is not of the form name=1,2,4.");
        }
        double[] values =
        [
            .. text[(equals + 1)..].Split(',', StringSplitOptions.TrimEntries).Select(value => LawCommandLine.Number(value, "--vary")),
        ];
        return (text[..equals].Trim(), values);
    }
}
