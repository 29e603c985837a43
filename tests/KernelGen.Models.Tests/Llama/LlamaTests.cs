using System.Text;
using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>The forward pass against a second one in double precision, written from the formulas, one position after the other.</summary>
public sealed class LlamaTests : IDisposable
{
    private const int Hidden = 64,
        Heads = 4,
        KeyValueHeads = 2,
        HeadSize = 16,
        FeedForward = 96,
        Vocabulary = 256,
        Layers = 2;

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private static string Config(bool tied) =>
        $$"""
            {"model_type":"llama","hidden_size":{{Hidden}},"intermediate_size":{{FeedForward}},"num_hidden_layers":{{Layers}},"num_attention_heads":{{Heads}},
             "num_key_value_heads":{{KeyValueHeads}},"vocab_size":{{Vocabulary}},"rms_norm_eps":1e-5,"rope_theta":500.0,"tie_word_embeddings":{{(
                tied ? "true" : "false"
            )}},
             "hidden_act":"silu","rope_scaling":null,"max_position_embeddings":128}
            """;

    private static IEnumerable<(string Name, long[] Shape)> Shapes(bool tied)
    {
        yield return ("model.embed_tokens.weight", [Vocabulary, Hidden]);
        if (!tied)
        {
            yield return ("lm_head.weight", [Vocabulary, Hidden]);
        }
        yield return ("model.norm.weight", [Hidden]);
        for (int layer = 0; layer < Layers; layer++)
        {
            string prefix = $"model.layers.{layer}.";
            yield return (prefix + "self_attn.q_proj.weight", [Heads * HeadSize, Hidden]);
            yield return (prefix + "self_attn.k_proj.weight", [KeyValueHeads * HeadSize, Hidden]);
            yield return (prefix + "self_attn.v_proj.weight", [KeyValueHeads * HeadSize, Hidden]);
            yield return (prefix + "self_attn.o_proj.weight", [Hidden, Heads * HeadSize]);
            yield return (prefix + "mlp.gate_proj.weight", [FeedForward, Hidden]);
            yield return (prefix + "mlp.up_proj.weight", [FeedForward, Hidden]);
            yield return (prefix + "mlp.down_proj.weight", [Hidden, FeedForward]);
            yield return (prefix + "input_layernorm.weight", [Hidden]);
            yield return (prefix + "post_attention_layernorm.weight", [Hidden]);
        }
    }

    private string Write(bool tied)
    {
        int seed = 0;
        SafetensorsWriter.Write(
            _scratch["model.safetensors"],
            Shapes(tied)
                .Select(tensor =>
                {
                    float[] values = SmallModels.Gaussian((int)tensor.Shape.Aggregate(1L, (a, b) => a * b), ++seed);
                    float scale = tensor.Shape.Length == 1 ? 0.1f : 2f / MathF.Sqrt(tensor.Shape[^1]),
                        offset = tensor.Shape.Length == 1 ? 1 : 0;
                    return SmallModels.Singles(tensor.Name, tensor.Shape, [.. values.Select(value => offset + scale * value)]);
                }),
            overwrite: true
        );
        File.WriteAllText(_scratch["config.json"], Config(tied));
        return _scratch["model.safetensors"];
    }

    private static int[] Text(int length) => [.. Enumerable.Range(0, length).Select(i => (i * 37 + i * i * 11) % Vocabulary)];

    private static float[] Logits(LlamaModel model, int[] tokens)
    {
        var all = new float[tokens.Length * Vocabulary];
        model.Read(tokens, (first, count, logits) => logits.CopyTo(all.AsMemory(first * Vocabulary)));
        return all;
    }

