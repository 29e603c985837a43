using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>Recipes over the names of a made-up model of 32 layers; the expected layers are by hand from llama-quant.cpp.</summary>
public sealed class RecipeTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private static readonly string[] Parts = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"];

    private static (string, long)[] Matrices(int layers = 32, bool tied = false, string[]? parts = null, long columns = 4096) =>
        [
            ("token_embd.weight", columns),
            .. tied ? [] : new (string, long)[] { ("output.weight", columns) },
            .. Enumerable.Range(0, layers).SelectMany(layer => (parts ?? Parts).Select(part => ($"blk.{layer}.{part}.weight", columns))),
        ];

    private static IReadOnlyDictionary<string, string> Assign(string recipe, (string, long)[] matrices, int queriesPerKey = 1) =>
        QuantizationRecipe.Of(recipe).Assign(matrices, queriesPerKey, name => SmallModels.Catalog[name].Info.Block);

    /// <summary>Layers by part and format, where it is not the format of the recipe.</summary>
    private static string Others(string recipe, int layers = 32, int queriesPerKey = 1)
    {
        string usual = QuantizationRecipe.Of(recipe).Format;
        return string.Join(
            "; ",
            Assign(recipe, Matrices(layers), queriesPerKey)
                .Where(pair => pair.Value != usual)
                .Select(pair => (pair.Value, Name: pair.Key.Split('.')))
                .GroupBy(pair => $"{(pair.Name.Length > 2 ? pair.Name[2] : pair.Name[0])}={pair.Value}")
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group =>
                    $"{group.Key} {string.Join(',', group.Where(pair => pair.Name.Length > 2).Select(pair => pair.Name[1]))}".Trim()
                )
        );
    }

    private const string More = "0,1,2,3,6,9,12,15,18,21,24,27,28,29,30,31";

    [Theory]
    [InlineData("q4_k_m", $"attn_v=q6_k {More}; ffn_down=q6_k {More}; output=q6_k")]
    [InlineData("Q5_K_M", $"attn_v=q6_k {More}; ffn_down=q6_k {More}; output=q6_k")]
    [InlineData("q4_k_s", "attn_v=q5_k 0,1,2,3; ffn_down=q5_k 0,1,2,3; output=q6_k")]
    [InlineData("q5_k_s", "output=q6_k")]
    [InlineData("q6_k", "")]
    [InlineData("q8_0", "")]
    [InlineData("q4_0", "output=q6_k")]
    public void Layers_are_llama_cpps(string recipe, string expected) => Assert.Equal(expected, Others(recipe));

    [Fact]
    public void Small_recipes_depend_on_layers_and_shared_heads()
    {
        string all = string.Join(',', Enumerable.Range(0, 32));
        Assert.Equal($"attn_output=q3_k {all}; attn_v=q3_k {all}; ffn_down=q3_k {all}; output=q6_k", Others("q2_k"));
        Assert.Equal($"attn_output=q3_k {all}; attn_v=q4_k {all}; ffn_down=q3_k {all}; output=q6_k", Others("q2_k", queriesPerKey: 4));
        string later = string.Join(',', Enumerable.Range(2, 30));
        Assert.Equal(
            $"attn_output=q4_k {all}; attn_v=q4_k {later}; attn_v=q5_k 0,1; ffn_down=q4_k {later}; ffn_down=q5_k 0,1; output=q6_k",
            Others("q3_k_m")
        );
        Assert.Equal($"attn_v=q5_k {all}; ffn_down=q5_k 0,1,2,3; output=q6_k", Others("iq4_xs", queriesPerKey: 4));
        Assert.Equal("ffn_down=q5_k 0,1,2,3; output=q6_k", Others("iq4_xs"));
        Assert.Contains(
            $"attn_v=q5_k {string.Join(',', Enumerable.Range(0, 80).Where(i => !(i < 10 || i >= 70 || (i - 10) % 3 == 2)))}; attn_v=q6_k",
            Others("q4_k_m", 80, 8),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Tied_embeddings_fused_matrices_and_narrow_rows_have_their_own()
    {
        Assert.Equal("q6_k", Assign("q4_k_m", Matrices(tied: true))["token_embd.weight"]);
        Assert.Equal("q4_k", Assign("q4_k_m", Matrices())["token_embd.weight"]);
        IReadOnlyDictionary<string, string> fused = Assign("q4_k_m", Matrices(8, parts: ["attn_qkv", "ffn_up", "ffn_down"]));
        Assert.Equal(("q6_k", "q4_k"), (fused["blk.0.attn_qkv.weight"], fused["blk.1.attn_qkv.weight"]));
        IReadOnlyDictionary<string, string> narrow = Assign("q4_k_m", Matrices(columns: 96));
        Assert.Equal(("q8_0", "q5_0", "q8_0"), (narrow["output.weight"], narrow["blk.0.attn_q.weight"], narrow["blk.0.attn_v.weight"]));
        Assert.Equal("f16", Assign("q4_k_m", Matrices(columns: 100))["blk.0.attn_q.weight"]);
    }

    [Fact]
    public void A_model_is_quantised_by_a_recipe_and_other_names_are_refused()
    {
        using ModelFile model = ModelFile.Open(new TinyCheckpoint("llama").Write(_scratch["in"]), SmallModels.Catalog);
        ModelFile mapped = model.ForLlamaCpp();
        QuantizationRecipe recipe = QuantizationRecipe.Of("q4_k_s");
        var rules = new QuantizationRules { Rules = recipe.RulesFor(mapped, SmallModels.Catalog) };
        Dictionary<string, string> targets = QuantizationPlan
            .Make(mapped, rules, ModelContainer.Gguf)
            .Tensors.ToDictionary(tensor => tensor.Source.Name, tensor => tensor.Target.Name);
        Assert.Equal(
            ("q4_k", "q5_k", "q6_k", "F32"),
            (targets["token_embd.weight"], targets["blk.1.attn_v.weight"], targets["output.weight"], targets["blk.0.attn_norm.weight"])
        );
        Assert.Contains(
            "recipes are rules for llama.cpp's names",
            Assert.Throws<QuantizationRuleException>(() => recipe.RulesFor(model, SmallModels.Catalog)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "q4_k_m",
            Assert.Throws<QuantizationRuleException>(() => QuantizationRecipe.Of("q4_k_mm")).Message,
            StringComparison.Ordinal
        );
    }
}
