using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>
/// The same Llama under Hugging Face's names and as llama.cpp converts it: other names, metadata, and rows of queries and keys permuted.
/// </summary>
public sealed class GgufLlamaTests : IDisposable
{
    private const int Hidden = 48,
        Heads = 4,
        KeyValueHeads = 2,
        HeadSize = 12,
        FeedForward = 64,
        Vocabulary = 256,
        Layers = 2;
    private const double Epsilon = 1e-5,
        Theta = 700;

    /// <summary>What stands for what, as in gguf-py's tensor_mapping.py.</summary>
    private static readonly (string HuggingFace, string Ggml, int Rows, int Columns)[] PerLayer =
    [
        ("self_attn.q_proj", "attn_q", Heads * HeadSize, Hidden),
        ("self_attn.k_proj", "attn_k", KeyValueHeads * HeadSize, Hidden),
        ("self_attn.v_proj", "attn_v", KeyValueHeads * HeadSize, Hidden),
        ("self_attn.o_proj", "attn_output", Hidden, Heads * HeadSize),
        ("mlp.gate_proj", "ffn_gate", FeedForward, Hidden),
        ("mlp.up_proj", "ffn_up", FeedForward, Hidden),
        ("mlp.down_proj", "ffn_down", Hidden, FeedForward),
        ("input_layernorm", "attn_norm", 1, Hidden),
        ("post_attention_layernorm", "ffn_norm", 1, Hidden),
    ];

    private static readonly KeyValuePair<string, GgufValue>[] Metadata =
    [
        new("general.architecture", GgufValue.Of("llama")),
        new("llama.embedding_length", GgufValue.Of((uint)Hidden)),
        new("llama.feed_forward_length", GgufValue.Of((uint)FeedForward)),
        new("llama.block_count", GgufValue.Of((uint)Layers)),
        new("llama.attention.head_count", GgufValue.Of((uint)Heads)),
        new("llama.attention.head_count_kv", GgufValue.Of((uint)KeyValueHeads)),
        new("llama.attention.layer_norm_rms_epsilon", GgufValue.Of((float)Epsilon)),
        new("llama.rope.freq_base", GgufValue.Of((float)Theta)),
        new("llama.rope.dimension_count", GgufValue.Of((uint)HeadSize)),
        new("llama.context_length", GgufValue.Of(128u)),
    ];

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private static IEnumerable<(string HuggingFace, string Ggml, long[] Shape, float[] Values)> Tensors(bool tied)
    {
        int seed = 0;
        yield return ("model.embed_tokens.weight", "token_embd.weight", [Vocabulary, Hidden], Values(Vocabulary, Hidden));
        yield return ("model.norm.weight", "output_norm.weight", [Hidden], Values(1, Hidden));
        if (!tied)
        {
            yield return ("lm_head.weight", "output.weight", [Vocabulary, Hidden], Values(Vocabulary, Hidden));
        }
        for (int layer = 0; layer < Layers; layer++)
        {
            foreach ((string huggingFace, string ggml, int rows, int columns) in PerLayer)
            {
                yield return (
                    $"model.layers.{layer}.{huggingFace}.weight",
                    $"blk.{layer}.{ggml}.weight",
                    rows == 1 ? [columns] : [rows, columns],
                    Values(rows, columns)
                );
            }
        }

        // Queries and keys are large, so that positions matter.
        float[] Values(int rows, int columns) =>
            [
                .. SmallModels
                    .Gaussian(rows * columns, ++seed)
                    .Select(value => rows == 1 ? 1 + 0.1f * value : 2.5f * value / MathF.Sqrt(columns)),
            ];
    }

    private ModelFile HuggingFace(bool tied = false)
    {
        SafetensorsWriter.Write(
            _scratch["model.safetensors"],
            Tensors(tied).Select(tensor => SmallModels.Singles(tensor.HuggingFace, tensor.Shape, tensor.Values)),
            overwrite: true
        );
        File.WriteAllText(
            _scratch["config.json"],
            FormattableString.Invariant(
                $$"""
                {"model_type":"llama","hidden_size":{{Hidden}},"intermediate_size":{{FeedForward}},"num_hidden_layers":{{Layers}},"num_attention_heads":{{Heads}},
                 "num_key_value_heads":{{KeyValueHeads}},"vocab_size":{{Vocabulary}},"rms_norm_eps":{{(double)
                    (float)Epsilon}},"rope_theta":{{Theta}},"tie_word_embeddings":{{(tied ? "true" : "false")}}}
                """
            )
        );
        return ModelFile.Open(_scratch["model.safetensors"], SmallModels.Catalog);
    }

    private ModelFile Gguf(
        bool tied = false,
        bool permuted = true,
        IEnumerable<KeyValuePair<string, GgufValue>>? metadata = null,
        params GgufEntry[] more
    )
    {
        GgmlType type = GgmlTypes.Of(SafetensorsDtype.F32)!;
        IEnumerable<GgufEntry> entries = Tensors(tied)
            .Select(tensor => new GgufEntry(tensor.Ggml, type, tensor.Shape, stream =>
                RawFloatFile.Write(stream, Rows(tensor.Ggml, tensor.Values, permuted))
            ));
        GgufWriter.Write(_scratch["model.gguf"], [.. entries, .. more], [.. metadata ?? Metadata], overwrite: true);
        return ModelFile.Open(_scratch["model.gguf"], SmallModels.Catalog);
    }

