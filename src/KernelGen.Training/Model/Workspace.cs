namespace KernelGen.Training;

/// <summary>What one micro-batch keeps between the forward and the backward pass, and room for gradients. Tokens are rows.</summary>
internal sealed class Workspace
{
    public Workspace(TrainingSpec spec, int vocabulary, int sequences, bool compressed)
    {
        int tokens = sequences * spec.Context,
            width = spec.Width,
            hidden = spec.Hidden;
        Tokens = tokens;
        Sequence = new int[spec.Context + 1];
        Inputs = new int[tokens];
        Targets = new int[tokens];
        Losses = new double[tokens];
        Stream = [.. Enumerable.Range(0, spec.Layers + 1).Select(_ => new float[tokens * width])];
        Layers = [.. Enumerable.Range(0, spec.Layers).Select(_ => new LayerWorkspace(spec, sequences, compressed))];
        Normed = new float[tokens * width];
        InverseNorm = new float[tokens];
        Logits = new float[tokens * vocabulary];
        DStream = new float[tokens * width];
        DWide = new float[tokens * Math.Max(3 * width, 2 * hidden)];
        DNarrow = new float[tokens * Math.Max(width, hidden)];
        DHeads = [.. Enumerable.Range(0, 4).Select(_ => new float[tokens * width])];
        DScores = new float[spec.Context * spec.Context];
    }

    public int Tokens { get; }

    /// <summary>Room for one sequence, the token after the last included.</summary>
    public int[] Sequence { get; }

    public int[] Inputs { get; }

    public int[] Targets { get; }

    /// <summary>Loss of each token.</summary>
    public double[] Losses { get; }

    /// <summary>The residual stream before each layer, and after the last.</summary>
    public float[][] Stream { get; }

    public LayerWorkspace[] Layers { get; }

    public float[] Normed { get; }

    public float[] InverseNorm { get; }

    public float[] Logits { get; }

    public float[] DStream { get; }

    public float[] DWide { get; }

    public float[] DNarrow { get; }

    public float[][] DHeads { get; }

    public float[] DScores { get; }

    /// <summary>Puts <see cref="Sequence"/> in its place among inputs and targets.</summary>
    public void SetSequence(int index)
    {
        int context = Sequence.Length - 1;
        Sequence.AsSpan(0, context).CopyTo(Inputs.AsSpan(index * context));
        Sequence.AsSpan(1).CopyTo(Targets.AsSpan(index * context));
    }
}

/// <summary>What a layer keeps.</summary>
internal sealed class LayerWorkspace
{
    public LayerWorkspace(TrainingSpec spec, int sequences, bool compressed)
    {
        int tokens = sequences * spec.Context,
            width = spec.Width,
            hidden = spec.Hidden;
        AttentionInput = new(tokens, width, compressed);
        AttentionInverse = new float[tokens];
        Queries = new float[tokens * width];
        Keys = new float[tokens * width];
        Values = new float[tokens * width];
        AttentionWeights = new float[sequences * spec.Heads * spec.Context * spec.Context];
        OutputInput = new(tokens, width, compressed);
        Middle = new float[tokens * width];
        FeedForwardInput = new(tokens, width, compressed);
        FeedForwardInverse = new float[tokens];
        GateUp = new float[tokens * 2 * hidden];
        Sigmoid = new float[tokens * hidden];
        DownInput = new(tokens, hidden, compressed);
    }

    public LinearInput AttentionInput { get; }

    public float[] AttentionInverse { get; }

    public float[] Queries { get; }

    public float[] Keys { get; }

    public float[] Values { get; }

    public float[] AttentionWeights { get; }

    public LinearInput OutputInput { get; }

    /// <summary>The residual stream between attention and feed-forward.</summary>
    public float[] Middle { get; }

    public LinearInput FeedForwardInput { get; }

    public float[] FeedForwardInverse { get; }

    public float[] GateUp { get; }

    public float[] Sigmoid { get; }

    public LinearInput DownInput { get; }
}

/// <summary>The input of a linear layer as it is, and as it is held.</summary>
internal sealed class LinearInput
{
    public LinearInput(int tokens, int width, bool compressed)
    {
        Tokens = tokens;
        Width = width;
        Exact = new float[tokens * width];
        Held = compressed ? new float[tokens * width] : Exact;
    }

    public int Tokens { get; }

    public int Width { get; }

    public float[] Exact { get; }

    /// <summary>The very same array as <see cref="Exact"/> where activations are not compressed.</summary>
    public float[] Held { get; }
}
