namespace KernelGen.Models;

/// <summary>
/// Phi-3 without long-text scaling: a Llama whose queries, keys and values are one matrix, and gate and up another. llama.cpp ignores its
/// sliding window.
/// </summary>
internal sealed class Phi3Architecture : DecoderArchitecture
{
    public override string ModelType => "phi3";

    public override string Name => "phi3";

    public override string ClassName => "Phi3ForCausalLM";

    public override bool TurnsNeighbours => false;

    public override IReadOnlyList<string> Required => ["max_position_embeddings", "rms_norm_eps"];

    public override IReadOnlyList<ConfigNumber> Numbers =>
        [
            new("original_max_position_embeddings", "rope.scaling.original_context_length", IsInteger: true),
            new("sliding_window", "attention.sliding_window", IsInteger: true, Null: 0),
        ];

    protected override IReadOnlyList<(string HuggingFace, string? Ggml)> OwnNames =>
        [
            ("model.layers.{0}.self_attn.q_proj.weight", null),
            ("model.layers.{0}.self_attn.k_proj.weight", null),
            ("model.layers.{0}.self_attn.v_proj.weight", null),
            ("model.layers.{0}.mlp.gate_proj.weight", null),
            ("model.layers.{0}.mlp.up_proj.weight", null),
            ("model.layers.{0}.self_attn.qkv_proj.weight", "blk.{0}.attn_qkv.weight"),
            ("model.layers.{0}.mlp.gate_up_proj.weight", "blk.{0}.ffn_up.weight"),
        ];
}