    /// <summary>llama.cpp's convert_hf_to_gguf.py: reshape(heads, 2, half, columns).swapaxes(1, 2), for queries and keys only.</summary>
    private static float[] Rows(string name, float[] values, bool permuted)
    {
        int heads =
            name.EndsWith("attn_q.weight", StringComparison.Ordinal) ? Heads
            : name.EndsWith("attn_k.weight", StringComparison.Ordinal) ? KeyValueHeads
            : 0;
        if (heads == 0 || !permuted)
        {
            return values;
        }
        var turned = new float[values.Length];
        for (int head = 0; head < heads; head++)
        {
            for (int part = 0; part < 2; part++)
            {
                for (int i = 0; i < HeadSize / 2; i++)
                {
                    int from = head * HeadSize + part * (HeadSize / 2) + i,
                        to = head * HeadSize + 2 * i + part;
                    values.AsSpan(from * Hidden, Hidden).CopyTo(turned.AsSpan(to * Hidden, Hidden));
                }
            }
        }
        return turned;
    }

    private static readonly int[] Text = [.. Enumerable.Range(0, 70).Select(i => (i * 37 + i * i * 11) % Vocabulary)];

    private static double Loss(ModelFile file) => new LlamaEvaluation(LlamaModel.Load(file, SmallModels.Catalog), 50).Score(Text).Loss.Mean;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_loss_is_the_same_both_ways(bool tied)
    {
        double loss,
            converted,
            unpermuted;
        using (ModelFile file = HuggingFace(tied))
        {
            loss = Loss(file);
        }
        using (ModelFile file = Gguf(tied))
        {
            converted = Loss(file);
        }
        using (ModelFile file = Gguf(tied, permuted: false))
        {
            unpermuted = Loss(file);
        }
        Assert.Equal(loss, converted, 1e-5);
        Assert.True(
            Math.Abs(loss - unpermuted) > 1e-3,
            $"rows in the wrong order gave {unpermuted}, the right ones {loss}: the test could not fail"
        );
    }

    [Fact]
    public void Quantised_split_and_converted_it_is_still_found()
    {
        using ModelFile file = Gguf();
        double loss = Loss(file);
        QuantizationPlan plan = QuantizationPlan.Make(file, new() { Format = SmallModels.Catalog["f16"] }, ModelContainer.Gguf);
        new ModelWriter(file, plan.Tensors, plan.Container, 20_000).Write(_scratch["half.gguf"], new());
        string part = Directory.GetFiles(Path.GetDirectoryName(_scratch["x"])!, "half-00002-of-*.gguf").Single();
        using ModelFile split = ModelFile.Open(part, SmallModels.Catalog);
        new ModelWriter(split, QuantizationPlan.Unchanged(split, ModelContainer.Safetensors).Tensors, ModelContainer.Safetensors).Write(
            _scratch["half.safetensors"],
            new()
        );
        using ModelFile converted = ModelFile.Open(_scratch["half.safetensors"], SmallModels.Catalog);
        Assert.Equal(loss, Loss(split), 0.01);
        Assert.Equal(Loss(split), Loss(converted));
        Assert.NotEqual(loss, Loss(split));
    }

    [Fact]
    public void What_would_be_computed_wrongly_is_refused_by_name()
    {
        Refused("general.architecture is 'qwen2'; only 'llama'", With("general.architecture", GgufValue.Of("qwen2")));
        Refused("general.architecture is missing", Without("general.architecture"));
        Refused("llama.block_count is missing", Without("llama.block_count"));
        Refused("llama.block_count is 0; it is a whole number from 1", With("llama.block_count", GgufValue.Of(0u)));
        Refused(
            "llama.attention.head_count is Array; it must be a number",
            With("llama.attention.head_count", GgufValue.OfArray(GgufValueType.UInt32, GgufValue.Of(4u)))
        );
        Refused("llama.attention.head_count_kv is 3, which does not divide", With("llama.attention.head_count_kv", GgufValue.Of(3u)));
        Refused(
            "llama.rope.dimension_count is 6; it is computed here only as large as llama.attention.key_length, 12",
            With("llama.rope.dimension_count", GgufValue.Of(6u))
        );
        Refused("llama.rope.scaling.type is 'yarn'", With("llama.rope.scaling.type", GgufValue.Of("yarn")));
        Refused("llama.expert_count is '8'; only 0 is computed here", With("llama.expert_count", GgufValue.Of(8u)));
        Refused("llama.logit_scale is '0.5'; only 1 is computed here", With("llama.logit_scale", GgufValue.Of(0.5f)));
        Refused("llama.residual_gate is 1, and what it means is not known here", With("llama.residual_gate", GgufValue.Of(1u)));
        Refused("llama.attention.layer_norm_rms_epsilon is missing", Without("llama.attention.layer_norm_rms_epsilon"));
        Refused("its shape is [64, 48]; by its metadata it is [65, 48]", With("llama.feed_forward_length", GgufValue.Of(65u)));
        Refused(
            "tensor 'blk.0.attn_q.bias': it is no part of the Llama that is computed here",
            Metadata,
            new GgufEntry("blk.0.attn_q.bias", GgmlTypes.Of(SafetensorsDtype.F32)!, [48], stream => stream.Write(new byte[192]))
        );

        static KeyValuePair<string, GgufValue>[] Without(string key) => [.. Metadata.Where(entry => entry.Key != key)];
        static KeyValuePair<string, GgufValue>[] With(string key, GgufValue value) => [.. Without(key), new(key, value)];

        void Refused(string words, KeyValuePair<string, GgufValue>[] metadata, params GgufEntry[] more)
        {
            using ModelFile file = Gguf(metadata: metadata, more: more);
            Assert.Contains(
                words,
                Assert.Throws<ModelFormatException>(() => LlamaModel.Load(file, SmallModels.Catalog)).Message,
                StringComparison.Ordinal
            );
        }
    }
}
