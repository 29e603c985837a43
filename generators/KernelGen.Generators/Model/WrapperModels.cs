namespace KernelGen.Generators.Model;

/// <summary>Weights kept by magnitude: n of every m, or if m is 0 a share of every row or block.</summary>
internal sealed record SparseModel(int N, int M, double Density, SparseIndex Index, bool Pairs, SelectionScope Scope)
{
    /// <summary>An argument that was given and that only the other kind of sparsity has, patterns or densities.</summary>
    public string? Idle { get; init; }

    /// <summary>
    /// Weights kept of so many. The same number as <c>SparseBitmap.Kept</c> in the runtime: to the nearest, halves up, at least one.
    /// </summary>
    public int KeptOf(int columns) => M > 0 ? columns / M * N : Math.Max(1, Math.Min(columns, (int)Math.Floor(columns * Density + 0.5)));
}

/// <summary>The largest magnitudes of a row or block kept in 16 bits.</summary>
internal sealed record OutlierModel(double Fraction, ScaleType Type, SelectionScope Scope)
{
    public int CountOf(int block) => (int)Math.Ceiling(Fraction * block);
}

/// <summary>A rotation of so many columns, with signs of a seed.</summary>
internal sealed record RotationModel(int Size, uint Seed);
