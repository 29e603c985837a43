using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>Which rule decides about which tensor.</summary>
public sealed class PlanTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly ModelFile _model;

    public PlanTests() => _model = ModelFile.Open(SmallModels.Write(_scratch["model.safetensors"]), SmallModels.Catalog);

    public void Dispose()
    {
        _model.Dispose();
        _scratch.Dispose();
    }

    private static TensorRule Rule(string pattern, string? format) => new(pattern, format is null ? null : SmallModels.Catalog[format]);

    private string[] Plan(QuantizationRules rules, ModelContainer container = ModelContainer.Gguf) =>
        [
            .. QuantizationPlan
                .Make(_model, rules, container)
                .Tensors.OrderBy(t => t.Source.Name, StringComparer.Ordinal)
                .Select(t => $"{t.Source.Name} {t.Target}"),
        ];

    [Fact]
    public void Explicit_beats_general_and_the_last_match_wins()
    {
        var rules = new QuantizationRules { Format = SmallModels.Catalog["q4_0"] };
        Assert.Equal(["ids I64", "layers.0.down.weight q4_0", "layers.0.up.weight q4_0", "norm.weight F32"], Plan(rules));
        Assert.Equal(
            ["ids I64", "layers.0.down.weight q8_0", "layers.0.up.weight F32", "norm.weight q5_0"],
            Plan(rules with { Rules = [Rule("down", "q4_0"), Rule(@"layers\.\d+\.", "q8_0"), Rule("up", null), Rule("^norm", "q5_0")] })
        );
        // Equal to the format for all, and with --pure: a rule is a rule.
        Assert.Equal(
            ["ids I64", "layers.0.down.weight q4_0", "layers.0.up.weight q8_0", "norm.weight F32"],
            Plan(rules with { Rules = [Rule("ids", null), Rule("weight", "q8_0"), Rule("down", "q4_0"), Rule("norm", null)], Pure = true })
        );
    }

    [Fact]
    public void A_rule_that_matches_nothing_is_an_error_that_names_what_is_near() =>
        Assert.Contains(
            "matches 'layers.0.upp'. Did you mean layers.0.up.weight",
            Refused(new() { Rules = [Rule("layers.0.upp", "q4_0")] }),
            StringComparison.Ordinal
        );

    [Fact]
    public void What_does_not_fit_is_kept_by_default_and_an_error_when_asked_for()
    {
        SafetensorsWriter.Write(
            _scratch["odd.safetensors"],
            [
                SmallModels.Singles("odd.weight", [40, 100], SmallModels.Gaussian(4000, 1)),
                SmallModels.Singles("tiny.weight", [2, 32], new float[64]),
                SmallModels.Singles("even.weight", [40, 64], SmallModels.Gaussian(2560, 2)),
            ]
        );
        using ModelFile odd = ModelFile.Open(_scratch["odd.safetensors"], SmallModels.Catalog);
        var rules = new QuantizationRules { Format = SmallModels.Catalog["q4_0"] };
        Assert.Equal(
            "kept: its rows have 100 values, no multiple of the 32 of a block of q4_0; a .safetensors file pads them",
            QuantizationPlan.Make(odd, rules, ModelContainer.Gguf).Tensors.Single(t => t.Source.Name == "odd.weight").Reason
        );
        Assert.False(
            QuantizationPlan.Make(odd, rules, ModelContainer.Safetensors).Tensors.Single(t => t.Source.Name == "odd.weight").IsCopied
        );
        Assert.Equal(
            "kept: small",
            QuantizationPlan.Make(odd, rules, ModelContainer.Gguf).Tensors.Single(t => t.Source.Name == "tiny.weight").Reason
        );
        Assert.Contains(
            "odd.weight: its rows have 100 values",
            Assert
                .Throws<QuantizationRuleException>(() => QuantizationPlan.Make(odd, rules with { Pure = true }, ModelContainer.Gguf))
                .Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "odd.weight: int4-g32 is no type of ggml",
            Assert
                .Throws<QuantizationRuleException>(() =>
                    QuantizationPlan.Make(odd, new() { Rules = [Rule("odd", "int4-g32")] }, ModelContainer.Gguf)
                )
                .Message,
            StringComparison.Ordinal
        );
        Assert.Contains("ids: its values are I64", Refused(new() { Rules = [Rule("ids", "q4_0")] }), StringComparison.Ordinal);
    }

    [Fact]
    public void Quantising_twice_must_be_asked_for()
    {
        QuantizationPlan plan = QuantizationPlan.Make(_model, new() { Format = SmallModels.Catalog["q8_0"] }, ModelContainer.Gguf);
        new ModelWriter(_model, plan.Tensors, plan.Container).Write(_scratch["q8.gguf"], new());
        using ModelFile quantised = ModelFile.Open(_scratch["q8.gguf"], SmallModels.Catalog);
        var rules = new QuantizationRules { Format = SmallModels.Catalog["q4_0"] };
        Assert.Contains(
            "is q8_0 already",
            Assert.Throws<QuantizationRuleException>(() => QuantizationPlan.Make(quantised, rules, ModelContainer.Gguf)).Message,
            StringComparison.Ordinal
        );
        QuantizationPlan again = QuantizationPlan.Make(quantised, rules with { AllowRequantise = true }, ModelContainer.Gguf);
        new ModelWriter(quantised, again.Tensors, again.Container).Write(_scratch["q4.gguf"], new());
        using ModelFile twice = ModelFile.Open(_scratch["q4.gguf"], SmallModels.Catalog);
        double once = new ModelVerification(_model, quantised).Compare("layers.0.up.weight").Errors!.Value.RelativeError;
        double both = new ModelVerification(_model, twice).Compare("layers.0.up.weight").Errors!.Value.RelativeError;
        Assert.InRange(once, 1e-6, 1e-4);
        Assert.InRange(both, 1e-3, 1e-2);
    }

    [Fact]
    public void Verification_finds_what_is_wrong()
    {
        QuantizationPlan plan = QuantizationPlan.Make(_model, new() { Format = SmallModels.Catalog["q8_0"] }, ModelContainer.Gguf);
        new ModelWriter(_model, plan.Tensors, plan.Container).Write(_scratch["q8.gguf"], new());
        byte[] file = File.ReadAllBytes(_scratch["q8.gguf"]);
        file[^(768 * 4 + 34 * 10)] ^= 0x40; // in the scale of a block, before the vector that lies last
        File.WriteAllBytes(_scratch["bad.gguf"], file);
        using ModelFile bad = ModelFile.Open(_scratch["bad.gguf"], SmallModels.Catalog);
        var verification = new ModelVerification(_model, bad) { Repack = true, LargestError = 1e-3 };
        TensorVerdict[] verdicts = [.. verification.Names.Select(verification.Compare)];
        Assert.Equal(
            ["layers.0.up.weight"],
            verdicts
                .Where(verdict => verdict.Problem is not null || verdict is { SameBytes: false, Repacked: not true })
                .Select(verdict => verdict.Name)
        );
        using ModelFile other = ModelFile.Open(_scratch.Write("empty.gguf", new GgufBytes().Bare()), SmallModels.Catalog);
        Assert.All(_model.Tensors, tensor => Assert.Equal("is missing", new ModelVerification(_model, other).Compare(tensor.Name).Problem));
        Assert.Equal("is not in the original", new ModelVerification(other, _model).Compare("ids").Problem);
    }

    private string Refused(QuantizationRules rules) => Assert.Throws<QuantizationRuleException>(() => Plan(rules)).Message;
}
