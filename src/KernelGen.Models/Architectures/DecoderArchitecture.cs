namespace KernelGen.Models;

/// <summary>
/// How a dense decoder of Hugging Face's transformers is called and laid out in llama.cpp (convert_hf_to_gguf.py). One file for each; the
/// names of tensors that all share are in <see cref="SharedNames"/>.
/// </summary>
internal abstract class DecoderArchitecture
{
    /// <summary>All that are known.</summary>
    public static IReadOnlyList<DecoderArchitecture> All { get; } =
    [
        new LlamaArchitecture(),
        new MistralArchitecture(),
        new Qwen2Architecture(),
        new Qwen3Architecture(),
        new Gemma2Architecture(),
        new Gemma3Architecture(),
        new Phi3Architecture(),
    ];

    /// <summary>The one of a <c>model_type</c>; null if it is not known.</summary>
    public static DecoderArchitecture? Of(string? modelType) => All.FirstOrDefault(one => one.ModelType == modelType);

    /// <summary>Name without its layer in transformers, and in llama.cpp; {0} is the layer.</summary>
    private static readonly (string HuggingFace, string Ggml)[] SharedNames =
    [
        ("model.embed_tokens.weight", "token_embd.weight"),
        ("model.norm.weight", "output_norm.weight"),
        ("lm_head.weight", "output.weight"),
        ("model.layers.{0}.input_layernorm.weight", "blk.{0}.attn_norm.weight"),
        ("model.layers.{0}.self_attn.q_proj.weight", "blk.{0}.attn_q.weight"),
        ("model.layers.{0}.self_attn.k_proj.weight", "blk.{0}.attn_k.weight"),
        ("model.layers.{0}.self_attn.v_proj.weight", "blk.{0}.attn_v.weight"),
        ("model.layers.{0}.self_attn.o_proj.weight", "blk.{0}.attn_output.weight"),
        ("model.layers.{0}.post_attention_layernorm.weight", "blk.{0}.ffn_norm.weight"),
        ("model.layers.{0}.mlp.gate_proj.weight", "blk.{0}.ffn_gate.weight"),
        ("model.layers.{0}.mlp.up_proj.weight", "blk.{0}.ffn_up.weight"),
        ("model.layers.{0}.mlp.down_proj.weight", "blk.{0}.ffn_down.weight"),
    ];

    /// <summary><c>model_type</c> of config.json.</summary>
    public abstract string ModelType { get; }

    /// <summary><c>general.architecture</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Whether coordinates that turn together become neighbours: the rows of queries and keys change places.</summary>
    public abstract bool TurnsNeighbours { get; }

    /// <summary>What transformers calls the whole model.</summary>
    public abstract string ClassName { get; }

    /// <summary>The activation of the feed-forward layers, with the key of config.json that names it.</summary>
    public virtual (string Key, string Name) Activation => ("hidden_act", "silu");

    /// <summary>What is added to the weights of norms: Gemma keeps them less 1.</summary>
    public virtual float NormOffset => 0;

    /// <summary>Whether the embedding is the head where config.json does not say so.</summary>
    public virtual bool TiedByDefault => false;

    /// <summary>Base of the rotary frequencies where config.json does not say it.</summary>
    public virtual double DefaultTheta => 10_000;

    /// <summary>Keys of config.json that have to be there, because their values have other defaults than a Llama's.</summary>
    public virtual IReadOnlyList<string> Required => [];

    /// <summary>Numbers that are metadata of llama.cpp's.</summary>
    public virtual IReadOnlyList<ConfigNumber> Numbers => [];

    /// <summary>Numbers that llama.cpp does not read because its code implies them.</summary>
    /// <param name="config">The other hyper-parameters.</param>
    public virtual IReadOnlyList<ImpliedNumber> Implied(LlamaConfig config) => [];

    /// <summary>Whether a layer sees a sliding window only.</summary>
    /// <param name="layer">Its number.</param>
    public virtual bool IsSliding(int layer) => false;

    /// <summary>Names besides those that all share, or instead of them; no name in llama.cpp where a shared one is not used.</summary>
    protected virtual IReadOnlyList<(string HuggingFace, string? Ggml)> OwnNames => [];

    /// <summary>Whether a tensor's weights are those of a norm.</summary>
    /// <param name="name">Its name in transformers.</param>
    public static bool IsNorm(string name) => name.EndsWith("norm.weight", StringComparison.Ordinal);

    /// <summary>The names of all tensors of a model in llama.cpp, by their names in transformers.</summary>
    /// <param name="layers">Number of layers.</param>
    public IReadOnlyDictionary<string, string> Names(int layers)
    {
        Dictionary<string, string?> patterns = SharedNames.ToDictionary(pair => pair.HuggingFace, string? (pair) => pair.Ggml);
        foreach ((string own, string? ggml) in OwnNames)
        {
            patterns[own] = ggml;
        }
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string own, string? ggml) in patterns)
        {
            bool isOfLayer = own.Contains("{0}", StringComparison.Ordinal);
            for (int layer = 0; ggml is not null && layer < (isOfLayer ? layers : 1); layer++)
            {
                string number = layer.ToString(System.Globalization.CultureInfo.InvariantCulture);
                names.Add(own.Replace("{0}", number, StringComparison.Ordinal), ggml.Replace("{0}", number, StringComparison.Ordinal));
            }
        }
        return names;
    }
}

/// <summary>A number of config.json that is also an entry of GGUF.</summary>
/// <param name="Key">The key of config.json.</param>
/// <param name="Ggml">The entry, without the name of the architecture.</param>
/// <param name="IsInteger">Whether it is a whole number; else it is a float32.</param>
/// <param name="Null">What null stands for in GGUF; null if the number has to be there.</param>
internal sealed record ConfigNumber(string Key, string Ggml, bool IsInteger, double? Null = null);

/// <summary>A number of config.json with the only value that llama.cpp computes.</summary>
/// <param name="Key">The key of config.json.</param>
/// <param name="Value">The value.</param>
/// <param name="Missing">What transformers takes where the key is missing.</param>
internal sealed record ImpliedNumber(string Key, double Value, double Missing);
