namespace KernelGen.Models;

/// <summary>Reads the hyper-parameters of a Llama from llama.cpp's metadata, and refuses what would be computed wrongly.</summary>
internal sealed class GgufLlamaConfig(ModelFile model)
{
    private const string Architecture = "general.architecture",
        Llama = "llama";

    /// <summary>In front of the entries in a safetensors file that was a GGUF file.</summary>
    private const string Carried = "gguf.";

    /// <summary>Largest size that is believed.</summary>
    private const int Largest = 1 << 24;

    public LlamaConfig Read()
    {
        string? architecture = Text(Architecture);
        if (architecture != Llama)
        {
            throw Wrong(
                $"{Architecture} is {(architecture is null ? "missing" : $"'{ModelFormatException.Shorten(architecture)}'")}; only '{Llama}' is computed here."
            );
        }
        RefuseOtherRotations();
        int hidden = Size("embedding_length"),
            heads = Size("attention.head_count"),
            keyValueHeads = Size("attention.head_count_kv", heads);
        int headSize = Size("attention.key_length", hidden / heads);
        Same("attention.value_length", headSize, "attention.key_length");
        Same("rope.dimension_count", headSize, "attention.key_length");
        if (heads % keyValueHeads != 0)
        {
            throw Wrong($"llama.attention.head_count_kv is {keyValueHeads}, which does not divide llama.attention.head_count {heads}.");
        }
        if (headSize % 2 != 0)
        {
            throw Wrong($"a head has {headSize} values; rotary embeddings need an even number.");
        }
        return new()
        {
            HiddenSize = hidden,
            IntermediateSize = Size("feed_forward_length"),
            Layers = Size("block_count"),
            Heads = heads,
            KeyValueHeads = keyValueHeads,
            HeadSize = headSize,
            VocabularySize = Size("vocab_size", (int)Math.Min(model[LlamaNames.Ggml.Embedding].Rows, Largest)),
            NormEpsilon = Number("attention.layer_norm_rms_epsilon", null),
            RopeTheta = Number("rope.freq_base", 10_000),
            NeighbouringPairs = true,
            TiedEmbeddings = model.Find(LlamaNames.Ggml.Head) is null,
            MaxPositions = Find("context_length") is null ? null : Size("context_length"),
        };
    }

    private void RefuseOtherRotations()
    {
        if (Text("llama.rope.scaling.type") is { } scaling && scaling != "none")
        {
            throw Wrong(
                $"llama.rope.scaling.type is '{ModelFormatException.Shorten(scaling)}'; only plain rotary embeddings are computed here."
            );
        }
        if (Find("rope.scale_linear") is not null && Number("rope.scale_linear", 1) != 1)
        {
            throw Wrong($"llama.rope.scale_linear is {Find("rope.scale_linear")}; only plain rotary embeddings are computed here.");
        }
        if (Find("expert_count") is { } experts && experts.ToString() != "0")
        {
            throw Wrong($"llama.expert_count is {experts}; mixtures of experts are not computed here.");
        }
    }

    private void Same(string name, int wanted, string other)
    {
        int size = Size(name, wanted);
        if (size != wanted)
        {
            throw Wrong($"llama.{name} is {size}; it is computed here only as large as llama.{other}, {wanted}.");
        }
    }

    private int Size(string name, int? missing = null)
    {
        if (Find(name) is not { } value)
        {
            return missing ?? throw Wrong($"llama.{name} is missing.");
        }
        double size = Numeric(name, value);
        return size is >= 1 and <= Largest && size == Math.Floor(size)
            ? (int)size
            : throw Wrong($"llama.{name} is {value}; it is a whole number from 1 to {Largest}.");
    }

    private double Number(string name, double? missing)
    {
        if (Find(name) is not { } value)
        {
            return missing ?? throw Wrong($"llama.{name} is missing.");
        }
        double number = Numeric(name, value);
        return number > 0 && double.IsFinite(number) ? number : throw Wrong($"llama.{name} is {value}; it is a number above 0.");
    }

    private double Numeric(string name, GgufValue value) =>
        value.Type is GgufValueType.String or GgufValueType.Array or GgufValueType.Bool
            ? throw Wrong($"llama.{name} is {value.Type}; it must be a number.")
            : value.AsNumber();

    private string? Text(string key)
    {
        GgufValue? value = FindKey(key);
        return value is null ? null
            : value.Type == GgufValueType.String ? value.AsString()
            : throw Wrong($"{key} is {value.Type}; it must be {GgufValueType.String}.");
    }

    private GgufValue? Find(string name) => FindKey($"{Llama}.{name}");

    private GgufValue? FindKey(string key) => model.FindMetadata(key) ?? model.FindMetadata(Carried + key);

    private ModelFormatException Wrong(string problem) => new(model.Path, problem);
}
