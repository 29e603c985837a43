using System.Runtime.InteropServices;
using System.Text.Json;
using KernelGen.Models;

namespace KernelGen.Tests;

/// <summary>
/// A small random checkpoint of transformers: <c>model.safetensors</c>, <c>config.json</c> and a byte-level <c>tokenizer.json</c>.
/// Names and shapes are written out here as transformers' modelling files have them.
/// </summary>
internal sealed class TinyCheckpoint(string type, SafetensorsDtype dtype = SafetensorsDtype.F32)
{
    public const int Hidden = 256,
        FeedForward = 512,
        Heads = 4,
        KeyValueHeads = 2,
        HeadSize = 64,
        Vocabulary = 256,
        Layers = 2;

    private readonly Random _random = new(5);

    private bool IsGemma => type.StartsWith("gemma", StringComparison.Ordinal);

    /// <summary>Tokens of the model; the tokenizer that is written has one for each byte.</summary>
    public int Tokens { get; init; } = Vocabulary;

    /// <summary>More entries of config.json, each after a comma.</summary>
    public string More { get; init; } = "";

    /// <summary>Writes the files.</summary>
    /// <returns>Path of the model.</returns>
    public string Write(string folder)
    {
        Directory.CreateDirectory(folder);
        List<SafetensorsEntry> tensors = [Matrix("model.embed_tokens.weight", Tokens, Hidden), Norm("model.norm.weight", Hidden)];
        if (!IsGemma && type != "mistral")
        {
            tensors.Add(Matrix("lm_head.weight", Tokens, Hidden));
        }
        for (int layer = 0; layer < Layers; layer++)
        {
            tensors.AddRange(Layer($"model.layers.{layer}."));
        }
        string path = Path.Combine(folder, "model.safetensors");
        SafetensorsWriter.Write(path, tensors, new Dictionary<string, string> { ["format"] = "pt" }, overwrite: true);
        File.WriteAllText(Path.Combine(folder, "config.json"), Config());
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), Tokenizer());
        return path;
    }

    private IEnumerable<SafetensorsEntry> Layer(string layer)
    {
        const int queries = Heads * HeadSize,
            keys = KeyValueHeads * HeadSize;
        if (type == "phi3")
        {
            yield return Matrix(layer + "self_attn.qkv_proj.weight", queries + 2 * keys, Hidden);
            yield return Matrix(layer + "mlp.gate_up_proj.weight", 2 * FeedForward, Hidden);
        }
        else
        {
            yield return Matrix(layer + "self_attn.q_proj.weight", queries, Hidden);
            yield return Matrix(layer + "self_attn.k_proj.weight", keys, Hidden);
            yield return Matrix(layer + "self_attn.v_proj.weight", keys, Hidden);
            yield return Matrix(layer + "mlp.gate_proj.weight", FeedForward, Hidden);
            yield return Matrix(layer + "mlp.up_proj.weight", FeedForward, Hidden);
        }
        yield return Matrix(layer + "self_attn.o_proj.weight", Hidden, queries);
        yield return Matrix(layer + "mlp.down_proj.weight", Hidden, FeedForward);
        yield return Norm(layer + "input_layernorm.weight", Hidden);
        yield return Norm(layer + "post_attention_layernorm.weight", Hidden);
        if (type == "qwen2")
        {
            yield return Norm(layer + "self_attn.q_proj.bias", queries);
            yield return Norm(layer + "self_attn.k_proj.bias", keys);
            yield return Norm(layer + "self_attn.v_proj.bias", keys);
        }
        if (type is "qwen3" or "gemma3_text")
        {
            yield return Norm(layer + "self_attn.q_norm.weight", HeadSize);
            yield return Norm(layer + "self_attn.k_norm.weight", HeadSize);
        }
        if (IsGemma)
        {
            yield return Norm(layer + "pre_feedforward_layernorm.weight", Hidden);
            yield return Norm(layer + "post_feedforward_layernorm.weight", Hidden);
        }
    }

    private SafetensorsEntry Matrix(string name, int rows, int columns) =>
        Entry(name, [rows, columns], () => (float)(Gaussian() / Math.Sqrt(columns)));

    /// <summary>Around 1, or around 0 where 1 is added, in steps that every type holds.</summary>
    private SafetensorsEntry Norm(string name, int length) =>
        Entry(name, [length], () => (IsGemma ? 0 : 1) + MathF.Round((float)Math.Clamp(Gaussian() * 13, -90, 90)) / 128);

    private double Gaussian() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    private SafetensorsEntry Entry(string name, long[] shape, Func<float> next)
    {
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = next();
        }
        ushort[] codes =
        [
            .. values.Select(value =>
                dtype == SafetensorsDtype.F16
                    ? BitConverter.HalfToUInt16Bits((Half)value)
                    : (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)
            ),
        ];
        byte[] bytes = (
            dtype == SafetensorsDtype.F32 ? MemoryMarshal.AsBytes(values.AsSpan()) : MemoryMarshal.AsBytes(codes.AsSpan())
        ).ToArray();
        return new(name, dtype, shape, stream => stream.Write(bytes));
    }

    private string Config()
    {
        string own = type switch
        {
            "qwen3" => ", \"use_sliding_window\": false, \"hidden_act\": \"silu\"",
            "mistral" => ", \"sliding_window\": null, \"tie_word_embeddings\": true",
            "phi3" => ", \"original_max_position_embeddings\": 512, \"sliding_window\": null, \"rope_scaling\": null",
            "gemma2" => """
                , "hidden_activation": "gelu_pytorch_tanh", "query_pre_attn_scalar": 64, "attn_logit_softcapping": 50.0,
                "final_logit_softcapping": 30.0, "sliding_window": 32
                """,
            "gemma3_text" => """
                , "hidden_activation": "gelu_pytorch_tanh", "query_pre_attn_scalar": 64, "attn_logit_softcapping": null,
                "sliding_window": 32, "rope_local_base_freq": 10000, "sliding_window_pattern": 6,
                "layer_types": ["sliding_attention", "sliding_attention"]
                """,
            _ => "",
        };
        return $$"""
            {"model_type": "{{type}}", "hidden_size": {{Hidden}}, "intermediate_size": {{FeedForward}}, "num_hidden_layers": {{Layers}},
             "num_attention_heads": {{Heads}}, "num_key_value_heads": {{KeyValueHeads}}, "head_dim": {{HeadSize}},
             "vocab_size": {{Tokens}}, "rms_norm_eps": 1e-5, "rope_theta": 20000.0, "max_position_embeddings": 512{{own}}{{More}}}
            """;
    }

    /// <summary>Every byte is a token, under GPT-2's name of it, and nothing is merged.</summary>
    private static string Tokenizer()
    {
        Dictionary<string, int> tokens = [];
        for (int value = 0, other = 0; value < 256; value++)
        {
            bool printable = value is > 32 and < 127 or > 160 and not 173;
            tokens[((char)(printable ? value : 256 + other++)).ToString()] = value;
        }
        return $$$"""
            {"added_tokens": [], "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
             "model": {"type": "BPE", "merges": [], "vocab": {{{JsonSerializer.Serialize(tokens)}}}}}
            """;
    }
}
