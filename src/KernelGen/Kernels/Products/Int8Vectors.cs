namespace KernelGen.Kernels.Products;

/// <summary>Activation vectors as signed bytes, slice after slice: the groups at the same columns of all vectors are neighbours.</summary>
/// <param name="codes">32 codes of each vector's first group, then of each vector's second one …; padded with zeros.</param>
/// <param name="scales">Their scales: <c>x ≈ scale · code</c>.</param>
/// <param name="corrections">For each slice of the weights the sum of each vector's codes, times the lowest integer of the weights and
/// their scale; where weights are signed, without the scale, an integer's bits.</param>
/// <param name="totals">For each slice the sum of each vector's values, over the step of the weights; empty if they have no
/// offsets.</param>
/// <param name="count">Number of vectors.</param>
internal readonly ref struct Int8Vectors(
    ReadOnlySpan<sbyte> codes,
    ReadOnlySpan<float> scales,
    ReadOnlySpan<float> corrections,
    ReadOnlySpan<float> totals,
    int count
)
{
    public ReadOnlySpan<sbyte> Codes { get; } = codes;

    public ReadOnlySpan<float> Scales { get; } = scales;

    public ReadOnlySpan<float> Corrections { get; } = corrections;

    public ReadOnlySpan<float> Totals { get; } = totals;

    public int Count { get; } = count;
}
