using System.Text.Json;
using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>Every architecture that is known, from transformers to llama.cpp and back.</summary>
public sealed class ArchitectureTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    public static TheoryData<string, SafetensorsDtype> All()
    {
        var all = new TheoryData<string, SafetensorsDtype>();
        foreach (DecoderArchitecture architecture in DecoderArchitecture.All)
        {
            foreach (SafetensorsDtype dtype in new[] { SafetensorsDtype.F32, SafetensorsDtype.F16, SafetensorsDtype.BF16 })
            {
                all.Add(architecture.ModelType, dtype);
            }
        }
        return all;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_way_there_and_back_is_exact(string type, SafetensorsDtype dtype)
    {
        using ModelFile model = ModelFile.Open(new TinyCheckpoint(type, dtype).Write(_scratch["in"]), SmallModels.Catalog);
        using ModelFile gguf = Written(model.ForLlamaCpp(), "out.gguf", ModelContainer.Gguf);
        Assert.All(gguf.Tensors.Where(tensor => tensor.Shape.Count == 1), tensor => Assert.Equal("F32", tensor.Storage.Name));
        using ModelFile back = Written(gguf.ForTransformers(), "out.safetensors", ModelContainer.Safetensors);
        Assert.Equal(model.Tensors.Select(tensor => tensor.Name).Order(), back.Tensors.Select(tensor => tensor.Name).Order());
        Assert.All(model.Tensors, tensor =>
        {
            ModelTensor other = back[tensor.Name];
            Assert.Equal((tensor.ShapeText, tensor.Storage), (other.ShapeText, other.Storage));
            Assert.Equal(SmallModels.Bytes(tensor), SmallModels.Bytes(other));
        });
        Assert.Equal(File.ReadAllText(_scratch["in/config.json"]), LlamaConfig.TextOf(back));

        // the tokenizer goes along, and a second way there gives the same file
        using ModelFile again = Written(back.ForLlamaCpp(), "again.gguf", ModelContainer.Gguf);
        Assert.Equal(gguf.FindMetadata("tokenizer.ggml.tokens")!.ToString(), again.FindMetadata("tokenizer.ggml.tokens")!.ToString());
        Assert.Equal(gguf.Metadata.Select(entry => entry.Key).Order(), again.Metadata.Select(entry => entry.Key).Order());
    }

    [Theory]
    [InlineData("llama", "")]
    [InlineData("llama", ", \"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 2.5}")]
    [InlineData(
        "llama",
        ", \"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 1, "
            + "\"high_freq_factor\": 4, \"original_max_position_embeddings\": 8192}"
    )]
    [InlineData("qwen2", "")]
    [InlineData("qwen3", "")]
    [InlineData("gemma2", "")]
    [InlineData("gemma3_text", "")]
    [InlineData("phi3", "")]
    public void A_configuration_is_written_from_metadata_alone(string type, string more)
    {
        using ModelFile model = ModelFile.Open(new TinyCheckpoint(type) { More = more }.Write(_scratch["in"]), SmallModels.Catalog);
        using ModelFile gguf = Foreign(model.ForLlamaCpp());
        ModelFile back = gguf.ForTransformers();
        DecoderArchitecture architecture = DecoderArchitecture.Of(type)!;
        LlamaConfig before = LlamaConfig.Parse(LlamaConfig.TextOf(model)!, "", architecture),
            after = LlamaConfig.Parse(LlamaConfig.TextOf(back)!, "", architecture);
        Assert.Equal(before.Own, after.Own);
        Assert.Equal(before, after with { Own = before.Own });
        using JsonDocument config = JsonDocument.Parse(LlamaConfig.TextOf(back)!);
        Assert.Equal(architecture.ClassName, config.RootElement.GetProperty("architectures")[0].GetString());
        Assert.Equal("float32", config.RootElement.GetProperty("torch_dtype").GetString());
    }

    [Theory]
    [InlineData(
        "gemma2",
        "\"query_pre_attn_scalar\": 64",
        "\"query_pre_attn_scalar\": 32",
        "query_pre_attn_scalar is 32; llama.cpp computes 64"
    )]
    [InlineData("gemma2", "\"attn_logit_softcapping\": 50.0", "\"attn_logit_softcapping\": null", "attn_logit_softcapping is missing")]
    [InlineData("gemma2", "gelu_pytorch_tanh", "gelu", "hidden_activation is \"gelu\"; only \"gelu_pytorch_tanh\"")]
    [InlineData("gemma2", "\"head_dim\": 64,", "", "head_dim is missing")]
    [InlineData("gemma3_text", "10000", "5000", "rope_local_base_freq is 5000; llama.cpp computes 10000")]
    [InlineData("gemma3_text", "\"sliding_window_pattern\": 6", "\"sliding_window_pattern\": 2", "sliding_window_pattern is 2")]
    [InlineData("gemma3_text", "[\"sliding_attention\", ", "[\"full_attention\", ", "layer_types is")]
    [InlineData(
        "gemma3_text",
        "\"sliding_window\": 32",
        "\"sliding_window\": 32, \"tie_word_embeddings\": false",
        "tie_word_embeddings is false"
    )]
    [InlineData("phi3", "\"rope_scaling\": null", "\"rope_scaling\": {\"type\": \"longrope\"}", "rope_type is 'longrope'")]
    [InlineData("phi3", "\"rope_scaling\": null", "\"partial_rotary_factor\": 0.75", "partial_rotary_factor is 0.75")]
    public void What_llama_cpp_does_not_compute_is_refused(string type, string have, string instead, string words)
    {
        string path = new TinyCheckpoint(type).Write(_scratch["in"]),
            config = File.ReadAllText(_scratch["in/config.json"]);
        Assert.Contains(have, config, StringComparison.Ordinal);
        File.WriteAllText(_scratch["in/config.json"], config.Replace(have, instead, StringComparison.Ordinal));
        using ModelFile model = ModelFile.Open(path, SmallModels.Catalog);
        Assert.Contains(words, Assert.Throws<ModelFormatException>(() => model.ForLlamaCpp()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_transformers_has_no_name_for_is_refused_by_name()
    {
        using ModelFile model = ModelFile.Open(new TinyCheckpoint("llama").Write(_scratch["in"]), SmallModels.Catalog);
        ModelFile gguf = model.ForLlamaCpp();
        Refused(
            With([.. gguf.Tensors, gguf.Tensors[0].Renamed("blk.0.attn_sinks.weight", null)], gguf.Metadata),
            "'blk.0.attn_sinks.weight': it is no"
        );
        Refused(
            With([.. gguf.Tensors.Where(one => one.Name != "blk.1.ffn_up.weight")], gguf.Metadata),
            "'blk.1.ffn_up.weight': it is missing"
        );
        Refused(
            With(
                gguf.Tensors,
                [.. gguf.Metadata.Where(entry => entry.Key != "general.architecture"), new("general.architecture", GgufValue.Of("bert"))]
            ),
            "general.architecture is 'bert'; llama, qwen2, qwen3, gemma2, gemma3, phi3 have"
        );
        Refused(With(gguf.Tensors, [.. gguf.Metadata, new("llama.expert_count", GgufValue.Of(8u))]), "llama.expert_count is '8'");
        byte[] odd = [.. Enumerable.Range(1, 32).SelectMany(i => BitConverter.GetBytes((float)i))];
        TensorStorage singles = TensorStorage.Of(SafetensorsDtype.F32);
        var factors = new ModelTensor("rope_freqs.weight", [32], singles, odd.Length, ByteSource.Of(odd, model.Path), 0);
        Refused(With([.. gguf.Tensors, factors], gguf.Metadata), "'rope_freqs.weight': they are not those of llama3 scaling");

        ModelFile With(IReadOnlyList<ModelTensor> tensors, IReadOnlyList<KeyValuePair<string, GgufValue>> metadata) =>
            new(model.Path, "GGUF v3", tensors, metadata, []);
        static void Refused(ModelFile one, string words) =>
            Assert.Contains(words, Assert.Throws<ModelFormatException>(() => one.ForTransformers()).Message, StringComparison.Ordinal);
    }

    /// <summary>llama.cpp's converter: data_torch + 1.</summary>
    [Fact]
    public void Norms_of_a_gemma_are_one_larger_and_the_fused_matrices_of_a_phi_keep_their_rows()
    {
        using ModelFile gemma = ModelFile.Open(new TinyCheckpoint("gemma3_text").Write(_scratch["g"]), SmallModels.Catalog);
        ModelFile mapped = gemma.ForLlamaCpp();
        foreach (
            (string theirs, string ours) in new[]
            {
                ("blk.1.post_attention_norm", "model.layers.1.post_attention_layernorm"),
                ("blk.1.ffn_norm", "model.layers.1.pre_feedforward_layernorm"),
                ("blk.1.post_ffw_norm", "model.layers.1.post_feedforward_layernorm"),
                ("blk.1.attn_k_norm", "model.layers.1.self_attn.k_norm"),
                ("output_norm", "model.norm"),
            }
        )
        {
            Assert.Equal(
                new TensorRows(gemma[ours + ".weight"]).ReadAll().Select(value => value + 1),
                new TensorRows(mapped[theirs + ".weight"]).ReadAll()
            );
        }
        Assert.Equal("32", mapped.FindMetadata("gemma3.attention.sliding_window")!.ToString());
        using ModelFile phi = ModelFile.Open(new TinyCheckpoint("phi3").Write(_scratch["p"]), SmallModels.Catalog);
        ModelFile fused = phi.ForLlamaCpp();
        Assert.Equal(SmallModels.Bytes(phi["model.layers.1.self_attn.qkv_proj.weight"]), SmallModels.Bytes(fused["blk.1.attn_qkv.weight"]));
        Assert.Equal(SmallModels.Bytes(phi["model.layers.0.mlp.gate_up_proj.weight"]), SmallModels.Bytes(fused["blk.0.ffn_up.weight"]));
        Assert.Equal("0", fused.FindMetadata("phi3.attention.sliding_window")!.ToString());
    }

    private ModelFile Written(ModelFile model, string name, ModelContainer container)
    {
        new ModelWriter(model, QuantizationPlan.Unchanged(model, container).Tensors, container).Write(_scratch[name], new());
        return ModelFile.Open(_scratch[name], SmallModels.Catalog);
    }

    /// <summary>A GGUF file as others write it, without our copy of config.json.</summary>
    private ModelFile Foreign(ModelFile model) =>
        Written(
            new(model.Path, "GGUF v3", model.Tensors, [.. model.Metadata.Where(entry => !entry.Key.StartsWith("safetensors."))], []),
            "foreign.gguf",
            ModelContainer.Gguf
        );
}
