namespace KernelGen.Models;

/// <summary>
/// A Llama (RMS norms, rotary embeddings, grouped-query attention, SwiGLU, tied or free head) whose matrices may each have
/// another format. Names of tensors are Hugging Face's or llama.cpp's. It reads whole texts at once, to score them; it does not generate.
/// </summary>
public sealed class LlamaModel
{
    /// <summary>Positions whose logits are computed at a time: all of a long text would be gigabytes.</summary>
    private const int HeadBatch = 64;

    private readonly Dictionary<string, WeightMatrix> _matrices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, float[]> _norms = new(StringComparer.Ordinal);
    private readonly LlamaNames _names;
    private readonly List<LlamaLayerNames> _layers = [];
    private float[] _rotaryFactors = [];
    private readonly Parallelism _parallelism;

    private LlamaModel(LlamaConfig config, LlamaNames names, Parallelism parallelism)
    {
        Config = config;
        _names = names;
        _parallelism = parallelism;
    }

    /// <summary>The hyper-parameters.</summary>
    public LlamaConfig Config { get; }

    /// <summary>The matrices by name; the head is the embedding's where they are tied.</summary>
    public IReadOnlyDictionary<string, WeightMatrix> Matrices => _matrices;

    /// <summary>Loads all weights.</summary>
    /// <param name="model">The model.</param>
    /// <param name="catalog">Where formats are found.</param>
    /// <param name="parallelism">How many threads, also for the forward pass; who may cancel.</param>
    /// <exception cref="ModelFormatException">Hyper-parameters or tensors are missing or do not fit together.</exception>
    public static LlamaModel Load(ModelFile model, FormatCatalog catalog, Parallelism? parallelism = null)
    {
        LlamaConfig config = LlamaConfig.Of(model);
        LlamaNames names = LlamaNames.Of(model);
        var llama = new LlamaModel(config, names, parallelism ?? Parallelism.Default);
        string hyperparameters = names == LlamaNames.Ggml ? "its metadata" : LlamaConfig.MetadataKey;
        int queries = config.Heads * config.HeadSize,
            keys = config.KeyValueHeads * config.HeadSize,
            hidden = config.HiddenSize;
        Matrix(names.Embedding, config.VocabularySize, hidden);
        if (!config.TiedEmbeddings)
        {
            Matrix(names.Head, config.VocabularySize, hidden);
        }
        Norm(names.Norm);
        for (int i = 0; i < config.Layers; i++)
        {
            LlamaLayerNames layer = names.Of(i);
            llama._layers.Add(layer);
            Norm(layer.AttentionNorm);
            Matrix(layer.Query, queries, hidden);
            Matrix(layer.Key, keys, hidden);
            Matrix(layer.Value, keys, hidden);
            Matrix(layer.Output, hidden, queries);
            Norm(layer.FeedForwardNorm);
            Matrix(layer.Gate, config.IntermediateSize, hidden);
            Matrix(layer.Up, config.IntermediateSize, hidden);
            Matrix(layer.Down, hidden, config.IntermediateSize);
        }
        llama._rotaryFactors = LlamaLeftovers.RotaryFactors(model, config);
        LlamaLeftovers.Refuse(model, config, name => llama._matrices.ContainsKey(name) || llama._norms.ContainsKey(name));
        return llama;

        void Matrix(string name, int rows, int columns)
        {
            ModelTensor tensor = Find(name);
            if (tensor.Rows != rows || tensor.Columns != columns)
            {
                throw new ModelFormatException(
                    model.Path,
                    $"its shape is {tensor.ShapeText}; by {hyperparameters} it is [{rows}, {columns}].",
                    name
                );
            }
            llama._matrices[name] = WeightMatrix.Load(tensor, catalog, llama._parallelism);
        }

        void Norm(string name)
        {
            ModelTensor tensor = Find(name);
            if (tensor.Count != hidden)
            {
                throw new ModelFormatException(model.Path, $"it has {tensor.Count} values; by {hyperparameters} it has {hidden}.", name);
            }
            llama._norms[name] = new TensorRows(tensor).ReadAll();
        }

        ModelTensor Find(string name) =>
            model.Find(name)
            ?? throw new ModelFormatException(
                model.Path,
                $"it is missing. {NearestName.Sentence(name, model.Tensors.Select(t => t.Name))}",
                name
            );
    }

