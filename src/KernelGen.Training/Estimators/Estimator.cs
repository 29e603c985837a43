namespace KernelGen.Training;

/// <summary>Where and when values are held: the shape, the scales learned for this place, and the noise of this step.</summary>
/// <param name="Rows">Rows of a matrix; tokens.</param>
/// <param name="Columns">Columns, the contracted axis.</param>
/// <param name="Learned">The learned scales, <see cref="Estimator.Learned"/> of them.</param>
/// <param name="Noise">Seed of this place's noise in this step.</param>
internal readonly record struct Place(int Rows, int Columns, ReadOnlyMemory<float> Learned, ulong Noise);

/// <summary>
/// How values are held in the forward pass, and how the gradient of the held values becomes one of the values themselves.
/// One method, one file. Estimators of activations serve several micro-batches at once and keep nothing.
/// </summary>
internal abstract class Estimator
{
    /// <summary>Number of scales that are learned besides the weights.</summary>
    public virtual int Learned => 0;

    /// <summary>Chooses the learned scales by the first values seen.</summary>
    /// <param name="values">The values.</param>
    /// <param name="learned">Receives the scales.</param>
    public virtual void Initialise(ReadOnlySpan<float> values, Span<float> learned) { }

    /// <summary>Holds values.</summary>
    /// <param name="place">Where and when.</param>
    /// <param name="values"><c>rows × columns</c> values.</param>
    /// <param name="held">Receives <c>rows × columns</c> values.</param>
    public abstract void Forward(in Place place, ReadOnlyMemory<float> values, Memory<float> held);

    /// <summary>
    /// Turns the gradient of held values into one of the values. The default is the straight-through estimator: they are the same.
    /// </summary>
    /// <param name="place">The same as in <see cref="Forward"/>.</param>
    /// <param name="values">What was held.</param>
    /// <param name="held">What it was held as.</param>
    /// <param name="gradient">The gradient, changed in place.</param>
    /// <param name="learned">Gradient of the learned scales, added to.</param>
    public virtual void Backward(
        in Place place,
        ReadOnlySpan<float> values,
        ReadOnlySpan<float> held,
        Span<float> gradient,
        Span<float> learned
    ) { }
}

/// <summary>An estimator of weights that changes what it keeps while training goes on.</summary>
internal interface IScheduled
{
    /// <summary>Called once a step with the gradient of all weights, kept or not, before <see cref="Estimator.Backward"/>.</summary>
    /// <param name="step">Number of the step, from 0.</param>
    /// <param name="steps">Number of steps of the run.</param>
    /// <param name="weights">The weights; may be changed.</param>
    /// <param name="gradient">The gradient of the held weights.</param>
    void Advance(long step, long steps, Span<float> weights, ReadOnlySpan<float> gradient);
}
