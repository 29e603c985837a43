using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Scaling;

/// <summary>Every law with the inputs it reads and its published coefficients: one row per law and set.</summary>
internal static class LawMatrix
{
    /// <summary>The matrix: a column per input, with <c>x</c> where the law needs it and <c>(x)</c> where it can do without.</summary>
    public static DataTable Of(IReadOnlyList<IScalingLaw> laws)
    {
        string[] columns = [.. laws.SelectMany(law => law.Columns).Select(column => column.Name).Distinct().Order(StringComparer.Ordinal)];
        var table = new DataTable([
            new("law", "law"),
            new("set", "set"),
            new("mark", "mark"),
            new("alone", "without its name"),
            new("loss", "loss"),
            new("params", "params"),
            new("tokens", "tokens"),
            new("representations", "formats"),
            .. columns.Select(name => new Column(name, name)),
        ]);
        foreach (IScalingLaw law in laws)
        {
            // A law with no set still has its row.
            foreach (LawCoefficients? set in law.Published.DefaultIfEmpty())
            {
                IScalingLaw own = set is null ? law : law.For(set);
                table.Add([
                    law.Name,
                    set?.Name ?? "",
                    set?.Mark.Letter() ?? "",
                    set == law.Published.FirstOrDefault() && set?.Mark.IsDefault() == true ? "x" : "",
                    law.PredictsLoss ? "x" : "",
                    own.Sizes.HasFlag(LawSizes.Params) ? "x" : "",
                    own.Sizes.HasFlag(LawSizes.Tokens) ? "x" : "",
                    Representations(law),
                    .. columns.Select(name =>
                        law.Columns.FirstOrDefault(column => column.Name == name) is { } column
                            ? column.Optional
                                ? "(x)"
                                : "x"
                            : ""
                    ),
                ]);
            }
        }
        return table;
    }

    /// <summary>Whether formats go by their curves or their bits, or have to be borrowed.</summary>
    private static string Representations(IScalingLaw law) =>
        law is UnifiedLaw or DecoupledLaw or EffectiveMultiplierLaw ? "those fitted"
        : law.Knows(LawInput.Of(new("any", 4, 0.01, "any"), 0), 0) ? "any"
        : "borrowed";
}
