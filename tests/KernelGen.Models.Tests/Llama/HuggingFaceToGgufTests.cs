using System.Runtime.InteropServices;
using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>A checkpoint of transformers as llama.cpp wants it.</summary>
public sealed class HuggingFaceToGgufTests : IDisposable
{
    private const int Hidden = 64,
        Heads = 4,
        KeyValueHeads = 2,
        HeadSize = 16,
        FeedForward = 96,
        Vocabulary = 256;

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private string Write(string type = "llama", string more = "", params SafetensorsEntry[] extra)
    {
        int seed = 0;
        SafetensorsEntry Half(string name, params long[] shape)
        {
            float[] values = SmallModels.Gaussian((int)shape.Aggregate(1L, (a, b) => a * b), ++seed);
            float scale = shape.Length == 1 ? 0.1f : 2 / MathF.Sqrt(shape[^1]),
                offset = shape.Length == 1 ? 1 : 0;
            ushort[] codes = [.. values.Select(value => (ushort)(BitConverter.SingleToUInt32Bits(offset + scale * value) >> 16))];
            return new(name, SafetensorsDtype.BF16, shape, stream => stream.Write(MemoryMarshal.AsBytes(codes.AsSpan())));
        }
        const string layer = "model.layers.0.";
        List<SafetensorsEntry> tensors =
        [
            Half("model.embed_tokens.weight", Vocabulary, Hidden),
            Half("model.norm.weight", Hidden),
            Half(layer + "self_attn.q_proj.weight", Heads * HeadSize, Hidden),
            Half(layer + "self_attn.k_proj.weight", KeyValueHeads * HeadSize, Hidden),
            Half(layer + "self_attn.v_proj.weight", KeyValueHeads * HeadSize, Hidden),
            Half(layer + "self_attn.o_proj.weight", Hidden, Heads * HeadSize),
            Half(layer + "mlp.gate_proj.weight", FeedForward, Hidden),
            Half(layer + "mlp.up_proj.weight", FeedForward, Hidden),
            Half(layer + "mlp.down_proj.weight", Hidden, FeedForward),
            Half(layer + "input_layernorm.weight", Hidden),
            Half(layer + "post_attention_layernorm.weight", Hidden),
            .. extra,
        ];
        SafetensorsWriter.Write(_scratch["model.safetensors"], tensors, overwrite: true);
        File.WriteAllText(
            _scratch["config.json"],
            $$"""
            {"model_type": "{{type}}", "hidden_size": {{Hidden}}, "intermediate_size": {{FeedForward}}, "num_hidden_layers": 1, "num_attention_heads": {{Heads}},
             "num_key_value_heads": {{KeyValueHeads}}, "vocab_size": {{Vocabulary}}, "rms_norm_eps": 1e-5, "rope_theta": 5000.0, "tie_word_embeddings": true,
             "max_position_embeddings": 128 {{more}}}
            """
        );
        return _scratch["model.safetensors"];
    }

    private static int[] Text => [.. Enumerable.Range(0, 70).Select(i => (i * 37 + i * i * 11) % Vocabulary)];

    private static double Loss(ModelFile file) => new LlamaEvaluation(LlamaModel.Load(file, SmallModels.Catalog), 50).Score(Text).Loss.Mean;

    private ModelFile Converted(ModelFile model, string? format)
    {
        ModelFile mapped = model.ForLlamaCpp();
        QuantizationPlan plan = format is null
            ? QuantizationPlan.Unchanged(mapped, ModelContainer.Gguf)
            : QuantizationPlan.Make(mapped, new() { Format = SmallModels.Catalog[format] }, ModelContainer.Gguf);
        new ModelWriter(mapped, plan.Tensors, plan.Container).Write(_scratch["out.gguf"], new() { Overwrite = true });
        return ModelFile.Open(_scratch["out.gguf"], SmallModels.Catalog);
    }

    [Theory]
    [InlineData("")]
    [InlineData(
        ", \"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 1, \"high_freq_factor\": 4, "
            + "\"original_max_position_embeddings\": 32}"
    )]
    [InlineData(", \"rope_scaling\": {\"type\": \"linear\", \"factor\": 3}")]
    public void The_loss_is_the_same_both_ways(string more)
    {
        using ModelFile model = ModelFile.Open(Write(more: more), SmallModels.Catalog);
        double loss = Loss(model);
        using ModelFile gguf = Converted(model, null);
        Assert.Equal(loss, Loss(gguf), 1e-6);
        Assert.All(gguf.Tensors, tensor => Assert.Equal(tensor.Shape.Count == 1 ? "F32" : "BF16", tensor.Storage.Name));
        if (more.Length > 0)
        {
            using ModelFile plain = ModelFile.Open(Write(), SmallModels.Catalog);
            Assert.True(Math.Abs(loss - Loss(plain)) > 1e-4, "the scaling changes nothing: the test could not fail");
        }
    }

