namespace KernelGen.Scaling;

/// <summary>
/// Capacity coefficients of a family of representations. The numbers are the least-squares fits that
/// <see cref="CapacityFit"/> makes of <see cref="PublishedCapacity"/>; a test compares them.
/// </summary>
/// <param name="Name">Name of the family, as in <see cref="FormatInfo.Family"/>.</param>
/// <param name="Coefficients">L, F and C.</param>
/// <param name="Basis">What they were fitted to.</param>
/// <param name="HasOwnFit">False where no measurements of the family are published and another family's fit is lent.</param>
public sealed record CapacityFamily(string Name, CapacityCoefficients Coefficients, string Basis, bool HasOwnFit)
{
    /// <summary>Uniform scalar quantisation.</summary>
    public static CapacityFamily Int { get; } =
        new(
            "int",
            new(1, 0.50414604140495, 1.6135268234585558),
            "uniform quantisation of weights and of activations to 1-4 bits, Gaussian-optimal step",
            true
        );

    /// <summary>Magnitude sparsity without quantisation.</summary>
    public static CapacityFamily Sparse { get; } =
        new("sparse", new(1, 0.28278517929217883, 0.48365308364054976), "magnitude sparsity of weights, 10-90 %", true);

    /// <summary>Magnitude sparsity followed by quantisation.</summary>
    public static CapacityFamily SparseQuantised { get; } =
        new(
            "sparse-quantised",
            new(1, 0.34365515837784866, 0.6431185302235849),
            "magnitude sparsity of weights, 10-90 %, then uniform absmax quantisation to 3, 4, 8 bits",
            true
        );

    /// <summary>Family of weights that share values. They are lent the curve of sparsity: there too a share of the numbers is left, each exact.</summary>
    internal const string SharedName = "shared";

    /// <summary>The families with fits of their own.</summary>
    public static IReadOnlyList<CapacityFamily> Fitted { get; } = [Int, Sparse, SparseQuantised];

    /// <summary>
    /// The coefficients to use for a family. Families that say "sparse" and something more take
    /// <see cref="SparseQuantised"/>; all others, floats, codebooks, vector codes and trellises among them, take
    /// <see cref="Int"/>: a quantiser is judged by its error, not by where its levels lie.
    /// </summary>
    /// <param name="family">Name of the family.</param>
    public static CapacityFamily Of(string family)
    {
        string name = family.ToLowerInvariant();
        CapacityFamily? own = Fitted.FirstOrDefault(entry => entry.Name == name);
        if (own is not null)
        {
            return own;
        }
        CapacityFamily lender =
            name == SharedName ? Sparse
            : name.Contains("sparse", StringComparison.Ordinal) ? SparseQuantised
            : Int;
        return new(name, lender.Coefficients, $"lent by {lender.Name}: {lender.Basis}", false);
    }
}
