using System.Numerics.Tensors;
using KernelGen.Kernels.Products;

namespace KernelGen.Training;

/// <summary>
/// The forward and the backward pass of a Llama over one micro-batch. All linear layers are products of the whole
/// micro-batch. Nothing is kept here: any number of micro-batches may be at work.
/// </summary>
/// <param name="spec">The shape.</param>
/// <param name="layout">Where parameters are.</param>
/// <param name="vocabulary">Number of tokens.</param>
/// <param name="inputs">How inputs of linear layers are held, four for each layer; null if they are not compressed.</param>
internal sealed class Decoder(TrainingSpec spec, ParameterLayout layout, int vocabulary, IReadOnlyList<HeldInput>? inputs)
{
    /// <summary>Inputs of linear layers in a layer: attention, its output, feed-forward, down.</summary>
    public const int InputsPerLayer = 4;

    /// <summary>Whether inputs of linear layers are compressed.</summary>
    public bool HoldsInputs => inputs is not null;

    private readonly Parameterisation _scales = new(spec);
    private readonly Rotary _rotary = new(spec.Context, spec.Heads, spec.Width / spec.Heads, new Parameterisation(spec).QueryScale);
    private readonly CausalAttention _attention = new(spec.Context, spec.Width / spec.Heads);
    private readonly int _width = spec.Width,
        _hidden = spec.Hidden;

    /// <summary>Computes the loss of each token.</summary>
    /// <param name="work">Inputs and targets; receives everything else.</param>
    /// <param name="parameters">All parameters.</param>
    /// <param name="held">All parameters, linear layers as they are held; may be the same array.</param>
    /// <param name="draw">Number that seeds noise.</param>
    /// <returns>Sum of the losses in nats.</returns>
    public double Forward(Workspace work, ReadOnlyMemory<float> parameters, ReadOnlySpan<float> held, long draw)
    {
        ReadOnlySpan<float> p = parameters.Span,
            embedding = p[layout.Embedding.Range];
        for (int token = 0; token < work.Tokens; token++)
        {
            embedding.Slice(work.Inputs[token] * _width, _width).CopyTo(work.Stream[0].AsSpan(token * _width));
        }
        for (int layer = 0; layer < spec.Layers; layer++)
        {
            Forward(layer, work, parameters, held, draw);
        }
        RmsNorm.Forward(work.Stream[^1], p[layout.Norm.Range], work.Normed, work.InverseNorm);
        TensorPrimitives.Multiply(work.Normed, _scales.LogitScale, work.Normed);
        DenseMatMul.Multiply(work.Normed, false, p[layout.Head.Range], true, work.Logits, work.Tokens, vocabulary, _width);
        CrossEntropy.Forward(work.Logits, work.Targets, work.Losses);
        return TensorPrimitives.Sum<double>(work.Losses);
    }

    private void Forward(int layer, Workspace work, ReadOnlyMemory<float> parameters, ReadOnlySpan<float> held, long draw)
    {
        ReadOnlySpan<float> p = parameters.Span;
        LayerTensors tensors = layout.Layers[layer];
        LayerWorkspace own = work.Layers[layer];
        float[] stream = work.Stream[layer],
            next = work.Stream[layer + 1];
        Span<float> wide = work.DWide.AsSpan(0, work.Tokens * 3 * _width),
            heads = work.DHeads[0]; // free until the way back

        RmsNorm.Forward(stream, p[tensors.AttentionNorm.Range], own.AttentionInput.Exact, own.AttentionInverse);
        Hold(layer, 0, own.AttentionInput, parameters, draw);
        Linear(own.AttentionInput, held, tensors.Query, 3 * _width, wide, accumulate: false);
        _rotary.Split(wide, own.Queries, own.Keys, own.Values);
        _attention.Forward(own.Queries, own.Keys, own.Values, own.AttentionWeights, heads);
        _rotary.JoinHeads(heads, own.OutputInput.Exact);
        Hold(layer, 1, own.OutputInput, parameters, draw);
        stream.CopyTo(own.Middle, 0);
        Linear(own.OutputInput, held, tensors.Output, _width, own.Middle, accumulate: true);

        RmsNorm.Forward(own.Middle, p[tensors.FeedForwardNorm.Range], own.FeedForwardInput.Exact, own.FeedForwardInverse);
        Hold(layer, 2, own.FeedForwardInput, parameters, draw);
        Linear(own.FeedForwardInput, held, tensors.Gate, 2 * _hidden, own.GateUp, accumulate: false);
        SwiGlu.Forward(own.GateUp, _hidden, own.Sigmoid, own.DownInput.Exact);
        Hold(layer, 3, own.DownInput, parameters, draw);
        own.Middle.CopyTo(next, 0);
        Linear(own.DownInput, held, tensors.Down, _width, next, accumulate: true);
    }

