namespace KernelGen.Models;

/// <summary>Qwen2 and Qwen2.5: a Llama with biases of queries, keys and values, whose rows stay in place.</summary>
internal sealed class Qwen2Architecture : DecoderArchitecture
{
    public override string ModelType => "qwen2";

    public override string Name => "qwen2";

    public override string ClassName => "Qwen2ForCausalLM";

    public override bool TurnsNeighbours => false;

    protected override IReadOnlyList<(string HuggingFace, string? Ggml)> OwnNames =>
        [
            ("model.layers.{0}.self_attn.q_proj.bias", "blk.{0}.attn_q.bias"),
            ("model.layers.{0}.self_attn.k_proj.bias", "blk.{0}.attn_k.bias"),
            ("model.layers.{0}.self_attn.v_proj.bias", "blk.{0}.attn_v.bias"),
        ];
}
