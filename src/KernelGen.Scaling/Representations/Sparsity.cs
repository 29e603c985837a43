namespace KernelGen.Scaling;

/// <summary>
/// A mask that keeps the values of largest magnitude. Every row keeps the same number of values, so what is kept is again
/// a matrix: a format that follows sees only the kept values, side by side in their order. A mask over the whole tensor keeps other
/// numbers of different rows; what is kept is then one long row.
/// </summary>
public abstract class Sparsity
{
    private protected Sparsity(string name) => Name = name;

    /// <summary>The mask in the grammar of <see cref="RepresentationParser"/>.</summary>
    public string Name { get; }

    /// <summary>Share of the values that is kept, of a long row.</summary>
    public abstract double Density { get; }

    /// <summary>Bits per (dense) value that say which ones are kept, of a long row.</summary>
    public abstract double IndexBits { get; }

    /// <summary>Columns after which the pattern repeats; 1 if there is no pattern.</summary>
    public abstract int Block { get; }

    /// <summary>Whether the largest values of the whole tensor are kept, taken as one row, and not those of every row.</summary>
    public virtual bool WholeTensor => false;

    /// <summary>Values kept of a row.</summary>
    /// <param name="columns">Length of the row, 1 or more.</param>
    public abstract int Kept(int columns);

    /// <summary>Bits that say which values of a row are kept.</summary>
    /// <param name="columns">Length of the row, 1 or more.</param>
    public abstract double RowIndexBits(int columns);

    /// <summary>Finds the kept columns of a row. Of equal magnitudes those further left are kept.</summary>
    /// <param name="row">Finite values.</param>
    /// <param name="kept">Receives <see cref="Kept"/> columns in ascending order.</param>
    public abstract void Select(ReadOnlySpan<float> row, Span<int> kept);

    /// <summary><see cref="Name"/>.</summary>
    public override string ToString() => Name;
}
