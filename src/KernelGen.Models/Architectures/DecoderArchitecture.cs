namespace KernelGen.Models;

/// <summary>
/// How a dense decoder of Hugging Face's transformers is called and laid out in llama.cpp (convert_hf_to_gguf.py). One file for each; the
/// names of tensors that all share are in <see cref="SharedNames"/>.
/// </summary>
internal abstract class DecoderArchitecture
{
    /// <summary>All that are known.</summary>
    public static IReadOnlyList<DecoderArchitecture> All { get; } =
    [new LlamaArchitecture(), new MistralArchitecture(), new Qwen2Architecture(), new Qwen3Architecture()];

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

    /// <summary>Names besides those that all share.</summary>
    protected virtual IReadOnlyList<(string HuggingFace, string Ggml)> OwnNames => [];

    /// <summary>The names of all tensors of a model in llama.cpp, by their names in transformers.</summary>
    /// <param name="layers">Number of layers.</param>
    public IReadOnlyDictionary<string, string> Names(int layers)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string own, string ggml) in SharedNames.Concat(OwnNames))
        {
            if (!own.Contains("{0}", StringComparison.Ordinal))
            {
                names.Add(own, ggml);
                continue;
            }
            for (int layer = 0; layer < layers; layer++)
            {
                string number = layer.ToString(System.Globalization.CultureInfo.InvariantCulture);
                names.Add(own.Replace("{0}", number, StringComparison.Ordinal), ggml.Replace("{0}", number, StringComparison.Ordinal));
            }
        }
        return names;
    }
}
