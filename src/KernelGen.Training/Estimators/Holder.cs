using KernelGen.Scaling;

namespace KernelGen.Training;

/// <summary>
/// A representation as training applies it. A mask without a pattern is one over the whole matrix of weights, as the laws
/// mean it: rows of small models are too short to stand for the distribution. For the same reason groups of a format that
/// rows do not fill run on through the rows. Activations are held token by token: a scale
/// of the whole tensor would let a token see those after it.
/// </summary>
/// <param name="representation">How values are held; no activations.</param>
/// <param name="tokens">Whether rows are tokens.</param>
internal sealed class Holder(Representation representation, bool tokens)
{
    private readonly bool _rowByRow = tokens && representation.Format?.Info.TensorHeader is not null;

    public Representation Representation => representation;

    /// <summary>Whether rows are tokens.</summary>
    public bool Tokens => tokens;

    /// <summary>The shape of what shares a mask: all of it, or one row.</summary>
    public (int Rows, int Columns) MaskShape(int rows, int columns)
    {
        bool whole =
            !tokens
            && (
                representation.Mask is UnstructuredSparsity
                || representation.Format?.Info is { RowHeaderBytes: 0 } info && Kept(columns) % info.Block != 0
            );
        return whole ? (1, rows * columns) : (rows, columns);
    }

    private int Kept(int columns) => representation.Mask?.Kept(columns) ?? columns;

    /// <summary>Holds values.</summary>
    public void RoundTrip(ReadOnlyMemory<float> values, int rows, int columns, Memory<float> held)
    {
        if (_rowByRow)
        {
            for (int row = 0; row < rows; row++)
            {
                representation.RoundTrip(
                    values.Slice(row * columns, columns),
                    1,
                    columns,
                    held.Slice(row * columns, columns),
                    Parallelism.Single
                );
            }
            return;
        }
        (rows, columns) = MaskShape(rows, columns);
        representation.RoundTrip(values[..(rows * columns)], rows, columns, held, Parallelism.Single);
    }

    /// <summary>Marks the values that the mask keeps.</summary>
    /// <param name="values"><c>rows × columns</c> values.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="kept">Receives <c>rows × columns</c> marks.</param>
    /// <exception cref="InvalidOperationException">There is no mask.</exception>
    public void Keep(ReadOnlySpan<float> values, int rows, int columns, Span<bool> kept)
    {
        Sparsity mask = representation.Mask ?? throw new InvalidOperationException($"{representation.Name} has no mask.");
        (rows, columns) = MaskShape(rows, columns);
        int[] positions = System.Buffers.ArrayPool<int>.Shared.Rent(mask.Kept(columns));
        kept[..(rows * columns)].Clear();
        for (int row = 0; row < rows; row++)
        {
            Span<int> places = positions.AsSpan(0, mask.Kept(columns));
            mask.Select(values.Slice(row * columns, columns), places);
            foreach (int place in places)
            {
                kept[row * columns + place] = true;
            }
        }
        System.Buffers.ArrayPool<int>.Shared.Return(positions);
    }
}
