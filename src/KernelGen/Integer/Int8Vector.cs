namespace KernelGen;

/// <summary>One activation vector as signed bytes: <c>x ≈ scale · code</c> in groups of 32.</summary>
/// <param name="codes">Codes, padded with zeros to whole groups.</param>
/// <param name="scales">A scale a group.</param>
/// <param name="sums">The sum of codes of each slice of the weights: a group, or half of one.</param>
public readonly ref struct Int8Vector(ReadOnlySpan<sbyte> codes, ReadOnlySpan<float> scales, ReadOnlySpan<int> sums)
{
    /// <summary>Codes, padded with zeros to whole groups.</summary>
    public ReadOnlySpan<sbyte> Codes { get; } = codes;

    /// <summary>A scale a group of 32.</summary>
    public ReadOnlySpan<float> Scales { get; } = scales;

    /// <summary>The sum of codes of each slice of the weights.</summary>
    public ReadOnlySpan<int> Sums { get; } = sums;
}
