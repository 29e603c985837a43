namespace KernelGen.Scaling;

/// <summary>
/// A mask that keeps the values of largest magnitude. Every row keeps the same number of values, so what is kept is again
/// a matrix: a format that follows sees only the kept values, side by side in their order. A mask over the whole tensor keeps other
/// numbers of different rows; what is kept is then one long row. Masks of whole rows or columns keep a smaller matrix.
/// </summary>
public abstract class Sparsity
{
    private const double RowStartBits = 32;

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

    /// <summary>Whether what is kept of one row depends on the others.</summary>
    public virtual bool TensorWide => WholeTensor;

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

    /// <summary>Shape of what is kept of a matrix.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public virtual (int Rows, int Columns) KeptShape(int rows, int columns) =>
        WholeTensor ? (1, Kept(checked(rows * columns))) : (rows, Kept(columns));

    /// <summary>Bits that say which values of a matrix are kept; of a whole tensor also where each row begins among them.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public virtual double MatrixIndexBits(int rows, int columns) =>
        WholeTensor ? RowStartBits * rows + RowIndexBits(checked(rows * columns)) : rows * RowIndexBits(columns);

    /// <summary>Finds the kept values of a matrix.</summary>
    /// <param name="values"><c>rows × columns</c> finite values.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="kept">Receives their places in the matrix, in ascending order: as many as <see cref="KeptShape"/> has.</param>
    /// <param name="parallelism">How many threads; one if null.</param>
    public virtual void SelectMatrix(ReadOnlyMemory<float> values, int rows, int columns, Memory<int> kept, Parallelism? parallelism = null)
    {
        (int own, int length) = WholeTensor ? (1, checked(rows * columns)) : (rows, columns);
        int each = Kept(length);
        RowLoop.For(own, parallelism ?? Parallelism.Single, row =>
        {
            Span<int> places = kept.Span.Slice(row * each, each);
            Select(values.Span.Slice(row * length, length), places);
            foreach (ref int place in places)
            {
                place += row * length;
            }
        });
    }

    /// <summary><see cref="Name"/>.</summary>
    public override string ToString() => Name;
}