    private static void RequireSame(ModelFile file, int[] tokens)
    {
        double[] expected = NaiveLlama.Logits(file, tokens, Hidden, Layers, Heads, KeyValueHeads, HeadSize, Vocabulary, 1e-5, 500);
        float[] actual = Logits(LlamaModel.Load(file, SmallModels.Catalog), tokens);
        double scale = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual[i]) < 2e-5 * scale,
                $"position {i / Vocabulary}, token {i % Vocabulary}: {actual[i]} for {expected[i]}"
            );
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Logits_are_those_of_the_formulas(bool tied)
    {
        using ModelFile file = ModelFile.Open(Write(tied), SmallModels.Catalog);
        RequireSame(file, Text(70)); // more than the positions whose logits are computed at a time
    }

    [Theory]
    [InlineData("mixed.safetensors")]
    [InlineData("mixed.gguf")]
    public void A_mix_of_formats_is_computed_as_its_values_are(string output)
    {
        bool gguf = output.EndsWith("gguf", StringComparison.Ordinal);
        using ModelFile file = ModelFile.Open(Write(tied: false), SmallModels.Catalog);
        CompressedFormat Format(string name) => SmallModels.Catalog[name];
        QuantizationPlan plan = QuantizationPlan.Make(
            file,
            new()
            {
                Format = Format("q8_0"),
                Rules =
                [
                    new("lm_head", Format("bf16")),
                    new("embed", Format(gguf ? "q5_1" : "nvfp4")),
                    new("v_proj", Format("f16")),
                    new("o_proj", null),
                    new(@"layers\.1\.mlp", Format(gguf ? "iq4_nl" : "int4-hadamard")),
                    new("k_proj", Format(gguf ? "q4_1" : "sparse24-int4")),
                ],
            },
            ModelContainers.Of(output)!.Value
        );
        new ModelWriter(file, plan.Tensors, plan.Container).Write(_scratch[output], new());
        File.Delete(_scratch["config.json"]); // the written file carries it
        using ModelFile mixed = ModelFile.Open(_scratch[output], SmallModels.Catalog);
        Assert.True(mixed.Tensors.Select(tensor => tensor.Storage.Name).Distinct().Count() >= 6);
        RequireSame(mixed, Text(33));
    }

    [Fact]
    public void Loss_is_that_of_the_logits_and_differences_are_paired()
    {
        using ModelFile file = ModelFile.Open(Write(tied: false), SmallModels.Catalog);
        var model = LlamaModel.Load(file, SmallModels.Catalog);
        int[] tokens = Text(60);
        LlamaScore score = new LlamaEvaluation(model, 25, model).Score(tokens);
        List<double> losses = [];
        foreach (int start in new[] { 0, 25, 50 })
        {
            int count = Math.Min(25, 59 - start);
            double[] logits = NaiveLlama.Logits(
                file,
                tokens[start..(start + count)],
                Hidden,
                Layers,
                Heads,
                KeyValueHeads,
                HeadSize,
                Vocabulary,
                1e-5,
                500
            );
            losses.AddRange(
                Enumerable
                    .Range(0, count)
                    .Select(i =>
                        Math.Log(logits.Skip(i * Vocabulary).Take(Vocabulary).Sum(Math.Exp))
                        - logits[i * Vocabulary + tokens[start + i + 1]]
                    )
            );
        }
        Assert.Equal(59, score.Loss.Count);
        Assert.Equal(losses.Average(), score.Loss.Mean, 1e-3);
        double deviation = Math.Sqrt(losses.Sum(loss => Math.Pow(loss - losses.Average(), 2)) / 58);
        Assert.Equal(deviation / Math.Sqrt(59), score.Loss.StandardError, 1e-3);
        Assert.Equal(Math.Exp(score.Loss.Mean), score.Perplexity, 1e-9);
        Assert.Equal((0, 0), (score.Difference!.Value.Mean, score.Divergence!.Value.Mean));
    }

    [Fact]
    public void Noise_measures_each_matrix_and_leaves_the_model_as_it_was()
    {
        using ModelFile file = ModelFile.Open(Write(tied: true), SmallModels.Catalog);
        var model = LlamaModel.Load(file, SmallModels.Catalog);
        float[] before = Logits(model, Text(20));
        // A text that the model itself finds likely, so that noise can only hurt.
        List<int> likely = [5];
        while (likely.Count < 40)
        {
            float[] logits = Logits(model, [.. likely]);
            ReadOnlySpan<float> last = logits.AsSpan(^Vocabulary..);
            likely.Add(last.IndexOf(last.ToArray().Max()));
        }
        IReadOnlyList<KeyValuePair<string, double>> found = new NoiseSensitivity(model, SmallModels.Catalog, 40).Measure([.. likely]);
        Assert.Equal(model.Matrices.Count, found.Count);
        Assert.True(found.Count(entry => entry.Value > 0) > found.Count / 2);
        Assert.Equal(before, Logits(model, Text(20)));
    }

    [Fact]
    public void Wrong_hyper_parameters_are_named()
    {
        Write(tied: false);
        Refused(Config(false).Replace("\"hidden_size\":64", "\"hidden_size\":0"), "hidden_size is 0; it is a whole number from 1");
        Refused(Config(false).Replace("\"rope_scaling\":null", "\"rope_scaling\":{\"type\":\"yarn\",\"factor\":4}"), "rope_type is 'yarn'");
        Refused(Config(false).Replace("\"llama\"", "\"gpt2\""), "model_type is \"gpt2\"; only \"llama\"");
        Refused(
            Config(false).Replace("\"num_key_value_heads\":2", "\"num_key_value_heads\":3"),
            "num_key_value_heads is 3, which does not divide num_attention_heads 4"
        );
        Refused(
            Config(false).Replace("\"intermediate_size\":96", "\"intermediate_size\":97"),
            "its shape is [96, 64]; by config.json it is [97, 64]"
        );
        Refused(
            Config(false).Replace("\"num_hidden_layers\":2", "\"num_hidden_layers\":3"),
            "tensor 'model.layers.2.input_layernorm.weight': it is missing. Did you mean"
        );
        Refused("{", "config.json is malformed");
        File.Delete(_scratch["config.json"]);
        using ModelFile file = ModelFile.Open(_scratch["model.safetensors"], SmallModels.Catalog);
        Assert.Contains(
            "it has no hyper-parameters",
            Assert.Throws<ModelFormatException>(() => LlamaModel.Load(file, SmallModels.Catalog)).Message,
            StringComparison.Ordinal
        );

        void Refused(string config, string words)
        {
            File.WriteAllText(_scratch["config.json"], config);
            using ModelFile file = ModelFile.Open(_scratch["model.safetensors"], SmallModels.Catalog);
            Assert.Contains(
                words,
                Assert.Throws<ModelFormatException>(() => LlamaModel.Load(file, SmallModels.Catalog)).Message,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public void Byte_level_merges_are_followed()
    {
        const string vocabulary = """{"a":0,"b":1,"ab":2,"Ġ":3,"Ġab":4,"Ċ":5,"Ã":6,"©":7,"Ġa":9,"ba":10,"<":11,"|":12,"e":13,">":14}""";
        string Tokenizer(string pre) =>
            $$$"""
                {"added_tokens":[{"id":8,"content":"<|e|>","special":true}],"pre_tokenizer":{{{pre}}},"normalizer":null,
                 "model":{"type":"BPE","vocab":{{{vocabulary}}},"merges":["a b",["Ġ","a"],"Ġ ab","b a"]}}
                """;
        string path = _scratch.Write(
            "tokenizer.json",
            Encoding.UTF8.GetBytes(Tokenizer("""{"type":"ByteLevel","add_prefix_space":false}"""))
        );
        var read = KernelGen.Models.Vocabulary.Read(path);
        // "aba" merges a b first, though "ba" is a token too; é is two bytes; a space belongs to the word behind it.
        Assert.Equal([2, 0, 4, 5, 6, 7, 8, 2, 9, 3, 1], read.Encode("aba ab\né<|e|>ab a b"u8));
        Assert.Contains(
            "no token is byte 0x78, at byte 2",
            Assert.Throws<ModelFormatException>(() => read.Encode("abx"u8)).Message,
            StringComparison.Ordinal
        );
        Refused("its BPE is over pieces", Tokenizer("null"));
        Refused("adds a space in front", Tokenizer("""{"type":"ByteLevel","add_prefix_space":true}"""));
        Refused("its model is WordPiece", """{"model":{"type":"WordPiece","vocab":{"a":0}}}""");
        Refused("its Unigram model has no unk_id", """{"model":{"type":"Unigram","vocab":[["<unk>",0.0]]}}""");
        Refused(
            "its normalizer is Lowercase",
            """{"normalizer":{"type":"Lowercase"},"model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0.0]]}}"""
        );

        void Refused(string words, string json)
        {
            File.WriteAllText(path, json);
            Assert.Contains(
                words,
                Assert.Throws<ModelFormatException>(() => KernelGen.Models.Vocabulary.Read(path)).Message,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public void Unigram_takes_the_pieces_of_the_highest_sum_of_scores()
    {
        string path = _scratch.Write(
            "tokenizer.json",
            Encoding.UTF8.GetBytes(
                """
                {"added_tokens":[{"id":0,"content":"<unk>","special":true}],"normalizer":null,
                 "pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"},
                 "model":{"type":"Unigram","unk_id":0,
                          "vocab":[["<unk>",0],["▁a",-2],["▁",-3],["a",-3],["b",-3],["ab",-3.5],["▁ab",-6]]}}
                """
            )
        );
        // "▁a" and "b" have −5, "▁ab" alone −6, "▁" and "ab" −6.5
        Assert.Equal([1, 4, 1, 4, 4], KernelGen.Models.Vocabulary.Read(path).Encode("ab abb"u8));
    }

    [Fact]
    public void Tokens_without_a_tokenizer_are_bytes_of_a_vocabulary_of_bytes_alone()
    {
        string path = new TinyCheckpoint("llama") { Tokens = 320 }.Write(_scratch["many"]);
        File.Delete(Path.Combine(_scratch["many"], "tokenizer.json"));
        using ModelFile many = ModelFile.Open(path, SmallModels.Catalog);
        string message = Assert.Throws<ModelFormatException>(() => KernelGen.Models.Vocabulary.Of(many, 320)).Message;
        Assert.Contains("it has 320 tokens and no tokenizer", message, StringComparison.Ordinal);
        Assert.Equal([97, 195, 169], KernelGen.Models.Vocabulary.Of(many, 256).Encode("aé"u8));
    }

    [Fact]
    public void A_vocabulary_cuts_into_the_longest_tokens()
    {
        string path = _scratch.Write("vocab.json", Encoding.UTF8.GetBytes("""{"model":{"vocab":{"a":0,"ab":1,"abc":2,"b":3,"é":4}}}"""));
        Assert.Equal([2, 1, 3, 0, 4], KernelGen.Models.Vocabulary.Read(path).Encode("abcabbaé"u8));
        Assert.Contains(
            "no token begins 'x', at character 2",
            Assert.Throws<ModelFormatException>(() => KernelGen.Models.Vocabulary.Read(path).Encode("abx"u8)).Message,
            StringComparison.Ordinal
        );
        Assert.Equal([195, 169, 97], KernelGen.Models.Vocabulary.Bytes.Encode("éa"u8));
    }
}
