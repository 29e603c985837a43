namespace KernelGen.Models;

/// <summary>
/// Reads the hyper-parameters of a Llama, or of a relative, from llama.cpp's metadata, and refuses what would be computed wrongly.
/// </summary>
internal sealed class GgufLlamaConfig(ModelFile model, DecoderArchitecture decoder)
{
    private const string Architecture = "general.architecture";

    /// <summary>In front of the entries in a safetensors file that was a GGUF file.</summary>
    private const string Carried = "gguf.";

    /// <summary>Largest size that is believed.</summary>
    private const int Largest = 1 << 24;

    /// <summary>Keys that are read, or that change no logit.</summary>
    private static readonly HashSet<string> Understood =
    [
        .. """
            attention.head_count attention.head_count_kv attention.key_length attention.layer_norm_rms_epsilon attention.value_length
            block_count context_length embedding_length feed_forward_length rope.dimension_count rope.freq_base rope.scale_linear
            rope.scaling.factor rope.scaling.finetuned rope.scaling.original_context_length rope.scaling.type tensor_data_layout vocab_size
            """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
    ];

    /// <summary>Keys with the one value under which they change nothing.</summary>
    private static readonly Dictionary<string, string> Neutral = new()
    {
        ["expert_count"] = "0",
        ["expert_used_count"] = "0",
        ["attention.causal"] = "true",
        ["attention.sliding_window"] = "0",
        ["attention.clamp_kqv"] = "0",
        ["attention.max_alibi_bias"] = "0",
        ["use_parallel_residual"] = "false",
        ["logit_scale"] = "1",
        ["embedding_scale"] = "1",
        ["residual_scale"] = "1",
    };

    public LlamaConfig Read()
    {
        string? architecture = Text(Architecture);
        if (architecture != decoder.Name)
        {
            throw Wrong(
                $"{Architecture} is {(architecture is null ? "missing" : $"'{ModelFormatException.Shorten(architecture)}'")}; "
                    + $"only '{decoder.Name}' is computed here."
            );
        }
        RefuseUnknown();
        int hidden = Size("embedding_length"),
            heads = Size("attention.head_count"),
            keyValueHeads = Size("attention.head_count_kv", heads);
        int headSize = Size("attention.key_length", hidden / heads);
        Same("attention.value_length", headSize, "attention.key_length");
        Same("rope.dimension_count", headSize, "attention.key_length");
        if (heads % keyValueHeads != 0)
        {
            throw Wrong(
                $"{decoder.Name}.attention.head_count_kv is {keyValueHeads}, "
                    + $"which does not divide {decoder.Name}.attention.head_count {heads}."
            );
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
            RopeTheta = Number("rope.freq_base", decoder.DefaultTheta),
            RopeScaling = Scaling(),
            NeighbouringPairs = decoder.TurnsNeighbours,
            TiedEmbeddings = model.Find(LlamaNames.Ggml.Head) is null,
            MaxPositions = Find("context_length") is null ? null : Size("context_length"),
            Own = OwnNumbers(),
        };
    }

    private IReadOnlyDictionary<string, double> OwnNumbers()
    {
        var numbers = new Dictionary<string, double>();
        foreach (ConfigNumber own in decoder.Numbers)
        {
            if (own.Null is null || Find(own.Ggml) is { } value && Numeric(own.Ggml, value) != own.Null)
            {
                numbers[own.Key] = own.IsInteger ? Size(own.Ggml) : Number(own.Ggml, null);
            }
        }
        return numbers.Count > 0 ? numbers : LlamaConfig.Smallest.Own;
    }

    /// <summary>Every key of the architecture is read above, listed as without effect, or refused by name.</summary>
    private void RefuseUnknown()
    {
        foreach ((string key, GgufValue value) in model.Metadata)
        {
            string name = key.StartsWith(Carried, StringComparison.Ordinal) ? key[Carried.Length..] : key;
            if (!name.StartsWith(decoder.Name + ".", StringComparison.Ordinal))
            {
                continue;
            }
            name = name[(decoder.Name.Length + 1)..];
            bool neutral = Neutral.TryGetValue(name, out string? only) && value.ToString() == only;
            if (!Understood.Contains(name) && !neutral && decoder.Numbers.All(own => own.Ggml != name))
            {
                string text = ModelFormatException.Shorten(value.ToString());
                throw Wrong(
                    only is null
                        ? $"{decoder.Name}.{ModelFormatException.Shorten(name)} is {text}, and what it means is not known "
                            + $"here; only plain Llamas are computed."
                        : $"{decoder.Name}.{name} is '{text}'; only {only} is computed here."
                );
            }
        }
    }

    private RotaryScaling? Scaling()
    {
        switch (Text($"{decoder.Name}.rope.scaling.type"))
        {
            case null or "none":
                double old = Number("rope.scale_linear", 1);
                return old == 1 ? null : new(old);
            case "linear":
                return new(Number("rope.scaling.factor", null));
            case var other:
                throw Wrong(
                    $"{decoder.Name}.rope.scaling.type is '{ModelFormatException.Shorten(other)}'; plain and linear rotary "
                        + $"embeddings are computed here."
                );
        }
    }

    private void Same(string name, int wanted, string other)
    {
        int size = Size(name, wanted);
        if (size != wanted)
        {
            throw Wrong($"{decoder.Name}.{name} is {size}; it is computed here only as large as {decoder.Name}.{other}, {wanted}.");
        }
    }

    private int Size(string name, int? missing = null)
    {
        if (Find(name) is not { } value)
        {
            return missing ?? throw Wrong($"{decoder.Name}.{name} is missing.");
        }
        double size = Numeric(name, value);
        return size is >= 1 and <= Largest && size == Math.Floor(size)
            ? (int)size
            : throw Wrong($"{decoder.Name}.{name} is {value}; it is a whole number from 1 to {Largest}.");
    }

    private double Number(string name, double? missing)
    {
        if (Find(name) is not { } value)
        {
            return missing ?? throw Wrong($"{decoder.Name}.{name} is missing.");
        }
        double number = Numeric(name, value);
        return number > 0 && double.IsFinite(number) ? number : throw Wrong($"{decoder.Name}.{name} is {value}; it is a number above 0.");
    }

    private double Numeric(string name, GgufValue value) =>
        value.Type is GgufValueType.String or GgufValueType.Array or GgufValueType.Bool
            ? throw Wrong($"{decoder.Name}.{name} is {value.Type}; it must be a number.")
            : value.AsNumber();

    private string? Text(string key)
    {
        GgufValue? value = FindKey(key);
        return value is null ? null
            : value.Type == GgufValueType.String ? value.AsString()
            : throw Wrong($"{key} is {value.Type}; it must be {GgufValueType.String}.");
    }

    private GgufValue? Find(string name) => FindKey($"{decoder.Name}.{name}");

    private GgufValue? FindKey(string key) => model.FindMetadata(key) ?? model.FindMetadata(Carried + key);

    private ModelFormatException Wrong(string problem) => new(model.Path, problem);
}
