namespace KernelGen.Models.Tests;

/// <summary>What is refused by name: dialects that are not read, codes without scales, parts that do not fit.</summary>
public sealed class DialectRefusalTests : DialectTests
{
    [Theory]
    [InlineData("{\"quantization_config\": {\"quant_method\": \"hqq\"}}", "a.weight", "hqq")]
    [InlineData("{\"compression_config\": {\"quant_method\": \"compressed-tensors\"}}", "a.weight", "compressed-tensors")]
    [InlineData("{\"text_config\": {\"quantization_config\": {\"quant_method\": \"quip\"}}}", "a.weight", "quip")]
    [InlineData(null, "a.codebooks", "AQLM")]
    [InlineData(null, "a.weight_packed", "weight_shape")]
    [InlineData(null, "a.qweight", "GPTQ or AWQ")]
    public void A_dialect_that_is_not_read_is_refused_by_name(string? config, string name, string words)
    {
        SafetensorsEntry[] tensors = [Floats("b.weight", [32, 64], SmallModels.Gaussian(2048, 1)), Words(name, [32, 64], new uint[2048])];
        void Make(bool allow)
        {
            using ModelFile model = Model(config, tensors);
            QuantizationPlan.Make(
                model,
                new() { Format = SmallModels.Catalog["q8_0"], AllowRequantise = allow },
                ModelContainer.Safetensors
            );
        }
        foreach (bool allow in new[] { false, true })
        {
            Exception failure = Assert.ThrowsAny<Exception>(() => Make(allow));
            Assert.True(failure is QuantizationRuleException or ModelFormatException, failure.ToString());
            Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Scales_are_never_quantised_and_codes_without_them_are_refused()
    {
        SafetensorsEntry scales = Floats("x.weight_scale_inv", [64, 64], SmallModels.Gaussian(4096, 1)),
            plain = Floats("y.weight", [64, 64], SmallModels.Gaussian(4096, 2)),
            codes = Entry("z.weight", SafetensorsDtype.F8E4M3, [32, 64], new byte[2048]),
            scale = Floats("z.weight_scale", [], 2);
        var rules = new QuantizationRules { Format = SmallModels.Catalog["q8_0"], AllowRequantise = true };
        using (ModelFile model = Model(null, scales, plain, codes, scale))
        {
            QuantizationPlan plan = QuantizationPlan.Make(model, rules, ModelContainer.Safetensors);
            Assert.Equal(
                ["x.weight_scale_inv F32", "y.weight q8_0", "z.weight q8_0"],
                plan.Tensors.OrderBy(t => t.Source.Name).Select(t => $"{t.Source.Name} {t.Target}")
            );
            Assert.DoesNotContain(TensorSample.Candidates(model), tensor => tensor.Name == "x.weight_scale_inv");
            Assert.Contains(
                "z.weight': it is F8_E4M3×tensor already",
                Assert.Throws<ModelFormatException>(() => QuantizationPlan.Packed(model, SmallModels.Catalog["q8_0"])).Message,
                StringComparison.Ordinal
            );
        }
        using ModelFile orphan = Model("{\"quantization_config\": {\"quant_method\": \"fp8\"}}", plain, codes);
        Assert.Contains(
            "fp8 (z.weight has no scales)",
            Assert.Throws<QuantizationRuleException>(() => QuantizationPlan.Make(orphan, rules, ModelContainer.Safetensors)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Parts_that_do_not_fit_are_named()
    {
        SafetensorsEntry codes = Entry("a.weight", SafetensorsDtype.F8E4M3, [300, 200], new byte[60_000]);
        Assert.Contains(
            "'a.weight_scale': its shape [200, 3] is no grid over blocks of 2 × 67 of a.weight, [300, 200]",
            Assert.Throws<ModelFormatException>(() => Model(null, codes, Floats("a.weight_scale", [200, 3], new float[600]))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "'a.scales': it is F32 [3, 32]; next to its codes it has to be U8 or F16 or BF16 or F32 [2, 32]",
            Assert
                .Throws<ModelFormatException>(() =>
                    Model(
                        "{\"quantization\": {\"group_size\": 32, \"bits\": 4}}",
                        Words("a.weight", [2, 128], new uint[256], SafetensorsDtype.U32),
                        Floats("a.scales", [3, 32], new float[96]),
                        Floats("a.biases", [3, 32], new float[96])
                    )
                )
                .Message,
            StringComparison.Ordinal
        );
    }
}
