using System.Diagnostics;

namespace KernelGen.Scaling;

/// <summary>Measures representations: the composed round trip, and each part alone on the same samples.</summary>
public static class RepresentationProbe
{
    /// <summary>Measures a representation.</summary>
    /// <param name="representation">The representation.</param>
    /// <param name="options">
    /// Samples, seed, source, threads. A <see cref="TensorSource"/> stands for the weights; activations are then probed
    /// with Gaussian samples.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A number among the options is out of range.</exception>
    /// <exception cref="OperationCanceledException">The probe was cancelled.</exception>
    public static RepresentationResult Measure(Representation representation, ProbeOptions? options = null)
    {
        options ??= ProbeOptions.Default;
        (CapacityResult weights, IReadOnlyList<CapacityResult> parts) = Side(representation, options);
        CapacityResult? activations = null;
        IReadOnlyList<CapacityResult> activationParts = [];
        if (representation.Activations is { } held)
        {
            (activations, activationParts) = Side(
                held,
                options.Source is TensorSource ? options with { Source = ValueSource.Gaussian } : options
            );
        }
        return new()
        {
            Name = representation.Name,
            Weights = weights,
            WeightParts = parts,
            Activations = activations,
            ActivationParts = activationParts,
            HasFusedKernel = representation.HasFusedKernel,
        };
    }

    private static (CapacityResult Composed, IReadOnlyList<CapacityResult> Parts) Side(Representation side, ProbeOptions options)
    {
        // Parts take the rows of the composition, so that all see the same samples.
        int columns = options.Columns,
            block = ((IProbeTarget)side).Block;
        ProbeOptions shaped = options with { Columns = (int)Math.Max((long)columns / block, 1) * block };
        CapacityResult composed = One(side, shaped);
        IReadOnlyList<Representation> parts = side.Parts;
        return (composed, parts.Count == 1 ? [composed] : [.. parts.Select(part => One(part, shaped))]);
    }

    private static CapacityResult One(Representation side, ProbeOptions options)
    {
        var clock = Stopwatch.StartNew();
        RatioEstimate estimate = CapacityProbe.Run(side, options, clock);
        return new()
        {
            Name = side.SideName,
            Source = options.Source.Name,
            Bits = options.Source is TensorSource tensor ? side.MatrixBits(tensor.Rows, tensor.Columns) / tensor.Values.Length : side.Bits,
            Gmse = estimate.Ratio,
            StandardError = double.IsNaN(estimate.StandardError) ? null : estimate.StandardError,
            ExactGmse = options.Source == ValueSource.Gaussian ? side.ExactGmse : null,
            MeanSquare = estimate.Total.SquaredValue / estimate.Total.Count,
            Samples = estimate.Total.Count,
            Seconds = clock.Elapsed.TotalSeconds,
            Family = CapacityFamily.Of(side.Family),
        };
    }
}
