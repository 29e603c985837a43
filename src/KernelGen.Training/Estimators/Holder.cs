using System.Buffers;
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
    private readonly bool _rowByRow = tokens && representation.TensorWide;

    public Representation Representation => representation;

    /// <summary>Whether rows are tokens.</summary>
    public bool Tokens => tokens;

    /// <summary>The shape of what shares a mask: all of it, or one row.</summary>
    public (int Rows, int Columns) MaskShape(int rows, int columns)
    {
        bool whole =
            !tokens
            && representation.Mask is not StructuredSparsity
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
        float[] copy = ArrayPool<float>.Shared.Rent(rows * columns);
        int[] places = ArrayPool<int>.Shared.Rent(rows * columns);
        values[..(rows * columns)].CopyTo(copy);
        kept[..(rows * columns)].Clear();
        int height = _rowByRow ? 1 : rows;
        (int keptRows, int keptColumns) = mask.KeptShape(height, columns);
        Memory<int> chosen = places.AsMemory(0, keptRows * keptColumns);
        for (int start = 0; start < rows * columns; start += height * columns)
        {
            mask.SelectMatrix(copy.AsMemory(start, height * columns), height, columns, chosen);
            foreach (int place in chosen.Span)
            {
                kept[start + place] = true;
            }
        }
        ArrayPool<float>.Shared.Return(copy);
        ArrayPool<int>.Shared.Return(places);
    }
}
