namespace KernelGen.Training;

/// <summary>The input of one linear layer (or of several that read the same), and how it is held.</summary>
/// <param name="estimator">How.</param>
/// <param name="learned">Where its scales are among the parameters; null if it has none.</param>
/// <param name="number">Number of this place, so that places have noise of their own.</param>
internal sealed class HeldInput(Estimator estimator, ParameterTensor? learned, int number)
{
    /// <summary>While this is set, scales are chosen by what comes along, and written there.</summary>
    public Memory<float> Calibration { get; set; }

    public void Forward(LinearInput input, ReadOnlyMemory<float> parameters, long draw)
    {
        if (!Calibration.IsEmpty && learned is not null)
        {
            estimator.Initialise(input.Exact, Calibration.Span[learned.Range]);
        }
        estimator.Forward(PlaceOf(input, parameters, draw), input.Exact, input.Held);
    }

    public void Backward(
        LinearInput input,
        ReadOnlyMemory<float> parameters,
        Memory<float> gradient,
        Span<float> parameterGradient,
        long draw
    ) =>
        estimator.Backward(
            PlaceOf(input, parameters, draw),
            input.Exact,
            input.Held,
            gradient.Span,
            learned is null ? [] : parameterGradient[learned.Range]
        );

    private Place PlaceOf(LinearInput input, ReadOnlyMemory<float> parameters, long draw) =>
        new(
            input.Tokens,
            input.Width,
            learned is null ? default : parameters[learned.Range],
            new SplitMix((ulong)draw, (ulong)(number + (1L << 32))).Next()
        );
}
