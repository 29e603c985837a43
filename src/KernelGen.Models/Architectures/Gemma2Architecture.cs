namespace KernelGen.Models;

/// <summary>Gemma 2: norms after attention and feed-forward too, capped logits, every other layer with a sliding window.</summary>
internal sealed class Gemma2Architecture : DecoderArchitecture
{
    /// <summary>Layers of the 27B model, whose queries llama.cpp scales by the width of a head's share of the stream.</summary>
    private const int LargestLayers = 46;

    /// <summary>Norms that both Gemmas have around their layers.</summary>
    public static IReadOnlyList<(string HuggingFace, string? Ggml)> Norms { get; } =
    [
        ("model.layers.{0}.post_attention_layernorm.weight", "blk.{0}.post_attention_norm.weight"),
        ("model.layers.{0}.pre_feedforward_layernorm.weight", "blk.{0}.ffn_norm.weight"),
        ("model.layers.{0}.post_feedforward_layernorm.weight", "blk.{0}.post_ffw_norm.weight"),
    ];

    public override string ModelType => "gemma2";

    public override string Name => "gemma2";

    public override string ClassName => "Gemma2ForCausalLM";

    public override bool TurnsNeighbours => false;

    public override (string Key, string Name) Activation => ("hidden_activation", "gelu_pytorch_tanh");

    public override float NormOffset => 1;

    public override bool TiedByDefault => true;

    public override IReadOnlyList<string> Required => ["head_dim", "num_key_value_heads", "max_position_embeddings"];

    public override IReadOnlyList<ConfigNumber> Numbers =>
        [
            new("attn_logit_softcapping", "attn_logit_softcapping", IsInteger: false),
            new("final_logit_softcapping", "final_logit_softcapping", IsInteger: false),
            new("sliding_window", "attention.sliding_window", IsInteger: true),
        ];

    public override IReadOnlyList<ImpliedNumber> Implied(LlamaConfig config) => [QueryScale(config, LargestLayers)];

    public override bool IsSliding(int layer) => layer % 2 == 0;

    protected override IReadOnlyList<(string HuggingFace, string? Ggml)> OwnNames => Norms;

    /// <summary>What the square root of which queries are divided by.</summary>
    public static ImpliedNumber QueryScale(LlamaConfig config, int largestLayers) =>
        new("query_pre_attn_scalar", config.Layers == largestLayers ? config.HiddenSize / config.Heads : config.HeadSize, Missing: 256);
}
