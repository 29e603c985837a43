using System.Numerics.Tensors;

namespace KernelGen.Training;

/// <summary>
/// A trust mask for vector codes: a vector's gradient passes where its error is no larger than the cells of the code are.
/// For an even scalar grid the largest error inside is √3 times the RMS error; a ball of p dimensions, the cell of an ideal
/// code, has √((p + 2) / p). So a vector is trusted while ‖error‖² ≤ (p + 2) / p · p · GMSE · mean square of the row.
/// </summary>
/// <param name="holder">How values are held.</param>
/// <param name="dimension">p, values of a vector.</param>
/// <param name="gmse">Relative error of the code on Gaussian values.</param>
internal sealed class VectorTrust(Holder holder, int dimension, double gmse) : Estimator
{
    public override void Forward(in Place place, ReadOnlyMemory<float> values, Memory<float> held) =>
        holder.RoundTrip(values, place.Rows, place.Columns, held);

    public override void Backward(
        in Place place,
        ReadOnlySpan<float> values,
        ReadOnlySpan<float> held,
        Span<float> gradient,
        Span<float> learned
    )
    {
        for (int start = 0; start < values.Length; start += place.Columns)
        {
            ReadOnlySpan<float> row = values.Slice(start, place.Columns),
                heldRow = held.Slice(start, place.Columns);
            float meanSquare = TensorPrimitives.SumOfSquares(row) / row.Length;
            for (int i = 0; i < row.Length; i += dimension)
            {
                int count = Math.Min(dimension, row.Length - i);
                float distance = TensorPrimitives.Distance(row.Slice(i, count), heldRow.Slice(i, count));
                // A last vector that is cut off has fewer values to err in.
                if (distance * distance > (dimension + 2.0) / dimension * count * gmse * meanSquare)
                {
                    gradient.Slice(start + i, count).Clear();
                }
            }
        }
    }
}
