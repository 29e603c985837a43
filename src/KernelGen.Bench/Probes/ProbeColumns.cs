using KernelGen.Reports;

namespace KernelGen.Bench;

/// <summary>The columns that <c>probe</c> and <c>compare</c> share; scripts rely on their names.</summary>
internal static class ProbeColumns
{
    private static readonly (Column Column, Func<ProbeOutcome, object?> Value)[] Always =
    [
        (new("bits", "bits", "0.0###"), outcome => outcome.Weights.Bits),
        (new("gmse", "rel. MSE", "G5"), outcome => outcome.Weights.Gmse),
        (new("gmse_se", "±", "G2"), outcome => outcome.Weights.StandardError),
        (new("effective_bits", "effective bits", "0.000"), outcome => outcome.Weights.EffectiveBits),
        (new("gap_bits", "gap", "0.000"), outcome => outcome.Weights.GapBits),
        (new("capacity", "capacity", "0.0000"), outcome => outcome.Capacity),
        (new("optimality", "of bound", "0.0000"), outcome => outcome.Weights.Optimality),
    ];

    private static readonly (Column Column, Func<ProbeOutcome, object?> Value)[] Composed =
    [
        (new("capacity_product", "product", "0.0000"), outcome => outcome.CapacityByProduct),
        (new("factorisation_error", "difference", "0.0000"), outcome => outcome.CapacityByProduct - outcome.Capacity),
        (new("activations_gmse", "activations", "G5"), outcome => outcome.ActivationsGmse),
    ];

    /// <summary>The columns; those of expressions only if there is one.</summary>
    public static IEnumerable<Column> Columns(bool composed) => Entries(composed).Select(entry => entry.Column);

    /// <summary>The values of one outcome in the order of <see cref="Columns"/>.</summary>
    public static IEnumerable<object?> Values(ProbeOutcome outcome, bool composed) =>
        Entries(composed).Select(entry => entry.Value(outcome));

    private static IEnumerable<(Column Column, Func<ProbeOutcome, object?> Value)> Entries(bool composed) =>
        composed ? [.. Always, .. Composed] : Always;
}
