using System.Globalization;
using KernelGen.Models;
using KernelGen.Tests;
using Xunit.Abstractions;

namespace KernelGen.Client.Tests;

/// <summary>What we write, in llama.cpp, next to our own forward pass.</summary>
public sealed class LogitTests(ITestOutputHelper output) : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private static int[] Text => [.. Enumerable.Range(0, 128).Select(i => (i * 37 + i * i * 11) % TinyCheckpoint.Vocabulary)];

    /// <summary>Formats whose bytes are a type of GGUF, of which 256 columns are whole blocks.</summary>
    public static TheoryData<string> Types() =>
        [
            .. Formats
                .DeclaredFormats.Catalog.All.Where(format => TensorStorage.Of(format).WhyNotGguf([256, 256]) is null)
                .Select(format => format.Info.Name),
        ];

    [Theory]
    [MemberData(nameof(Types))]
    public void Logits_agree_with_our_own(string format)
    {
        string file = Quantised("llama", format),
            decoded = Decoded(file);
        float[][] ours = Ours(file);
        double loss = Loss(ours);
        (double exact, double exactMost) = Difference(ours, LlamaCpp.Logits(file, Text));
        (double usual, double usualMost) = Difference(ours, LlamaCpp.Logits(file, Text, exact: false));
        (double same, double sameMost) = Difference(ours, LlamaCpp.Logits(decoded, Text));
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| {format} | {loss:0.0000} | {usual:0.000000} | {exact:0.000000} | {same:0.000000} "
                    + $"| {usualMost:0.00000} | {exactMost:0.00000} | {sameMost:0.00000} |"
            )
        );
        // The same weights in float32: nothing but the order of sums differs.
        Assert.InRange(Math.Abs(same), 0, 1e-5);
        Assert.InRange(sameMost, 0, 2e-4);
        // llama.cpp rounds activations to the type that its product with the weights takes.
        (double mostLoss, double mostLogit) = format switch
        {
            "f32" => (1e-5, 2e-4),
            "f16" => (1e-3, 0.02),
            "bf16" => (5e-3, 0.1),
            _ => (0.02, 0.5),
        };
        Assert.InRange(Math.Abs(exact), 0, mostLoss);
        Assert.InRange(exactMost, 0, mostLogit);
        Assert.InRange(Math.Abs(usual), 0, mostLoss + 1e-3);
    }

    private string Quantised(string type, string format)
    {
        using ModelFile model = ModelFile.Open(new TinyCheckpoint(type).Write(_scratch["in"]), Formats.DeclaredFormats.Catalog);
        return Write(model.ForLlamaCpp(), format, "out.gguf");
    }

    /// <summary>The same values in float32.</summary>
    private string Decoded(string path)
    {
        using ModelFile model = ModelFile.Open(path, Formats.DeclaredFormats.Catalog);
        return Write(model, "f32", "decoded.gguf");
    }

    private string Write(ModelFile model, string format, string name)
    {
        var rules = new QuantizationRules
        {
            Format = Formats.DeclaredFormats.Catalog[format],
            AllowRequantise = true,
            Pure = true,
        };
        QuantizationPlan plan = QuantizationPlan.Make(model, rules, ModelContainer.Gguf);
        new ModelWriter(model, plan.Tensors, plan.Container).Write(_scratch[name], new() { Overwrite = true });
        return _scratch[name];
    }

    private static float[][] Ours(string path)
    {
        using ModelFile model = ModelFile.Open(path, Formats.DeclaredFormats.Catalog);
        List<float[]> all = [];
        LlamaModel
            .Load(model, Formats.DeclaredFormats.Catalog)
            .Read(Text, (_, count, logits) => all.AddRange(logits.Span.ToArray().Chunk(logits.Length / count)));
        return [.. all];
    }

    private static double Loss(float[][] logits) =>
        Enumerable.Range(0, Text.Length - 1).Average(i => Math.Log(logits[i].Sum(x => Math.Exp((double)x))) - logits[i][Text[i + 1]]);

    private static (double Loss, double Logit) Difference(float[][] ours, float[][] theirs) =>
        (Loss(theirs) - Loss(ours), ours.Zip(theirs).Max(pair => pair.First.Zip(pair.Second).Max(x => Math.Abs(x.First - x.Second))));
}
