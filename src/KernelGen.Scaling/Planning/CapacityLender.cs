namespace KernelGen.Scaling;

/// <summary>
/// Capacities for representations a law knows nothing of: the published curve of the family, or that of another fit of the unified law. A
/// borrowed ρ multiplies the parameters, as in Panferov et al. 2025, arXiv:2506.01863; that it carries over to another law is an assumption,
/// which is why every prediction made with one says so.
/// </summary>
/// <param name="Source">Where the curves come from, for messages: <c>published</c> or the name of a file.</param>
/// <param name="Lend">ρ of a representation as a part (0 weights, 1 activations, 2 KV cache) and the curve in words; null if there is none.</param>
public sealed record CapacityLender(string Source, Func<RepresentationPoint, int, (double Capacity, string Curve)?> Lend)
{
    /// <summary>The published curves of <see cref="CapacityFamily"/>. A family without measurements takes the nearest one's and says so.</summary>
    public static CapacityLender Published { get; } = new("published", (point, _) =>
        {
            CapacityFamily family = CapacityFamily.Of(point.Family);
            CapacityCoefficients c = family.Coefficients;
            string own = family.HasOwnFit ? family.Name : $"{family.Name}, {family.Basis.Split(':')[0]}";
            return (
                c.Capacity(point.Gmse),
                FormattableString.Invariant($"published {own}: {c.Limit:0.##}*tanh({c.Rate:F4}*log_1/4 {point.Gmse:G5})^{c.Exponent:F4}")
            );
        });

    /// <summary>The curves of a fitted unified law.</summary>
    /// <param name="fit">The fit.</param>
    /// <param name="source">Its name.</param>
    /// <exception cref="FitException">The fit is of another law.</exception>
    public static CapacityLender Of(FitDocument fit, string source) =>
        fit.Law is UnifiedLaw law
            ? new(source, (point, part) =>
                law.Knows(LawInput.Of(point, part), part)
                    ? (
                        law.Capacity(point, fit.Values, part),
                        FormattableString.Invariant($"{point.Family} of {source} at GMSE {point.Gmse:G5}")
                    )
                    : null
            )
            : throw new FitException($"{source} holds the law '{fit.Law.Name}'; only the unified law has curves to lend.");
}
