using System.Diagnostics;
using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>What config.json says is computed, or refused by name.</summary>
public sealed class LlamaConfigTests : IDisposable
{
    private const string Sizes = """
        "model_type": "llama", "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 1, "num_attention_heads": 4,
        "vocab_size": 256, "max_position_embeddings": 512
        """;

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private static LlamaConfig Parse(string more) => LlamaConfig.Parse($"{{{Sizes}{(more.Length > 0 ? ", " + more : "")}}}", "model");

    [Fact]
    public void The_parameters_of_transformers_5_are_those_of_before()
    {
        Assert.Equal(
            Parse("\"rope_theta\": 500000.0"),
            Parse("\"rope_parameters\": {\"rope_theta\": 500000.0, \"rope_type\": \"default\"}")
        );
        const string scaling =
            "{\"rope_type\": \"llama3\", \"factor\": 8.0, \"high_freq_factor\": 4.0, \"low_freq_factor\": 1.0, "
            + "\"original_max_position_embeddings\": 8192";
        LlamaConfig old = Parse($"\"rope_theta\": 500000.0, \"rope_scaling\": {scaling}}}");
        Assert.Equal(old, Parse($"\"rope_parameters\": {scaling}, \"rope_theta\": 500000.0}}"));
        Assert.Equal(new RotaryScaling(8, 1, 4, 8192), old.RopeScaling);
        Assert.Equal(new RotaryScaling(2), Parse("\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2}").RopeScaling);
    }

    /// <summary>Numbers worked out by hand from the formula: 64 dimensions, base 500,000, factor 8, 1 and 4 of 8192.</summary>
    [Fact]
    public void Frequencies_are_stretched_as_Llama_3_does()
    {
        LlamaConfig config = Parse(
            "\"head_dim\": 64, \"rope_parameters\": {\"rope_theta\": 500000, \"rope_type\": \"llama3\", \"factor\": 8, "
                + "\"high_freq_factor\": 4, \"low_freq_factor\": 1, \"original_max_position_embeddings\": 8192}"
        );
        double[] frequencies = RotaryTable.Frequencies(config);
        double Plain(int i) => Math.Pow(500_000, -2.0 * i / 64);
        Assert.Equal(1, frequencies[0]); // 6.28 tokens a turn: kept
        Assert.Equal(Plain(14), frequencies[14], 1e-15); // 1956 tokens, below 8192 / 4
        // 2948.3 tokens: 8192/2948.3 = 2.77855, smooth = (2.77855 − 1)/3 = .59285, (1 − .59285)/8 + .59285 = .64374
        Assert.Equal(0.64374, frequencies[15] / Plain(15), 2e-5);
        Assert.Equal(Plain(18) / 8, frequencies[18], 1e-15); // 10,092 tokens: above 8192
        Assert.Equal(Plain(31) / 8, frequencies[31], 1e-15);
    }

