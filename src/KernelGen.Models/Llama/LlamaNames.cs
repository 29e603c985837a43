namespace KernelGen.Models;

/// <summary>What the tensors of a Llama are called.</summary>
/// <param name="Embedding">The embedding; also the head where they are tied.</param>
/// <param name="Head">The head.</param>
/// <param name="Norm">The last norm.</param>
/// <param name="Prefix">What the names of a layer begin with; {0} is its number.</param>
/// <param name="Layer">The names of a layer without the prefix.</param>
internal sealed record LlamaNames(string Embedding, string Head, string Norm, string Prefix, LlamaLayerNames Layer)
{
    /// <summary>Hugging Face's names.</summary>
    public static LlamaNames HuggingFace { get; } =
        new(
            "model.embed_tokens.weight",
            "lm_head.weight",
            "model.norm.weight",
            "model.layers.{0}.",
            new(
                "input_layernorm.weight",
                "self_attn.q_proj.weight",
                "self_attn.k_proj.weight",
                "self_attn.v_proj.weight",
                "self_attn.o_proj.weight",
                "post_attention_layernorm.weight",
                "mlp.gate_proj.weight",
                "mlp.up_proj.weight",
                "mlp.down_proj.weight"
            )
        );

    /// <summary>The names that llama.cpp gives them (gguf-py, <c>constants.py</c>: <c>TENSOR_NAMES</c>).</summary>
    public static LlamaNames Ggml { get; } =
        new(
            "token_embd.weight",
            "output.weight",
            "output_norm.weight",
            "blk.{0}.",
            new(
                "attn_norm.weight",
                "attn_q.weight",
                "attn_k.weight",
                "attn_v.weight",
                "attn_output.weight",
                "ffn_norm.weight",
                "ffn_gate.weight",
                "ffn_up.weight",
                "ffn_down.weight"
            )
        );

    /// <summary>The names that a model uses.</summary>
    public static LlamaNames Of(ModelFile model) => model.Find(Ggml.Embedding) is null ? HuggingFace : Ggml;

    /// <summary>The names of one layer.</summary>
    public LlamaLayerNames Of(int layer) => Layer.After(string.Format(System.Globalization.CultureInfo.InvariantCulture, Prefix, layer));
}

/// <summary>What the tensors of a layer are called.</summary>
internal sealed record LlamaLayerNames(
    string AttentionNorm,
    string Query,
    string Key,
    string Value,
    string Output,
    string FeedForwardNorm,
    string Gate,
    string Up,
    string Down
)
{
    public LlamaLayerNames After(string prefix) =>
        new(
            prefix + AttentionNorm,
            prefix + Query,
            prefix + Key,
            prefix + Value,
            prefix + Output,
            prefix + FeedForwardNorm,
            prefix + Gate,
            prefix + Up,
            prefix + Down
        );
}
