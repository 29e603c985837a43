namespace KernelGen.Training;

/// <summary>A matrix of weights and how it is held.</summary>
/// <param name="tensor">The matrix.</param>
/// <param name="estimator">How it is held.</param>
/// <param name="learned">Where its scales are among the parameters; null if it has none.</param>
/// <param name="number">Number of this place, so that places have noise of their own.</param>
internal sealed class HeldWeight(ParameterTensor tensor, Estimator estimator, ParameterTensor? learned, int number)
{
    /// <summary>Values of the matrix.</summary>
    public int Length => tensor.Length;

    /// <summary>The mask that changes with the run; null if there is none.</summary>
    public bool[]? Mask => (estimator as FixedMask)?.Kept;

    /// <summary>Chooses the learned scales.</summary>
    public void Initialise(Memory<float> parameters)
    {
        if (learned is not null)
        {
            estimator.Initialise(parameters.Span[tensor.Range], parameters.Span[learned.Range]);
        }
    }

    /// <summary>Holds the weights, once a step.</summary>
    public void Forward(ReadOnlyMemory<float> parameters, Memory<float> held, long draw) =>
        estimator.Forward(PlaceOf(parameters, draw), parameters[tensor.Range], held[tensor.Range]);

    /// <summary>Turns the gradient of held weights into one of the weights, once a step.</summary>
    public void Backward(Memory<float> parameters, ReadOnlyMemory<float> held, Memory<float> gradient, long draw, long step, long steps)
    {
        if (estimator is IScheduled scheduled)
        {
            scheduled.Advance(step, steps, parameters.Span[tensor.Range], gradient.Span[tensor.Range]);
        }
        estimator.Backward(
            PlaceOf(parameters, draw),
            parameters.Span[tensor.Range],
            held.Span[tensor.Range],
            gradient.Span[tensor.Range],
            learned is null ? [] : gradient.Span[learned.Range]
        );
    }

    private Place PlaceOf(ReadOnlyMemory<float> parameters, long draw) =>
        new(
            tensor.Rows,
            tensor.Columns,
            learned is null ? default : parameters[learned.Range],
            new SplitMix((ulong)draw, (ulong)number).Next()
        );
}
