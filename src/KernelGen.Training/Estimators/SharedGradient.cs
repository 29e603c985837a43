namespace KernelGen.Training;

/// <summary>
/// The exact gradient of values that weights share. Holding is a projection: every value is the mean of its weights, each with its
/// sign. Its transpose is itself, so the gradient of the weights is the held gradient held likewise. All weights of a value then move
/// together, as one parameter does.
/// </summary>
/// <param name="holder">How weights are held.</param>
internal sealed class SharedGradient(Holder holder) : Estimator
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
        float[] copy = [.. gradient];
        holder.RoundTrip(copy, place.Rows, place.Columns, copy);
        copy.CopyTo(gradient);
    }
}
