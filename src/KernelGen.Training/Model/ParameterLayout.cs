namespace KernelGen.Training;

/// <summary>A tensor's place among all parameters.</summary>
/// <param name="Name">Hugging Face's name.</param>
/// <param name="Offset">First value.</param>
/// <param name="Rows">Rows; 1 for a vector.</param>
/// <param name="Columns">Columns, the contracted axis.</param>
/// <param name="Kind">What it does.</param>
internal sealed record ParameterTensor(string Name, int Offset, int Rows, int Columns, ParameterKind Kind)
{
    public int Length => Rows * Columns;

    public Range Range => Offset..(Offset + Length);
}

/// <summary>What a tensor does.</summary>
internal enum ParameterKind
{
    /// <summary>A matrix of a linear layer: compressed, decayed.</summary>
    Linear,

    /// <summary>Embedding or head: decayed.</summary>
    Embedding,

    /// <summary>Weight of a norm.</summary>
    Norm,

    /// <summary>Scales that a method learns.</summary>
    Learned,
}

/// <summary>
/// All parameters of a model in one array. Matrices that read the same input follow each other (q, k, v; gate, up), so that
/// one product computes them all.
/// </summary>
internal sealed class ParameterLayout
{
    private readonly List<ParameterTensor> _tensors = [];

    public ParameterLayout(TrainingSpec spec, int vocabulary)
    {
        int width = spec.Width,
            hidden = spec.Hidden;
        Embedding = Add("model.embed_tokens.weight", vocabulary, width, ParameterKind.Embedding);
        Layers =
        [
            .. Enumerable
                .Range(0, spec.Layers)
                .Select(layer => new LayerTensors(
                    Vector(layer, "input_layernorm"),
                    Matrix(layer, "self_attn.q_proj", width, width),
                    Matrix(layer, "self_attn.k_proj", width, width),
                    Matrix(layer, "self_attn.v_proj", width, width),
                    Matrix(layer, "self_attn.o_proj", width, width),
                    Vector(layer, "post_attention_layernorm"),
                    Matrix(layer, "mlp.gate_proj", hidden, width),
                    Matrix(layer, "mlp.up_proj", hidden, width),
                    Matrix(layer, "mlp.down_proj", width, hidden)
                )),
        ];
        Norm = Add("model.norm.weight", 1, width, ParameterKind.Norm);
        Head = spec.TiedEmbeddings ? Embedding : Add("lm_head.weight", vocabulary, width, ParameterKind.Embedding);

        ParameterTensor Vector(int layer, string name) => Add($"model.layers.{layer}.{name}.weight", 1, width, ParameterKind.Norm);
        ParameterTensor Matrix(int layer, string name, int rows, int columns) =>
            Add($"model.layers.{layer}.{name}.weight", rows, columns, ParameterKind.Linear);
    }

    /// <summary>All tensors in their order.</summary>
    public IReadOnlyList<ParameterTensor> Tensors => _tensors;

    /// <summary>Number of values.</summary>
    public int Length { get; private set; }

    public ParameterTensor Embedding { get; }

    public IReadOnlyList<LayerTensors> Layers { get; }

    public ParameterTensor Norm { get; }

    public ParameterTensor Head { get; }

    /// <summary>Puts a tensor behind the others.</summary>
    public ParameterTensor Add(string name, int rows, int columns, ParameterKind kind)
    {
        var tensor = new ParameterTensor(name, Length, rows, columns, kind);
        _tensors.Add(tensor);
        Length = checked(Length + tensor.Length);
        return tensor;
    }
}

/// <summary>The tensors of a layer.</summary>
internal sealed record LayerTensors(
    ParameterTensor AttentionNorm,
    ParameterTensor Query,
    ParameterTensor Key,
    ParameterTensor Value,
    ParameterTensor Output,
    ParameterTensor FeedForwardNorm,
    ParameterTensor Gate,
    ParameterTensor Up,
    ParameterTensor Down
);