    [Theory]
    [InlineData("\"partial_rotary_factor\": 0.5", "partial_rotary_factor is 0.5; only 1 is computed")]
    [InlineData("\"rope_parameters\": {\"partial_rotary_factor\": 0.5}", "partial_rotary_factor of rotary embeddings is 0.5")]
    [InlineData("\"rope_parameters\": {\"rope_type\": \"yarn\", \"factor\": 4}", "rope_type is 'yarn'")]
    [InlineData("\"rope_parameters\": {\"full_attention\": {}}", "full_attention of rotary embeddings is {}")]
    [InlineData("\"rope_scaling\": {\"type\": \"linear\"}", "factor of rotary embeddings is missing")]
    [InlineData("\"sliding_window\": 128", "sliding_window is 128, and what it means is not known")]
    [InlineData("\"layer_types\": [\"full_attention\", \"sliding_attention\"]", "layer_types is")]
    [InlineData("\"attention_bias\": true", "attention_bias is true; only false is computed")]
    [InlineData("\"mlp_bias\": true", "mlp_bias is true; only false is computed")]
    [InlineData("\"hidden_act\": \"gelu\"", "hidden_act is \"gelu\"; only \"silu\"")]
    [InlineData("\"embedding_multiplier\": 12.0", "embedding_multiplier is 12.0; only 1 is computed")]
    [InlineData("\"quantization_config\": {}", "quantization_config is {}, and what it means is not known")]
    [InlineData("\"num_attention_heads\": 5", "num_attention_heads is 5, which does not divide hidden_size 64")]
    [InlineData("\"head_dim\": 15", "head_dim is 15; rotary embeddings need an even one")]
    [InlineData("\"a_new_gate\": true", "a_new_gate is true, and what it means is not known here")]
    public void What_changes_the_arithmetic_is_refused_by_name(string more, string words) =>
        Assert.Contains(words, Assert.Throws<ModelFormatException>(() => Parse(more)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"sliding_window\": null")]
    [InlineData("\"sliding_window\": 512")]
    [InlineData("\"sliding_window\": 128, \"use_sliding_window\": false")]
    [InlineData("\"layer_types\": [\"full_attention\"]")]
    [InlineData("\"partial_rotary_factor\": 1.0, \"a_new_gate\": null, \"rope_scaling\": null")]
    [InlineData("\"architectures\": [\"LlamaForCausalLM\"], \"torch_dtype\": \"bfloat16\", \"attention_dropout\": 0.1")]
    public void What_changes_nothing_is_passed_over(string more) => Assert.Equal(Parse(""), Parse(more));

    [Fact]
    public void Absurd_layer_counts_end_at_the_first_that_is_missing()
    {
        SafetensorsWriter.Write(
            _scratch["model.safetensors"],
            [
                SmallModels.Singles("model.embed_tokens.weight", [256, 64], new float[256 * 64]),
                SmallModels.Singles("model.norm.weight", [64], new float[64]),
            ],
            new Dictionary<string, string>
            {
                ["config.json"] =
                    $"{{{Sizes.Replace("\"num_hidden_layers\": 1", "\"num_hidden_layers\": 16777216", StringComparison.Ordinal)}, "
                    + $"\"tie_word_embeddings\": true}}",
            }
        );
        using ModelFile file = ModelFile.Open(_scratch["model.safetensors"], SmallModels.Catalog);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains(
            "'model.layers.0.input_layernorm.weight': it is missing",
            Assert.Throws<ModelFormatException>(() => LlamaModel.Load(file, SmallModels.Catalog)).Message,
            StringComparison.Ordinal
        );
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10 << 20);
    }

    [Fact]
    public void Tokens_are_found_in_linear_time()
    {
        var tokens = new Dictionary<string, int>
        {
            ["a"] = 0,
            [new string('a', 20_000) + "b"] = 1,
            ["ab"] = 2,
        };
        string text = new string('a', 200_000) + "ab";
        var clock = Stopwatch.StartNew();
        (int Token, int Length)[] found = new LongestTokens(tokens).In(text);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
        Assert.Equal((0, 1), found[0]);
        Assert.Equal((1, 20_001), found[^20_001]);
        Assert.Equal((2, 2), found[^2]);
        Assert.Equal(0, found[^1].Length);
    }

    [Fact]
    public void The_longest_token_is_that_of_trying_all_lengths()
    {
        var random = new Random(1);
        for (int round = 0; round < 200; round++)
        {
            string Word(int most) => string.Concat(Enumerable.Range(0, random.Next(1, most)).Select(_ => (char)('a' + random.Next(2))));
            Dictionary<string, int> tokens = Enumerable
                .Range(0, 12)
                .Select(i => (Word(7), i))
                .DistinctBy(pair => pair.Item1)
                .ToDictionary();
            string text = Word(60);
            (int Token, int Length)[] found = new LongestTokens(tokens).In(text);
            for (int at = 0; at < text.Length; at++)
            {
                string? longest = tokens.Keys.Where(token => text.AsSpan(at).StartsWith(token)).MaxBy(token => token.Length);
                Assert.Equal(longest?.Length ?? 0, found[at].Length);
                Assert.Equal(longest is null ? -1 : tokens[longest], found[at].Token);
            }
        }
    }
}