    /// <summary>Replaces a matrix, to see what that does.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="matrix">The new one, of the same shape.</param>
    /// <returns>The one it had.</returns>
    public WeightMatrix Replace(string name, WeightMatrix matrix)
    {
        WeightMatrix before = _matrices[name];
        if ((matrix.Rows, matrix.Columns) != (before.Rows, before.Columns))
        {
            throw new ArgumentException(
                $"{name} is {before.Rows} × {before.Columns}, not {matrix.Rows} × {matrix.Columns}.",
                nameof(matrix)
            );
        }
        _matrices[name] = matrix;
        return before;
    }

    /// <summary>Reads a text and hands over the logits of the next token, a few positions at a time and in order.</summary>
    /// <param name="tokens">The tokens, each below the size of the vocabulary.</param>
    /// <param name="use">Called with the first position, the number of positions and <c>positions × vocabulary</c> logits, which are
    /// overwritten afterwards.</param>
    public void Read(ReadOnlySpan<int> tokens, Action<int, int, ReadOnlyMemory<float>> use)
    {
        float[] x = Embed(tokens);
        var attention = new LlamaAttention(Config, tokens.Length, _rotaryFactors, _parallelism);
        for (int layer = 0; layer < Config.Layers; layer++)
        {
            _parallelism.Cancellation.ThrowIfCancellationRequested();
            Attend(x, tokens.Length, _layers[layer], attention);
            FeedForward(x, tokens.Length, _layers[layer]);
        }
        LlamaMath.RmsNorm(x, _norms[_names.Norm], Config.NormEpsilon, x);
        WeightMatrix head = _matrices[Config.TiedEmbeddings ? _names.Embedding : _names.Head];
        var logits = new float[Math.Min(HeadBatch, tokens.Length) * Config.VocabularySize];
        for (int first = 0; first < tokens.Length; first += HeadBatch)
        {
            int count = Math.Min(HeadBatch, tokens.Length - first);
            head.Multiply(x.AsMemory(first * Config.HiddenSize, count * Config.HiddenSize), count, logits, _parallelism);
            use(first, count, logits.AsMemory(0, count * Config.VocabularySize));
        }
    }

    private float[] Embed(ReadOnlySpan<int> tokens)
    {
        var x = new float[tokens.Length * Config.HiddenSize];
        for (int i = 0; i < tokens.Length; i++)
        {
            if ((uint)tokens[i] >= (uint)Config.VocabularySize)
            {
                throw new ArgumentException(
                    $"Token {tokens[i]} at position {i} is not below {Config.VocabularySize}, the size of the vocabulary.",
                    nameof(tokens)
                );
            }
            _matrices[_names.Embedding].Row(tokens[i], x.AsSpan(i * Config.HiddenSize, Config.HiddenSize));
        }
        return x;
    }

    private void Attend(float[] x, int length, LlamaLayerNames names, LlamaAttention attention)
    {
        var normed = new float[x.Length];
        LlamaMath.RmsNorm(x, _norms[names.AttentionNorm], Config.NormEpsilon, normed);
        float[] mixed = attention.Mix(
            Project(names.Query, normed, length),
            Project(names.Key, normed, length),
            Project(names.Value, normed, length)
        );
        LlamaMath.Add(x, Project(names.Output, mixed, length));
    }

    private void FeedForward(float[] x, int length, LlamaLayerNames names)
    {
        var normed = new float[x.Length];
        LlamaMath.RmsNorm(x, _norms[names.FeedForwardNorm], Config.NormEpsilon, normed);
        float[] gate = Project(names.Gate, normed, length);
        LlamaMath.SwiGlu(gate, Project(names.Up, normed, length));
        LlamaMath.Add(x, Project(names.Down, gate, length));
    }

    private float[] Project(string name, float[] x, int length)
    {
        WeightMatrix matrix = _matrices[name];
        var y = new float[length * matrix.Rows];
        matrix.Multiply(x, length, y, _parallelism);
        return y;
    }
}
