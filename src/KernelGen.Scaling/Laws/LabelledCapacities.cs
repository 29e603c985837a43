using System.Collections.Frozen;

namespace KernelGen.Scaling;

/// <summary>One free capacity per label: the table behind the laws that do not explain ρ.</summary>
internal sealed class LabelledCapacities
{
    private readonly FrozenDictionary<string, int> _index;

    public LabelledCapacities(IEnumerable<string> labels, int first, string meaning)
    {
        Labels = [.. labels.Distinct().Order(StringComparer.Ordinal)];
        _index = Labels.Select((label, i) => (label, i)).ToFrozenDictionary(l => l.label, l => first + l.i);
        // Above 1 is allowed: a measured multiplier of 8 bits is 1.016, within noise of 1.
        Parameters =
        [
            .. Labels.Select(label => new LawParameter($"rho[{label}]", 1e-5, 1.5, 0.05, 1, $"{meaning} {label}")
            {
                Scale = ParameterScale.Log,
            }),
        ];
    }

    public IReadOnlyList<string> Labels { get; }

    public IReadOnlyList<LawParameter> Parameters { get; }

    public Traced Log(string label, ReadOnlySpan<Traced> p) =>
        _index.TryGetValue(label, out int index)
            ? Traced.Log(p[index])
            : throw new KeyNotFoundException($"The law has no fitted capacity for '{label}'. {NearestName.Sentence(label, Labels)}");
}
