namespace KernelGen.Models;

/// <summary>Gemma 3, texts only: Gemma 2 with norms of queries and keys and without caps; five of six layers see a window.</summary>
internal sealed class Gemma3Architecture : DecoderArchitecture
{
    private const int Period = 6,
        LargestLayers = 62;

    public override string ModelType => "gemma3_text";

    public override string Name => "gemma3";

    public override string ClassName => "Gemma3ForCausalLM";

    public override bool TurnsNeighbours => false;

    public override (string Key, string Name) Activation => ("hidden_activation", "gelu_pytorch_tanh");

    public override float NormOffset => 1;

    public override bool TiedByDefault => true;

    public override double DefaultTheta => 1_000_000;

    public override IReadOnlyList<string> Required => ["head_dim", "num_key_value_heads", "max_position_embeddings"];

    public override IReadOnlyList<ConfigNumber> Numbers => [new("sliding_window", "attention.sliding_window", IsInteger: true)];

    public override IReadOnlyList<ImpliedNumber> Implied(LlamaConfig config) =>
        [
            Gemma2Architecture.QueryScale(config, LargestLayers),
            new("rope_local_base_freq", 10_000, Missing: 10_000),
            new("sliding_window_pattern", Period, Missing: Period),
            new("_sliding_window_pattern", Period, Missing: Period),
        ];

    public override bool IsSliding(int layer) => (layer + 1) % Period != 0;

    protected override IReadOnlyList<(string HuggingFace, string? Ggml)> OwnNames =>
        [
            .. Gemma2Architecture.Norms,
            ("model.layers.{0}.self_attn.q_norm.weight", "blk.{0}.attn_q_norm.weight"),
            ("model.layers.{0}.self_attn.k_norm.weight", "blk.{0}.attn_k_norm.weight"),
        ];
}