    /// <summary>
    /// Computes gradients of what <see cref="Forward(Workspace, ReadOnlyMemory{float}, ReadOnlySpan{float}, long)"/> computed last in this
    /// workspace.
    /// </summary>
    /// <param name="work">The workspace.</param>
    /// <param name="parameters">The same as there.</param>
    /// <param name="held">The same as there.</param>
    /// <param name="scale">Gradient of each token's loss.</param>
    /// <param name="gradient">Receives gradients of all parameters, those of linear layers as they are held; added to.</param>
    /// <param name="draw">The same as there.</param>
    public void Backward(
        Workspace work,
        ReadOnlyMemory<float> parameters,
        ReadOnlySpan<float> held,
        float scale,
        Span<float> gradient,
        long draw
    )
    {
        ReadOnlySpan<float> p = parameters.Span;
        Span<float> dStream = work.DStream,
            dNormed = work.DNarrow.AsSpan(0, work.Tokens * _width);
        CrossEntropy.Backward(work.Logits, work.Targets, scale);
        DenseMatMul.Multiply(
            work.Logits,
            true,
            work.Normed,
            false,
            gradient[layout.Head.Range],
            vocabulary,
            _width,
            work.Tokens,
            accumulate: true
        );
        DenseMatMul.Multiply(work.Logits, false, p[layout.Head.Range], false, dNormed, work.Tokens, _width, vocabulary);
        TensorPrimitives.Multiply(dNormed, _scales.LogitScale, dNormed);
        dStream.Clear();
        RmsNorm.Backward(work.Stream[^1], p[layout.Norm.Range], work.InverseNorm, dNormed, dStream, gradient[layout.Norm.Range]);
        for (int layer = spec.Layers - 1; layer >= 0; layer--)
        {
            Backward(layer, work, parameters, held, gradient, draw);
        }
        Span<float> dEmbedding = gradient[layout.Embedding.Range];
        for (int token = 0; token < work.Tokens; token++)
        {
            Span<float> row = dEmbedding.Slice(work.Inputs[token] * _width, _width);
            TensorPrimitives.Add(row, dStream.Slice(token * _width, _width), row);
        }
    }

    private void Backward(
        int layer,
        Workspace work,
        ReadOnlyMemory<float> parameters,
        ReadOnlySpan<float> held,
        Span<float> gradient,
        long draw
    )
    {
        ReadOnlySpan<float> p = parameters.Span;
        LayerTensors tensors = layout.Layers[layer];
        LayerWorkspace own = work.Layers[layer];
        Span<float> dStream = work.DStream,
            dWide = work.DWide;
        Memory<float> dNarrow = work.DNarrow;

        Memory<float> dDown = dNarrow[..(work.Tokens * _hidden)];
        LinearBackward(own.DownInput, held, tensors.Down, _width, dStream, dDown.Span, gradient);
        HoldBackward(layer, 3, own.DownInput, parameters, dDown, gradient, draw);
        Span<float> dGateUp = dWide[..(work.Tokens * 2 * _hidden)];
        SwiGlu.Backward(own.GateUp, _hidden, own.Sigmoid, dDown.Span, dGateUp);
        Memory<float> dNormed = dNarrow[..(work.Tokens * _width)];
        LinearBackward(own.FeedForwardInput, held, tensors.Gate, 2 * _hidden, dGateUp, dNormed.Span, gradient);
        HoldBackward(layer, 2, own.FeedForwardInput, parameters, dNormed, gradient, draw);
        RmsNorm.Backward(
            own.Middle,
            p[tensors.FeedForwardNorm.Range],
            own.FeedForwardInverse,
            dNormed.Span,
            dStream,
            gradient[tensors.FeedForwardNorm.Range]
        );

        LinearBackward(own.OutputInput, held, tensors.Output, _width, dStream, dNormed.Span, gradient);
        HoldBackward(layer, 1, own.OutputInput, parameters, dNormed, gradient, draw);
        float[] dMixed = work.DHeads[0],
            dQueries = work.DHeads[1],
            dKeys = work.DHeads[2],
            dValues = work.DHeads[3];
        _rotary.SplitHeads(dNormed.Span, dMixed);
        _attention.Backward(own.Queries, own.Keys, own.Values, own.AttentionWeights, dMixed, work.DScores, dQueries, dKeys, dValues);
        Span<float> dQkv = dWide[..(work.Tokens * 3 * _width)];
        _rotary.Join(dQueries, dKeys, dValues, dQkv);
        LinearBackward(own.AttentionInput, held, tensors.Query, 3 * _width, dQkv, dNormed.Span, gradient);
        HoldBackward(layer, 0, own.AttentionInput, parameters, dNormed, gradient, draw);
        RmsNorm.Backward(
            work.Stream[layer],
            p[tensors.AttentionNorm.Range],
            own.AttentionInverse,
            dNormed.Span,
            dStream,
            gradient[tensors.AttentionNorm.Range]
        );
    }

    /// <summary>Y = X·Wᵀ with matrices that begin at a tensor and have so many rows together.</summary>
    private static void Linear(
        LinearInput input,
        ReadOnlySpan<float> held,
        ParameterTensor first,
        int rows,
        Span<float> result,
        bool accumulate
    ) =>
        DenseMatMul.Multiply(
            input.Held,
            false,
            held.Slice(first.Offset, rows * first.Columns),
            true,
            result,
            input.Tokens,
            rows,
            first.Columns,
            accumulate
        );

    private static void LinearBackward(
        LinearInput input,
        ReadOnlySpan<float> held,
        ParameterTensor first,
        int rows,
        ReadOnlySpan<float> dResult,
        Span<float> dInput,
        Span<float> gradient
    )
    {
        int length = rows * first.Columns;
        DenseMatMul.Multiply(
            dResult,
            true,
            input.Held,
            false,
            gradient.Slice(first.Offset, length),
            rows,
            first.Columns,
            input.Tokens,
            accumulate: true
        );
        DenseMatMul.Multiply(dResult, false, held.Slice(first.Offset, length), false, dInput, input.Tokens, first.Columns, rows);
    }

    private void Hold(int layer, int input, LinearInput values, ReadOnlyMemory<float> parameters, long draw) =>
        inputs?[layer * InputsPerLayer + input].Forward(values, parameters, draw);

    private void HoldBackward(
        int layer,
        int input,
        LinearInput values,
        ReadOnlyMemory<float> parameters,
        Memory<float> gradient,
        Span<float> parameterGradient,
        long draw
    ) => inputs?[layer * InputsPerLayer + input].Backward(values, parameters, gradient, parameterGradient, draw);
}