    /// <summary>llama.cpp's convert_hf_to_gguf.py: reshape(heads, 2, half, columns).swapaxes(1, 2).</summary>
    [Fact]
    public void Rows_of_queries_and_keys_change_places_and_hyperparameters_are_llama_cpps()
    {
        using ModelFile model = ModelFile.Open(Write(), SmallModels.Catalog);
        using ModelFile gguf = Converted(model, null);
        foreach (
            (string ours, string theirs, bool turned) in new[]
            {
                ("q_proj", "attn_q", true),
                ("k_proj", "attn_k", true),
                ("v_proj", "attn_v", false),
            }
        )
        {
            float[] before = new TensorRows(model[$"model.layers.0.self_attn.{ours}.weight"]).ReadAll(),
                after = new TensorRows(gguf[$"blk.0.{theirs}.weight"]).ReadAll();
            for (int row = 0; row < after.Length / Hidden; row++)
            {
                int head = row / HeadSize,
                    place = row % HeadSize,
                    from = turned ? head * HeadSize + place % 2 * (HeadSize / 2) + place / 2 : row;
                Assert.Equal(before[(from * Hidden)..((from + 1) * Hidden)], after[(row * Hidden)..((row + 1) * Hidden)]);
            }
        }
        string[] expected =
        [
            "general.architecture llama",
            "general.file_type 32",
            "llama.attention.head_count 4",
            "llama.attention.head_count_kv 2",
            "llama.attention.key_length 16",
            "llama.attention.layer_norm_rms_epsilon 1E-05",
            "llama.attention.value_length 16",
            "llama.block_count 1",
            "llama.context_length 128",
            "llama.embedding_length 64",
            "llama.feed_forward_length 96",
            "llama.rope.dimension_count 16",
            "llama.rope.freq_base 5000",
            "llama.vocab_size 256",
            "tokenizer.ggml.model no_vocab",
        ];
        Assert.Equal(
            expected,
            gguf.Metadata.Where(entry =>
                    entry.Key is not ("general.type" or "general.name") && !entry.Key.StartsWith("safetensors", StringComparison.Ordinal)
                )
                .Select(entry => $"{entry.Key} {entry.Value}")
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Quantised_it_is_what_quantising_under_its_own_names_gives()
    {
        using ModelFile model = ModelFile.Open(Write(), SmallModels.Catalog);
        using ModelFile gguf = Converted(model, "q8_0");
        Assert.Equal("7", gguf.FindMetadata("general.file_type")!.ToString());
        ModelFile mapped = model.ForLlamaCpp();
        var verification = new ModelVerification(mapped, gguf) { Repack = true };
        Assert.All(verification.Names, name => Assert.Null(verification.Compare(name).Problem));
        Assert.Equal(Loss(model), Loss(gguf), 0.02);
        var rules = new QuantizationRules { Rules = [new(@"layers\.0\.mlp\.down_proj", SmallModels.Catalog["q4_0"])] };
        PlannedTensor ruled = QuantizationPlan
            .Make(mapped, rules, ModelContainer.Gguf)
            .Tensors.Single(tensor => !tensor.IsCopied && tensor.Source.Shape.Count == 2);
        Assert.Equal("blk.0.ffn_down.weight", ruled.Source.Name);
    }

    [Fact]
    public void Relatives_have_their_own_names_and_keep_their_rows()
    {
        SafetensorsEntry[] norms =
        [
            SmallModels.Singles("model.layers.0.self_attn.q_norm.weight", [HeadSize], SmallModels.Gaussian(HeadSize, 1)),
            SmallModels.Singles("model.layers.0.self_attn.k_norm.weight", [HeadSize], SmallModels.Gaussian(HeadSize, 2)),
        ];
        using ModelFile model = ModelFile.Open(
            Write("qwen3", ", \"head_dim\": 16, \"use_sliding_window\": false", norms),
            SmallModels.Catalog
        );
        using ModelFile gguf = Converted(model, null);
        Assert.Equal("qwen3", gguf.FindMetadata("general.architecture")!.ToString());
        Assert.Equal("1", gguf.FindMetadata("qwen3.block_count")!.ToString());
        Assert.Equal(SmallModels.Gaussian(HeadSize, 2), new TensorRows(gguf["blk.0.attn_k_norm.weight"]).ReadAll());
        Assert.Equal(SmallModels.Bytes(model["model.layers.0.self_attn.q_proj.weight"]), SmallModels.Bytes(gguf["blk.0.attn_q.weight"]));
        using ModelFile mistral = ModelFile.Open(Write("mistral", ", \"sliding_window\": null"), SmallModels.Catalog);
        using ModelFile asLlama = Converted(mistral, null);
        Assert.Equal("llama", asLlama.FindMetadata("general.architecture")!.ToString());
        Assert.Equal(Loss(mistral), Loss(asLlama), 1e-6);
    }

    [Theory]
    [InlineData("mamba", "", "model_type is 'mamba'; llama, mistral, qwen2, qwen3, gemma2, gemma3_text, phi3 are written")]
    [InlineData("llama", ", \"attention_bias\": true", "attention_bias is true")]
    [InlineData("qwen2", "", "'model.layers.0.self_attn.q_proj.bias': it is missing")]
    [InlineData("mistral", ", \"sliding_window\": 64", "sliding_window is 64")]
    public void What_is_not_understood_is_refused_by_name(string type, string more, string words)
    {
        using ModelFile model = ModelFile.Open(Write(type, more), SmallModels.Catalog);
        Assert.Contains(words, Assert.Throws<ModelFormatException>(() => model.ForLlamaCpp()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_that_has_no_name_is_refused()
    {
        using ModelFile model = ModelFile.Open(
            Write(extra: SmallModels.Singles("model.layers.0.self_attn.gate.weight", [4], new float[4])),
            SmallModels.Catalog
        );
        Assert.Contains(
            "'model.layers.0.self_attn.gate.weight': it is no tensor of llama",
            Assert.Throws<ModelFormatException>(() => model.ForLlamaCpp()).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Tokenizers_are_carried_over(bool pieces)
    {
        string kind = pieces ? "\"byte_fallback\": true" : "\"byte_fallback\": false";
        File.WriteAllText(
            _scratch["tokenizer.json"],
            $$$"""
            {"added_tokens": [{"id": 5, "content": "<|eot|>", "special": true}, {"id": 6, "content": "<tool>", "special": false}],
             "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
             "model": {"type": "BPE", {{{kind}}}, "vocab": {"a": 0, "b": 1, "ab": 2, "abab": 3, "<0x0A>": 4}, "merges": ["a b", ["ab", "ab"]]}}
            """
        );
        File.WriteAllText(
            _scratch["tokenizer_config.json"],
            """{"eos_token": "<|eot|>", "bos_token": {"content": "a"}, "add_bos_token": false, "chat_template": "{{x}}"}"""
        );
        Dictionary<string, GgufValue> found = GgufTokenizer.Of(Path.GetDirectoryName(_scratch["x"])!, 8).ToDictionary();
        Assert.Equal(pieces ? "llama" : "gpt2", found["tokenizer.ggml.model"].AsString());
        Assert.Equal(pieces ? "default" : "gpt-2", found["tokenizer.ggml.pre"].AsString());
        Assert.Equal(
            ["a", "b", "ab", "abab", "<0x0A>", "<|eot|>", "<tool>", "[PAD7]"],
            found["tokenizer.ggml.tokens"].Elements().Select(token => token.AsString())
        );
        Assert.Equal([1, 1, 1, 1, pieces ? 6 : 1, 3, 4, 5], found["tokenizer.ggml.token_type"].Elements().Select(type => type.AsInteger()));
        if (pieces)
        {
            Assert.Equal([-2, -2, 0, -1, 0, 0, 0, 0], found["tokenizer.ggml.scores"].Elements().Select(score => score.AsNumber()));
        }
        else
        {
            Assert.Equal(["a b", "ab ab"], found["tokenizer.ggml.merges"].Elements().Select(merge => merge.AsString()));
        }
        Assert.Equal(
            (5, 0, false, "{{x}}"),
            (
                found["tokenizer.ggml.eos_token_id"].AsInteger(),
                found["tokenizer.ggml.bos_token_id"].AsInteger(),
                found["tokenizer.ggml.add_bos_token"].AsBool(),
                found["tokenizer.chat_template"].AsString()
            )
        );
    }

    [Theory]
    [InlineData("{\"model\": {\"type\": \"Unigram\", \"vocab\": [[\"a\", 0]]}}", "its model is Unigram")]
    [InlineData("{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 9}}}", "token 'a' is 9; the model has 8 tokens")]
    [InlineData(
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {}}, \"pre_tokenizer\": {\"type\": \"Metaspace\"}}",
        "text is cut by Metaspace"
    )]
    public void Tokenizers_of_other_kinds_are_refused(string json, string words)
    {
        File.WriteAllText(_scratch["tokenizer.json"], json);
        string folder = Path.GetDirectoryName(_scratch["x"])!;
        Assert.Contains(words, Assert.Throws<ModelFormatException>(() => GgufTokenizer.Of(folder, 8)).Message, StringComparison.Ordinal);
    }
}
