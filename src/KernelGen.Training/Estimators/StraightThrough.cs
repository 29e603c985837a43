namespace KernelGen.Training;

/// <summary>
/// The straight-through estimator (Bengio, Léonard and Courville 2013): the gradient passes as if nothing were compressed.
/// </summary>
internal sealed class StraightThrough(Holder holder) : Estimator
{
    public override void Forward(in Place place, ReadOnlyMemory<float> values, Memory<float> held) =>
        holder.RoundTrip(values, place.Rows, place.Columns, held);
}
