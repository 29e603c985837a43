using KernelGen.Models;
using KernelGen.Tests;

namespace KernelGen.Client.Tests;

/// <summary>Every architecture loads in llama.cpp and computes.</summary>
public sealed class ArchitectureTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("llama")]
    [InlineData("mistral")]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    [InlineData("gemma2")]
    [InlineData("gemma3_text")]
    [InlineData("phi3")]
    public void It_loads_and_its_logits_depend_on_the_text(string type)
    {
        using ModelFile model = ModelFile.Open(new TinyCheckpoint(type).Write(_scratch["in"]), Formats.DeclaredFormats.Catalog);
        ModelFile mapped = model.ForLlamaCpp();
        QuantizationPlan plan = QuantizationPlan.Unchanged(mapped, ModelContainer.Gguf);
        new ModelWriter(mapped, plan.Tensors, plan.Container).Write(_scratch["out.gguf"], new());
        int[] text = LlamaCpp.Tokens(_scratch["out.gguf"], "Grüße, all of you!\n");
        Assert.Equal(System.Text.Encoding.UTF8.GetBytes("Grüße, all of you!\n").Select(value => (int)value), text);
        float[][] logits = LlamaCpp.Logits(_scratch["out.gguf"], text);
        Assert.All(logits, row => Assert.True(row.Length == TinyCheckpoint.Vocabulary && row.All(float.IsFinite)));
        Assert.All(logits, row => Assert.InRange(row.Max() - row.Min(), 0.5f, 100f));
        Assert.True(logits.Select(row => Array.IndexOf(row, row.Max())).Distinct().Count() > 3);
    }
}
