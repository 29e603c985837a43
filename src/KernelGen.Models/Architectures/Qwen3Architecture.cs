namespace KernelGen.Models;

/// <summary>Qwen3: a Llama with norms of queries and keys, whose rows stay in place.</summary>
internal sealed class Qwen3Architecture : DecoderArchitecture
{
    public override string ModelType => "qwen3";

    public override string Name => "qwen3";

    public override string ClassName => "Qwen3ForCausalLM";

    public override bool TurnsNeighbours => false;

    protected override IReadOnlyList<(string HuggingFace, string? Ggml)> OwnNames =>
        [
            ("model.layers.{0}.self_attn.q_norm.weight", "blk.{0}.attn_q_norm.weight"),
            ("model.layers.{0}.self_attn.k_norm.weight", "blk.{0}.attn_k_norm.weight"),
        ];
}
