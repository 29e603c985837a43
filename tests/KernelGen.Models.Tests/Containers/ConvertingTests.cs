using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>From one container to the other and back: bytes of tensors, types, shapes and metadata stay.</summary>
public sealed class ConvertingTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private ModelFile Convert(ModelFile model, string output)
    {
        QuantizationPlan plan = QuantizationPlan.Unchanged(model, ModelContainers.Of(output)!.Value);
        new ModelWriter(model, plan.Tensors, plan.Container).Write(_scratch[output], new());
        return ModelFile.Open(_scratch[output], SmallModels.Catalog);
    }

    private static void Same(ModelFile a, ModelFile b)
    {
        Assert.Equal(
            a.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal),
            b.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal)
        );
        foreach (ModelTensor tensor in a.Tensors)
        {
            ModelTensor other = b[tensor.Name];
            Assert.Equal((tensor.Storage.Name, tensor.ShapeText), (other.Storage.Name, other.ShapeText));
            Assert.Equal(SmallModels.Bytes(tensor), SmallModels.Bytes(other));
        }
    }

    [Fact]
    public void From_gguf_and_back()
    {
        var random = new Random(5);
        GgufEntry Entry(GgmlType type)
        {
            var bytes = new byte[6 * type.BlockBytes];
            random.NextBytes(bytes);
            return new(type.Name, type, [3, 2 * type.Block], stream => stream.Write(bytes));
        }
        GgufWriter.Write(
            _scratch["a.gguf"],
            [.. GgmlTypes.All.Select(Entry), new("later", GgmlTypes.Of(77), [5, 7], stream => stream.Write(new byte[96]), 96)],
            [
                new("general.architecture", GgufValue.Of("llama")),
                new("safetensors.format", GgufValue.Of("pt")),
                new("x.count", GgufValue.Of(7u)),
                new("x.eps", GgufValue.Of(1e-5f)),
                new("general.quantization_version", GgufValue.Of(2u)),
                new("x.colon", GgufValue.Of("UInt32:9")),
                new("x.nested", GgufValue.OfArray(GgufValueType.Array, GgufValue.OfArray(GgufValueType.String, GgufValue.Of("a")))),
            ]
        );
        using ModelFile gguf = ModelFile.Open(_scratch["a.gguf"], SmallModels.Catalog),
            tensors = Convert(gguf, "b.safetensors"),
            back = Convert(tensors, "c.gguf");
        Same(gguf, tensors);
        Same(gguf, back);
        Assert.Equal("pt", SafetensorsFileMetadata("b.safetensors")["format"]);
        Assert.Equal("UInt32:7", SafetensorsFileMetadata("b.safetensors")["gguf.x.count"]);
        Assert.Equal(Entries(gguf), Entries(back));

        static IEnumerable<string> Entries(ModelFile model) =>
            model
                .Metadata.Select(entry => $"{entry.Key} {entry.Value.Type} {System.Convert.ToHexString(entry.Value.Bytes.Span)}")
                .Order(StringComparer.Ordinal);
    }

    [Fact]
    public void From_safetensors_and_back()
    {
        using ModelFile model = ModelFile.Open(SmallModels.Write(_scratch["a.safetensors"]), SmallModels.Catalog),
            gguf = Convert(model, "b.gguf"),
            back = Convert(gguf, "c.safetensors");
        Same(model, gguf);
        Same(model, back);
        Assert.Equal(File.ReadAllBytes(_scratch["a.safetensors"]), File.ReadAllBytes(_scratch["c.safetensors"]));
    }

    [Fact]
    public void What_a_container_cannot_hold_is_named()
    {
        SafetensorsWriter.Write(
            _scratch["a.safetensors"],
            [new("mask", SafetensorsDtype.Bool, [2], stream => stream.Write(new byte[2])), SmallModels.Singles("w", [1, 1, 1, 1, 1], [1f])]
        );
        using ModelFile model = ModelFile.Open(_scratch["a.safetensors"], SmallModels.Catalog);
        string[] messages = [.. model.Tensors.Select(tensor => tensor.Storage.WhyNotGguf(tensor.Shape)!)];
        Assert.Equal(
            [
                "it has 5 dimensions; GGUF has 4 at most",
                "BOOL is no type of ggml; a .safetensors file holds it, or --drop REGEX leaves it out",
            ],
            messages
        );
        Assert.Contains("tensor '", Assert.Throws<ModelFormatException>(() => Convert(model, "b.gguf")).Message, StringComparison.Ordinal);
        Assert.Equal(["a.safetensors"], _scratch.Files);
    }

    private IReadOnlyDictionary<string, string> SafetensorsFileMetadata(string name)
    {
        using SafetensorsFile file = SafetensorsFile.Open(_scratch[name]);
        return file.Header.Metadata;
    }
}
