namespace KernelGen.Scaling;

/// <summary>What a probe needs of a format or a representation.</summary>
internal interface IProbeTarget
{
    /// <summary>Rows should be a multiple of so many columns.</summary>
    int Block { get; }

    /// <summary>Whether something is chosen from the values of the whole tensor, so that it cannot be probed in parts.</summary>
    bool TensorWide { get; }

    /// <summary>Error of a round trip of rows taken as one tensor; called from many threads.</summary>
    ErrorSums Probe(ReadOnlySpan<float> samples, int rows, int columns);

    /// <summary>Round trip of a whole tensor.</summary>
    void RoundTrip(ReadOnlyMemory<float> weights, int rows, int columns, Memory<float> result, Parallelism parallelism);
}
