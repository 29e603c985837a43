using System.Text.Json;

namespace KernelGen.Models;

/// <summary>
/// Reads <c>config.json</c>. Every key of it is read here, listed as without effect on the arithmetic of a forward pass, or refused
/// by name: what is not understood would be computed wrongly without a word.
/// </summary>
/// <param name="root">The configuration.</param>
/// <param name="file">Name of the model, for messages.</param>
/// <param name="architecture">Whose own keys are read besides; null for a Llama that is computed here.</param>
/// <param name="types">Values of <c>model_type</c> that are read.</param>
internal sealed class LlamaConfigReader(JsonElement root, string file, DecoderArchitecture? architecture, params string[] types)
{
    /// <summary>Largest size that is believed.</summary>
    private const int Largest = 1 << 24;

    /// <summary>Keys without effect on logits: names, tokens, training, generation, and how transformers runs the model.</summary>
    private static readonly HashSet<string> Inert =
    [
        .. """
            _name_or_path _attn_implementation _attn_implementation_autoset architectures attention_dropout auto_map bad_words_ids
            begin_suppress_tokens bos_token_id cache_implementation chunk_size_feed_forward decoder_start_token_id diversity_penalty
            do_sample dtype early_stopping embd_pdrop encoder_no_repeat_ngram_size eos_token_id exponential_decay_length_penalty
            finetuning_task forced_bos_token_id forced_eos_token_id hidden_dropout hidden_dropout_prob id2label initializer_range
            keys_to_ignore_at_inference label2id length_penalty max_length max_window_layers min_length no_repeat_ngram_size
            num_beam_groups num_beams num_labels num_return_sequences output_attentions output_hidden_states output_scores
            pad_token_id prefix pretraining_tp problem_type remove_invalid_values repetition_penalty resid_pdrop return_dict
            return_dict_in_generate sep_token_id suppress_tokens task_specific_params temperature tf_legacy_loss tie_encoder_decoder
            tokenizer_class top_k top_p torch_dtype torchscript transformers_version typical_p unsloth_fixed unsloth_version
            use_bfloat16 use_cache
            """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
    ];

    /// <summary>Keys that are read below.</summary>
    private static readonly HashSet<string> Understood =
    [
        .. """
            head_dim hidden_size intermediate_size max_position_embeddings num_attention_heads num_hidden_layers num_key_value_heads
            model_type rms_norm_eps rope_parameters rope_scaling rope_theta tie_word_embeddings vocab_size
            """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
    ];

    /// <summary>Keys with the one value, as JSON, under which they change nothing here.</summary>
    private static readonly Dictionary<string, string> Neutral = new()
    {
        ["hidden_act"] = "\"silu\"",
        ["hidden_activation"] = "\"silu\"",
        ["attention_bias"] = "false",
        ["mlp_bias"] = "false",
        ["use_bias"] = "false",
        ["qkv_bias"] = "false",
        ["use_qk_norm"] = "false",
        ["partial_rotary_factor"] = "1",
        ["rope_interleaved"] = "false",
        ["use_sliding_window"] = "false",
        ["add_cross_attention"] = "false",
        ["is_decoder"] = "false",
        ["is_encoder_decoder"] = "false",
        ["cross_attention_hidden_size"] = "null",
        ["pruned_heads"] = "{}",
        ["attn_logit_softcapping"] = "null",
        ["final_logit_softcapping"] = "null",
        ["logits_scaling"] = "1",
        ["residual_multiplier"] = "1",
        ["embedding_multiplier"] = "1",
        ["num_local_experts"] = "0",
        ["num_experts"] = "0",
        ["use_bidirectional_attention"] = "false",
    };

