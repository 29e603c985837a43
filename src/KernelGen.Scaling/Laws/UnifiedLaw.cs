using System.Collections.Frozen;

namespace KernelGen.Scaling;

/// <summary>
/// The unified law of compressed training: <c>L = A·(N·ρ)^−α + B·D^−β + E</c> with ρ the product over weights, activations and
/// KV cache, and each factor a curve of the representation's Gaussian MSE with (L, F, C) per family. Panferov et al. 2025,
/// "Unified scaling laws for compressed representations", arXiv:2506.01863.
/// </summary>
public sealed class UnifiedLaw : EffectiveParameterLaw, IShapedLaw
{
    private static readonly string[] Parts = ["weights", "activations", "kv"];

    private readonly FrozenDictionary<string, int>[] _first;
    private readonly int _perGroup;

    /// <summary>The law over given groups.</summary>
    /// <param name="groups">
    /// Families, or <c>part:family</c> if grouped by part; then a bare family is a curve that all parts share. Dense needs none.
    /// </param>
    /// <param name="options">Form of the curve and grouping.</param>
    public UnifiedLaw(IEnumerable<string> groups, LawOptions options)
        : this(groups, options, new HashSet<string>()) { }

    private UnifiedLaw(IEnumerable<string> groups, LawOptions options, IReadOnlySet<string> ofOnePoint)
    {
        Options = options;
        Groups = [.. groups.Distinct().Order(StringComparer.Ordinal)];
        _perGroup = options.Form.Parameters.Count;
        Dictionary<string, int> first = Groups.Select((group, i) => (group, i)).ToDictionary(g => g.group, g => Shared + g.i * _perGroup);
        _first =
        [
            .. Parts.Select(part =>
                IsByFamily(options)
                    ? first.ToFrozenDictionary()
                    : first
                        .Where(g => !g.Key.Contains(':') || g.Key.StartsWith(part + ":", StringComparison.Ordinal))
                        .ToFrozenDictionary(g => g.Key[(g.Key.IndexOf(':') + 1)..], g => g.Value)
            ),
        ];
        Parameters =
        [
            .. SharedParameters,
            .. Groups.SelectMany(group =>
                options.Form.Parameters.Select(p => Named(ofOnePoint.Contains(group) ? HeldIfShape(p, options.Form) : p, group))
            ),
        ];
    }

    /// <summary>
    /// The law with the groups that occur in the inputs, and no more curves than they can tell apart: parts that always hold the same
    /// representation of a family share its curve, and a curve seen at one Gaussian MSE only keeps the usual shape.
    /// </summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="options">Form of the curve and grouping.</param>
    public static UnifiedLaw For(IEnumerable<LawInput> inputs, LawOptions? options = null)
    {
        options ??= LawOptions.Default;
        (string Part, RepresentationPoint Point)[][] rows =
        [
            .. inputs.Select(input => InParts(input).Where(part => !part.Point.IsDense).ToArray()),
        ];
        var together = rows.SelectMany(row => row)
            .Select(part => part.Point.Family)
            .Distinct()
            .Where(family => AlwaysTogether(rows, family))
            .ToHashSet();
        var points = rows.SelectMany(row => row)
            .GroupBy(
                part =>
                    IsByFamily(options) || together.Contains(part.Point.Family) ? part.Point.Family : $"{part.Part}:{part.Point.Family}",
                part => part.Point.Gmse
            )
            .ToArray();
        return new(
            points.Select(group => group.Key),
            options,
            points.Where(group => group.Distinct().Count() == 1).Select(group => group.Key).ToHashSet()
        );
    }

    /// <summary>True if several parts hold the family, and always the same representation of it.</summary>
    private static bool AlwaysTogether((string Part, RepresentationPoint Point)[][] rows, string family)
    {
        (string Part, RepresentationPoint Point)[][] held =
        [
            .. rows.Select(row => row.Where(part => part.Point.Family == family).ToArray()).Where(row => row.Length > 0),
        ];
        return held[0].Length > 1 && held.All(row => row.Length == held[0].Length && row.All(part => part.Point.Gmse == row[0].Point.Gmse));
    }

    private static LawParameter HeldIfShape(LawParameter parameter, CapacityForm form) =>
        parameter.Name == form.Shape.Name ? parameter with { Held = true, Default = form.Shape.Usual } : parameter;

    private static LawParameter Named(LawParameter parameter, string group) =>
        parameter with
        {
            Name = $"{parameter.Name}[{group}]",
            Meaning = $"{parameter.Meaning}, {group}",
        };

    /// <summary>The form of the curve and the grouping.</summary>
    public LawOptions Options { get; }

    /// <summary>The groups that have a curve.</summary>
    public IReadOnlyList<string> Groups { get; }

    /// <inheritdoc/>
    public override string Name => "unified";

    /// <inheritdoc/>
    public override string Title => "Effective parameters from the Gaussian MSE of each part's representation";

    /// <inheritdoc/>
    public override string Formula => $"L = A*(N*rho)^-alpha + B*D^-beta + E; rho = product over parts; {Options.Form.Formula}";

    /// <inheritdoc/>
    public override string Citation => "Panferov et al. 2025, arXiv:2506.01863";

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; }

    /// <inheritdoc/>
    public override bool Knows(LawInput input, int part) => input.Part(part).IsDense || _first[part].ContainsKey(input.Part(part).Family);

    /// <inheritdoc/>
    protected override Traced LogCapacity(LawInput input, ReadOnlySpan<Traced> p) =>
        Factor(0, input.Weights, p) + Factor(1, input.Activations, p) + Factor(2, input.KvCache, p);

    /// <summary>The capacity of one representation of one part.</summary>
    /// <param name="point">The representation.</param>
    /// <param name="parameters">All parameters of the law.</param>
    /// <param name="part">0 weights, 1 activations, 2 KV cache; matters only if the law is grouped by part.</param>
    /// <exception cref="KeyNotFoundException">The law has no curve for the family.</exception>
    public double Capacity(RepresentationPoint point, ReadOnlySpan<double> parameters, int part = 0) =>
        Math.Exp(Factor(part, point, Traced.Constants(parameters)).Value);

    private static bool IsByFamily(LawOptions options) => options.Grouping == CapacityGrouping.Family;

    private static IEnumerable<(string Part, RepresentationPoint Point)> InParts(LawInput input) =>
        [(Parts[0], input.Weights), (Parts[1], input.Activations), (Parts[2], input.KvCache)];

    private Traced Factor(int part, RepresentationPoint point, ReadOnlySpan<Traced> p)
    {
        if (point.IsDense)
        {
            return 0;
        }
        if (!_first[part].TryGetValue(point.Family, out int first))
        {
            throw new KeyNotFoundException(
                $"The law has no capacity curve for the family '{point.Family}' ({point.Name}) of {Parts[part]}. It has: {string.Join(", ", Groups)}."
            );
        }
        return Options.Form.LogCapacity(point.Gmse, p.Slice(first, _perGroup));
    }
}
