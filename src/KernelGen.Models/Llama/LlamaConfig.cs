using System.Text.Json;

namespace KernelGen.Models;

/// <summary>The hyper-parameters of a Llama, from Hugging Face's <c>config.json</c> or from llama.cpp's metadata.</summary>
public sealed record LlamaConfig
{
    /// <summary>Metadata entry in which quantised models carry the text of their <c>config.json</c>; also the name of the file.</summary>
    public const string MetadataKey = "config.json";

    /// <summary>What the entry is called in a GGUF file.</summary>
    internal const string GgufMetadataKey = "safetensors." + MetadataKey;

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width inside the feed-forward layers.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Heads of queries.</summary>
    public required int Heads { get; init; }

    /// <summary>Heads of keys and values; divides <see cref="Heads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Width of a head; even.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Number of tokens.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>ε of the RMS norms.</summary>
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>Base of the rotary frequencies.</summary>
    public double RopeTheta { get; init; } = 10_000;

    /// <summary>How frequencies are stretched; null for as they are.</summary>
    public RotaryScaling? RopeScaling { get; init; }

    /// <summary>
    /// Whether the rotary embeddings turn neighbouring coordinates of a head together, 2i with 2i + 1, as llama.cpp does, which
    /// permutes the rows of queries and keys for it; if not, i with i + half the head, as Hugging Face does.
    /// </summary>
    public bool NeighbouringPairs { get; init; }

    /// <summary>Whether the embedding is also the head.</summary>
    public bool TiedEmbeddings { get; init; }

    /// <summary>Longest text that the model has seen; null if it is not said.</summary>
    public int? MaxPositions { get; init; }

    /// <summary>
    /// FLOP of one token of a forward pass: two for each weight that multiplies, and attention over the tokens before it.
    /// </summary>
    /// <param name="context">Tokens of a window, of which a token sees half on average.</param>
    public double FlopPerToken(int context)
    {
        double queries = (double)Heads * HeadSize,
            keys = (double)KeyValueHeads * HeadSize,
            layer = 2 * HiddenSize * (queries + keys) + 3.0 * HiddenSize * IntermediateSize,
            seen = 0.5 * (context + 1.0);
        return 2 * (Layers * (layer + 2 * queries * seen) + (double)VocabularySize * HiddenSize);
    }

    /// <summary>Numbers that only some architectures have, by their keys in config.json; see <see cref="ConfigNumber"/>.</summary>
    internal IReadOnlyDictionary<string, double> Own { get; init; } =
        System.Collections.ObjectModel.ReadOnlyDictionary<string, double>.Empty;

    /// <summary>A model of the least sizes, where only the names of keys are asked for.</summary>
    internal static LlamaConfig Smallest { get; } =
        new()
        {
            HiddenSize = 2,
            IntermediateSize = 1,
            Layers = 1,
            Heads = 1,
            KeyValueHeads = 1,
            HeadSize = 2,
            VocabularySize = 1,
        };

    /// <summary>The text of a model's <c>config.json</c>: from its metadata, or from the file next to it; null if there is none.</summary>
    /// <param name="model">The model.</param>
    public static string? TextOf(ModelFile model)
    {
        string? text = TextOf(model.Path, model.FindMetadata);
        // What is decoded is not quantised any more.
        return text is not null && model.Tensors.Any(tensor => tensor.Storage.Dialect is not null) ? Checkpoint.Unquantised(text) : text;
    }

    /// <summary>The text as it is, before a model is opened.</summary>
    internal static string? TextOf(string path, Func<string, GgufValue?> metadata)
    {
        if ((metadata(MetadataKey) ?? metadata(GgufMetadataKey)) is { Type: GgufValueType.String } value)
        {
            return value.AsString();
        }
        string folder = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        string file = Path.Combine(folder, MetadataKey);
        return File.Exists(file) ? File.ReadAllText(file) : null;
    }

    /// <summary>
    /// Reads the hyper-parameters of a model: from its metadata if its tensors have llama.cpp's names, else from its
    /// <c>config.json</c>.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <exception cref="ModelFormatException">There are none, or they describe something else than the Llama computed here.</exception>
    public static LlamaConfig Of(ModelFile model) =>
        LlamaNames.Of(model) == LlamaNames.Ggml ? new GgufLlamaConfig(model, new LlamaArchitecture()).Read()
        : TextOf(model) is { } text ? Parse(text, model.Path)
        : throw new ModelFormatException(
            model.Path,
            $"it has no hyper-parameters: neither metadata '{MetadataKey}' nor a file {MetadataKey} next to it."
        );

    /// <summary>Reads hyper-parameters.</summary>
    /// <param name="json">The text of <c>config.json</c>.</param>
    /// <param name="file">Name of the model, for messages.</param>
    /// <exception cref="ModelFormatException">They are malformed or describe something else.</exception>
    public static LlamaConfig Parse(string json, string file) => Parse(json, file, null, "llama", "mistral");

    /// <summary>Reads hyper-parameters of a relative of the Llama.</summary>
    internal static LlamaConfig Parse(string json, string file, DecoderArchitecture architecture) =>
        Parse(json, file, architecture, architecture.ModelType);

    private static LlamaConfig Parse(string json, string file, DecoderArchitecture? architecture, params string[] types)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32 });
            return new LlamaConfigReader(document.RootElement, file, architecture, types).Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new ModelFormatException(file, $"its {MetadataKey} is malformed: {e.Message}", null, e);
        }
    }
}