    public LlamaConfig Read()
    {
        if (Find(root, "model_type") is { } type && !(type.ValueKind == JsonValueKind.String && types.Contains(type.GetString())))
        {
            throw Wrong($"model_type is {Text(type)}; only \"{string.Join("\", \"", types)}\" is computed here.");
        }
        RefuseUnknown();
        if (architecture?.Required.FirstOrDefault(key => Find(root, key) is null) is { } missing)
        {
            throw Wrong($"{missing} is missing.");
        }
        int hidden = Size("hidden_size"),
            heads = Size("num_attention_heads"),
            keyValueHeads = Size("num_key_value_heads", heads);
        if (!root.TryGetProperty("head_dim", out _) && hidden % heads != 0)
        {
            throw Wrong($"num_attention_heads is {heads}, which does not divide hidden_size {hidden}, and there is no head_dim.");
        }
        int headSize = Size("head_dim", hidden / heads);
        if (heads % keyValueHeads != 0)
        {
            throw Wrong($"num_key_value_heads is {keyValueHeads}, which does not divide num_attention_heads {heads}.");
        }
        if (headSize % 2 != 0)
        {
            throw Wrong($"head_dim is {headSize}; rotary embeddings need an even one.");
        }
        (double theta, RotaryScaling? scaling) = Rotary();
        var config = new LlamaConfig
        {
            HiddenSize = hidden,
            IntermediateSize = Size("intermediate_size"),
            Layers = Size("num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = keyValueHeads,
            HeadSize = headSize,
            VocabularySize = Size("vocab_size"),
            NormEpsilon = Number(root, "rms_norm_eps", 1e-6),
            RopeTheta = theta,
            RopeScaling = scaling,
            TiedEmbeddings = Find(root, "tie_word_embeddings")?.GetBoolean() ?? architecture?.TiedByDefault ?? false,
            MaxPositions = Find(root, "max_position_embeddings") is null ? null : Size("max_position_embeddings"),
            Own = OwnNumbers(),
        };
        foreach (ImpliedNumber implied in architecture?.Implied(config) ?? [])
        {
            double number = Number(root, implied.Key, implied.Missing);
            if (number != implied.Value)
            {
                throw Wrong($"{implied.Key} is {number}; llama.cpp computes {implied.Value} only.");
            }
        }
        return architecture is { TiedByDefault: true } && !config.TiedEmbeddings
            ? throw Wrong("tie_word_embeddings is false; llama.cpp has no head of its own for this architecture.")
            : config;
    }

    /// <summary>Numbers of the architecture's own; those that are null are left out if they may be.</summary>
    private IReadOnlyDictionary<string, double> OwnNumbers()
    {
        var numbers = new Dictionary<string, double>();
        foreach (ConfigNumber own in architecture?.Numbers ?? [])
        {
            if (own.Null is null || Find(root, own.Key) is not null)
            {
                numbers[own.Key] =
                    own.IsInteger ? Size(own.Key)
                    : Find(root, own.Key) is null ? throw Wrong($"{own.Key} is missing.")
                    : Number(root, own.Key, 0);
            }
        }
        return numbers.Count > 0 ? numbers : LlamaConfig.Smallest.Own;
    }

    /// <summary>Whether a key is the architecture's own and is checked after the others, regardless of its value.</summary>
    private bool IsOwn(string name) =>
        architecture is not null
        && (
            architecture.Numbers.Any(own => own.Key == name)
            || architecture.Implied(LlamaConfig.Smallest).Any(implied => implied.Key == name)
        );

    private void RefuseUnknown()
    {
        foreach (JsonProperty property in root.EnumerateObject())
        {
            (string name, JsonElement value) = (property.Name, property.Value);
            bool known = Inert.Contains(name) || Understood.Contains(name) || IsOwn(name);
            if (known || value.ValueKind == JsonValueKind.Null || Windowless(name, value))
            {
                continue;
            }
            string? neutral =
                name is "hidden_act" or "hidden_activation" && architecture is not null
                    ? $"\"{architecture.Activation.Name}\""
                    : Neutral.GetValueOrDefault(name);
            if (neutral is null)
            {
                throw Wrong(
                    $"{ModelFormatException.Shorten(name)} is {Text(value)}, and what it means is not known here; "
                        + $"only plain Llamas are computed."
                );
            }
            using JsonDocument wanted = JsonDocument.Parse(neutral);
            if (!JsonElement.DeepEquals(value, wanted.RootElement))
            {
                throw Wrong($"{name} is {Text(value)}; only {neutral} is computed here.");
            }
        }
    }

    /// <summary>A window that no text leaves, or layers that all see everything.</summary>
    private bool Windowless(string name, JsonElement value) =>
        name switch
        {
            "sliding_window" => root.TryGetProperty("use_sliding_window", out JsonElement used) && used.ValueKind == JsonValueKind.False
                || value.TryGetInt32(out int window)
                    && Find(root, "max_position_embeddings") is { } most
                    && most.TryGetInt32(out int longest)
                    && window >= longest,
            "layer_types" => value.ValueKind == JsonValueKind.Array
                && value
                    .EnumerateArray()
                    .Index()
                    .All(type => type.Item.ValueKind == JsonValueKind.String && HasType(type.Index, type.Item)),
            _ => false,
        };

    private bool HasType(int layer, JsonElement type) =>
        type.ValueEquals(architecture?.IsSliding(layer) == true ? "sliding_attention" : "full_attention");

    /// <summary>Base and scaling: <c>rope_parameters</c> of transformers 5, or <c>rope_theta</c> and <c>rope_scaling</c> before.</summary>
    private (double Theta, RotaryScaling? Scaling) Rotary()
    {
        double theta = Number(root, "rope_theta", architecture?.DefaultTheta ?? 10_000);
        JsonElement? parameters = Find(root, "rope_parameters"),
            old = Find(root, "rope_scaling");
        if (parameters is { } both && old is { } other && !JsonElement.DeepEquals(both, other))
        {
            throw Wrong("rope_parameters and rope_scaling are both there and differ.");
        }
        if ((parameters ?? old) is not { } rope)
        {
            return (theta, null);
        }
        if (rope.ValueKind != JsonValueKind.Object)
        {
            throw Wrong($"rope_parameters is {Text(rope)}; it must be an object.");
        }
        string type = (Find(rope, "rope_type") ?? Find(rope, "type"))?.GetString() ?? "default";
        string[] understood = type switch
        {
            "default" or "none" => [],
            "linear" => ["factor"],
            "llama3" => ["factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"],
            _ => throw Wrong(
                $"rope_type is '{ModelFormatException.Shorten(type)}'; default, linear and llama3 rotary embeddings are computed here."
            ),
        };
        foreach (JsonProperty property in rope.EnumerateObject())
        {
            bool neutral =
                property.Name == "partial_rotary_factor"
                && property.Value.ValueKind == JsonValueKind.Number
                && property.Value.GetDouble() == 1;
            if (property.Name is not ("rope_type" or "type" or "rope_theta") && !understood.Contains(property.Name) && !neutral)
            {
                throw Wrong(
                    $"{ModelFormatException.Shorten(property.Name)} of rotary embeddings is {Text(property.Value)}, "
                        + $"which is not computed here for rope_type '{type}'."
                );
            }
        }
        return (
            Number(rope, "rope_theta", theta),
            type switch
            {
                "linear" => new(Needed(rope, "factor")),
                "llama3" => Llama3(rope),
                _ => null,
            }
        );
    }

    private RotaryScaling Llama3(JsonElement rope)
    {
        var scaling = new RotaryScaling(
            Needed(rope, "factor"),
            Needed(rope, "low_freq_factor"),
            Needed(rope, "high_freq_factor"),
            Needed(rope, "original_max_position_embeddings")
        );
        return scaling.HighFactor > scaling.LowFactor
            ? scaling
            : throw Wrong($"high_freq_factor is {scaling.HighFactor}; it is above low_freq_factor, {scaling.LowFactor}.");
    }

    private static JsonElement? Find(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private int Size(string name, int? missing = null)
    {
        if (Find(root, name) is not { } value)
        {
            return missing ?? throw Wrong($"{name} is missing.");
        }
        return value.TryGetInt32(out int size) && size is > 0 and <= Largest
            ? size
            : throw Wrong($"{name} is {Text(value)}; it is a whole number from 1 to {Largest}.");
    }

    private double Needed(JsonElement parent, string name) =>
        Find(parent, name) is null ? throw Wrong($"{name} of rotary embeddings is missing.") : Number(parent, name, 0);

    private double Number(JsonElement parent, string name, double missing)
    {
        if (Find(parent, name) is not { } value)
        {
            return missing;
        }
        return value.GetDouble() is > 0 and var number && double.IsFinite(number)
            ? number
            : throw Wrong($"{name} is {Text(value)}; it is a number above 0.");
    }

    private static string Text(JsonElement value) => ModelFormatException.Shorten(value.GetRawText());

    private ModelFormatException Wrong(string problem) => new(file, $"{LlamaConfig.MetadataKey}: {problem}");
}
