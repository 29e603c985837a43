using System.Collections.Concurrent;

namespace KernelGen.Training;

/// <summary>A model whose weights and inputs are held in one way, and room for the micro-batches that are at work in it.</summary>
/// <param name="spec">The shape.</param>
/// <param name="layout">Where parameters are.</param>
/// <param name="vocabulary">Number of tokens.</param>
/// <param name="plan">Sequences of a micro-batch.</param>
/// <param name="inputs">How inputs of linear layers are held; null if they are not compressed.</param>
/// <param name="parameters">All parameters.</param>
/// <param name="held">All parameters, linear layers as they are held; may be the same array.</param>
internal sealed class ModelPass(
    TrainingSpec spec,
    ParameterLayout layout,
    int vocabulary,
    BatchPlan plan,
    IReadOnlyList<HeldInput>? inputs,
    float[] parameters,
    float[] held
)
{
    private readonly Decoder _decoder = new(spec, layout, vocabulary, inputs);
    private readonly ConcurrentBag<Workspace> _free = [];

    /// <summary>Room for a micro-batch.</summary>
    public Workspace Take() =>
        _free.TryTake(out Workspace? work) ? work : new Workspace(spec, vocabulary, plan.MicroSequences, _decoder.HoldsInputs);

    /// <summary>Gives room back.</summary>
    public void Return(Workspace work) => _free.Add(work);

    /// <inheritdoc cref="Decoder.Forward(Workspace, ReadOnlyMemory{float}, ReadOnlySpan{float}, long)"/>
    public double Forward(Workspace work, long draw) => _decoder.Forward(work, parameters, held, draw);

    /// <inheritdoc cref="Decoder.Backward(Workspace, ReadOnlyMemory{float}, ReadOnlySpan{float}, float, Span{float}, long)"/>
    public void Backward(Workspace work, float scale, Span<float> gradient, long draw) =>
        _decoder.Backward(work, parameters, held, scale, gradient, draw);
}
