namespace KernelGen.Scaling;

/// <summary>
/// How well capacity factors over sparsity and quantisation: Sparse(s) ∘ INT b, where INT b are the integers −q … q under
/// float32 absmax scales over groups of kept values.
/// </summary>
public static class FactorisationTable
{
    /// <summary>s = 0, 0.1 … 0.9.</summary>
    public static IReadOnlyList<double> DefaultSparsities { get; } = [.. Enumerable.Range(0, 10).Select(i => i / 10.0)];

    /// <summary>b = 2, 3, 4, 8.</summary>
    public static IReadOnlyList<int> DefaultBits { get; } = [2, 3, 4, 8];

    /// <summary>Measures the table, by bits and then by sparsity.</summary>
    /// <param name="options">Samples per composition, seed, source, threads; the progress of each composition starts again.</param>
    /// <param name="group">Kept values per scale, <see cref="ScaleGroup.Row"/> or <see cref="ScaleGroup.Tensor"/>.</param>
    /// <param name="sparsities">Shares of zeros in [0, 1); <see cref="DefaultSparsities"/> if null.</param>
    /// <param name="bits">Bits, 2 to 8; <see cref="DefaultBits"/> if null.</param>
    /// <returns>One row for each pair.</returns>
    public static IReadOnlyList<FactorisationRow> Measure(
        ProbeOptions? options = null,
        int group = 64,
        IReadOnlyList<double>? sparsities = null,
        IReadOnlyList<int>? bits = null
    ) => [.. (bits ?? DefaultBits).SelectMany(b => (sparsities ?? DefaultSparsities).Select(s => Row(s, b, group, options)))];

    private static FactorisationRow Row(double sparsity, int bits, int group, ProbeOptions? options)
    {
        Representation quantiser = Representation.UniformAbsMax(bits, group);
        RepresentationResult result = (sparsity == 0 ? quantiser : Representation.Sparse(1 - sparsity).Then(quantiser)).Measure(options);
        return new(
            sparsity,
            bits,
            result.Bits,
            result.Gmse,
            result.Weights.StandardError,
            sparsity == 0 ? 0 : result.WeightParts[0].Gmse,
            result.WeightParts[^1].Gmse,
            result.CapacityByProduct,
            result.CapacityDirect
        );
    }
}
