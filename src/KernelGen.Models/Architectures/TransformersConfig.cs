using System.Text.Json;

namespace KernelGen.Models;

/// <summary>Writes <c>config.json</c> from the metadata of a model that llama.cpp runs.</summary>
internal static class TransformersConfig
{
    public static string Write(ModelFile model, DecoderArchitecture architecture, LlamaConfig config, SafetensorsDtype dtype) =>
        JsonText.Of(json =>
        {
            json.WriteStartArray("architectures");
            json.WriteStringValue(architecture.ClassName);
            json.WriteEndArray();
            json.WriteString("model_type", architecture.ModelType);
            json.WriteString(architecture.Activation.Key, architecture.Activation.Name);
            json.WriteNumber("hidden_size", config.HiddenSize);
            json.WriteNumber("intermediate_size", config.IntermediateSize);
            json.WriteNumber("num_hidden_layers", config.Layers);
            json.WriteNumber("num_attention_heads", config.Heads);
            json.WriteNumber("num_key_value_heads", config.KeyValueHeads);
            json.WriteNumber("head_dim", config.HeadSize);
            json.WriteNumber("vocab_size", config.VocabularySize);
            if (config.MaxPositions is { } positions)
            {
                json.WriteNumber("max_position_embeddings", positions);
            }
            json.WriteNumber("rms_norm_eps", (float)config.NormEpsilon); // a float32 in GGUF: the shortest text of that number
            json.WriteNumber("rope_theta", (float)config.RopeTheta);
            WriteScaling(json, config.RopeScaling);
            json.WriteBoolean("tie_word_embeddings", config.TiedEmbeddings);
            foreach (ConfigNumber own in architecture.Numbers)
            {
                if (!config.Own.TryGetValue(own.Key, out double value))
                {
                    json.WriteNull(own.Key);
                }
                else if (own.IsInteger)
                {
                    json.WriteNumber(own.Key, (long)value);
                }
                else
                {
                    json.WriteNumber(own.Key, (float)value);
                }
            }
            foreach (ImpliedNumber implied in architecture.Implied(config).Where(implied => implied.Key[0] != '_'))
            {
                json.WriteNumber(implied.Key, implied.Value);
            }
            WriteToken(json, model, "bos");
            WriteToken(json, model, "eos");
            json.WriteString(
                "torch_dtype",
                dtype switch
                {
                    SafetensorsDtype.F16 => "float16",
                    SafetensorsDtype.BF16 => "bfloat16",
                    _ => "float32",
                }
            );
        });

    private static void WriteScaling(Utf8JsonWriter json, RotaryScaling? scaling)
    {
        if (scaling is null)
        {
            return;
        }
        json.WriteStartObject("rope_scaling");
        json.WriteString("rope_type", scaling.LowFactor is null ? "linear" : "llama3");
        json.WriteNumber("factor", (float)scaling.Factor);
        if (scaling.LowFactor is { } low)
        {
            json.WriteNumber("low_freq_factor", low);
            json.WriteNumber("high_freq_factor", scaling.HighFactor);
            json.WriteNumber("original_max_position_embeddings", (long)scaling.OriginalPositions);
        }
        json.WriteEndObject();
    }

    private static void WriteToken(Utf8JsonWriter json, ModelFile model, string name)
    {
        if (model.FindMetadata($"tokenizer.ggml.{name}_token_id") is { Type: GgufValueType.UInt32 } id)
        {
            json.WriteNumber($"{name}_token_id", (long)id.AsNumber());
        }
    }
}
