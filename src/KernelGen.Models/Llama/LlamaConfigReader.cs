using System.Text.Json;

namespace KernelGen.Models;

/// <summary>Reads <c>config.json</c>, and refuses what would be computed wrongly.</summary>
internal sealed class LlamaConfigReader(JsonElement root, string file)
{
    /// <summary>Largest size that is believed.</summary>
    private const int Largest = 1 << 24;

    public LlamaConfig Read()
    {
        Only("model_type", "llama");
        Only("hidden_act", "silu");
        Never("attention_bias");
        Never("mlp_bias");
        if (root.TryGetProperty("rope_scaling", out JsonElement scaling) && scaling.ValueKind != JsonValueKind.Null)
        {
            throw Wrong("rope_scaling is set; only plain rotary embeddings are computed here.");
        }
        int hidden = Size("hidden_size"),
            heads = Size("num_attention_heads"),
            keyValueHeads = Size("num_key_value_heads", heads),
            headSize = Size("head_dim", hidden / heads);
        if (heads % keyValueHeads != 0)
        {
            throw Wrong($"num_key_value_heads is {keyValueHeads}, which does not divide num_attention_heads {heads}.");
        }
        if (headSize % 2 != 0)
        {
            throw Wrong($"head_dim is {headSize}; rotary embeddings need an even one.");
        }
        return new()
        {
            HiddenSize = hidden,
            IntermediateSize = Size("intermediate_size"),
            Layers = Size("num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = keyValueHeads,
            HeadSize = headSize,
            VocabularySize = Size("vocab_size"),
            NormEpsilon = Number("rms_norm_eps", 1e-6),
            RopeTheta = Number("rope_theta", 10_000),
            TiedEmbeddings = root.TryGetProperty("tie_word_embeddings", out JsonElement tied) && tied.GetBoolean(),
            MaxPositions = root.TryGetProperty("max_position_embeddings", out _) ? Size("max_position_embeddings") : null,
        };
    }

    private int Size(string name, int? missing = null)
    {
        if (!root.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return missing ?? throw Wrong($"{name} is missing.");
        }
        return value.TryGetInt32(out int size) && size is > 0 and <= Largest
            ? size
            : throw Wrong($"{name} is {value}; it is a whole number from 1 to {Largest}.");
    }

    private double Number(string name, double missing)
    {
        if (!root.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return missing;
        }
        return value.GetDouble() is > 0 and var number && double.IsFinite(number)
            ? number
            : throw Wrong($"{name} is {value}; it is a number above 0.");
    }

    private void Only(string name, string wanted)
    {
        if (root.TryGetProperty(name, out JsonElement value) && value.GetString() is { } text && text != wanted)
        {
            throw Wrong($"{name} is '{ModelFormatException.Shorten(text)}'; only '{wanted}' is computed here.");
        }
    }

    private void Never(string name)
    {
        if (root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.True)
        {
            throw Wrong($"{name} is set; a Llama has none.");
        }
    }

    private ModelFormatException Wrong(string problem) => new(file, $"{LlamaConfig.MetadataKey}: {problem}");
}
