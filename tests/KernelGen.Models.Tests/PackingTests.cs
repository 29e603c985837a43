using System.Runtime.InteropServices;
using KernelGen.Tests;

namespace KernelGen.Models.Tests;

public sealed class PackingTests : IDisposable
{
    private static readonly CompressedFormat Format = CompressedFormat.Of<HandWrittenInt8>();
    private static readonly FormatCatalog Catalog = new(Format);
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private static SafetensorsEntry Singles(string name, long[] shape, params float[] values) =>
        new(name, SafetensorsDtype.F32, shape, stream => RawFloatFile.Write(stream, values));

    private string Model(params float[] matrix)
    {
        string path = _scratch["model.safetensors"];
        SafetensorsWriter.Write(
            path,
            [
                Singles("matrix", [2, 3, 1], matrix),
                Singles("bias", [2], 7f, 8f),
                new("ids", SafetensorsDtype.I64, [1, 1], s => s.Write(new byte[8])),
            ],
            new Dictionary<string, string> { ["format"] = "pt" },
            overwrite: true
        );
        return path;
    }

    private static void Pack(ModelFile model, string output, IReadOnlyCollection<string>? tensors = null)
    {
        QuantizationPlan plan = QuantizationPlan.Packed(model, Format, tensors);
        new ModelWriter(model, plan.Tensors, plan.Container).Write(output, new() { KeepUnfinished = false });
    }

    private static void Unpack(ModelFile model, string output)
    {
        QuantizationPlan plan = QuantizationPlan.Unpacked(model);
        new ModelWriter(model, plan.Tensors, plan.Container).Write(output, new());
    }

    [Fact]
    public void Matrices_are_packed_and_the_rest_is_copied()
    {
        using (ModelFile source = ModelFile.Open(Model(1, 2, 127, -127, 0, 63.5f), Catalog))
        {
            Assert.Equal(
                ["matrix"],
                QuantizationPlan.Packed(source, Format).Tensors.Where(tensor => !tensor.IsCopied).Select(tensor => tensor.Source.Name)
            );
            Pack(source, _scratch["packed.safetensors"]);
        }
        using (SafetensorsFile packed = SafetensorsFile.Open(_scratch["packed.safetensors"]))
        {
            Assert.Equal((SafetensorsDtype.U8, 16), (packed["matrix"].Dtype, packed["matrix"].Count));
            Assert.Equal([7f, 8f], packed.ReadSingles(packed["bias"]));
            Assert.Equal("pt", packed.Header.Metadata["format"]);
            PackedTensor description = PackedMetadata.Read(packed, Catalog)["matrix"];
            Assert.Equal(("hand-int8", 2, 3), (description.Format, description.Rows, description.Columns));
            Assert.Equal([2, 3, 1], description.Shape);
        }
        using (ModelFile packed = ModelFile.Open(_scratch["packed.safetensors"], Catalog))
        {
            Unpack(packed, _scratch["back.safetensors"]);
        }
        using SafetensorsFile back = SafetensorsFile.Open(_scratch["back.safetensors"]);
        Assert.Equal([2, 3, 1], back["matrix"].Shape);
        Assert.Equal([1f, 2f, 127f, -127f, 0f, 64f], back.ReadSingles(back["matrix"])); // 63.5 lies between two levels
        Assert.Equal(["format"], back.Header.Metadata.Keys);
    }

    [Fact]
    public void Chosen_tensors_are_packed_whatever_their_shape()
    {
        using ModelFile source = ModelFile.Open(Model(1, 2, 3, 4, 5, 6), Catalog);
        Assert.Equal(
            ["bias"],
            QuantizationPlan.Packed(source, Format, ["bias"]).Tensors.Where(tensor => !tensor.IsCopied).Select(tensor => tensor.Source.Name)
        );
        Assert.Throws<KeyNotFoundException>(() => QuantizationPlan.Packed(source, Format, ["bia"]));
        Assert.Contains(
            "its values are I64",
            Assert.Throws<ModelFormatException>(() => QuantizationPlan.Packed(source, Format, ["ids"])).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_weight_that_is_not_finite_is_named()
    {
        using ModelFile source = ModelFile.Open(Model(1, 2, 3, 4, float.NaN, 6), Catalog);
        var failure = Assert.Throws<ModelFormatException>(() => Pack(source, _scratch["x"]));
        Assert.Contains("tensor 'matrix': Weight at row 1, column 1 is NaN", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["model.safetensors"], _scratch.Files);
    }

    [Theory]
    [InlineData("f16")] // the bytes of a plain type, but padded to the block and described as packed
    [InlineData("int4-g32")]
    [InlineData("q4_k")]
    [InlineData("nvfp4")]
    public void The_bytes_of_a_matrix_alone_are_those_of_the_format(string name)
    {
        CompressedFormat format = SmallModels.Catalog[name];
        float[] values = SmallModels.Gaussian(40 * 300, 9),
            unpacked = new float[values.Length];
        var expected = new byte[format.Info.PackedBytes(40, 300)];
        format.Pack(values, 40, 300, expected);
        format.Unpack(expected, 40, 300, unpacked);
        using (FileStream file = File.Create(_scratch["w.f32"]))
        {
            RawFloatFile.Write(file, values);
        }
        using (ModelFile raw = RawModel.Open(_scratch["w.f32"], TensorStorage.Of(SafetensorsDtype.F32), 40, 300))
        {
            ModelWriter.OfBytes(raw, QuantizationPlan.Packed(raw, format).Tensors[0]).Write(_scratch["w.bin"], new());
            QuantizationPlan plan = QuantizationPlan.Packed(raw, format);
            new ModelWriter(raw, plan.Tensors, plan.Container).Write(_scratch["w.safetensors"], new());
        }
        Assert.Equal(expected, File.ReadAllBytes(_scratch["w.bin"]));
        using ModelFile packed = RawModel.Open(_scratch["w.bin"], TensorStorage.Packed(format), 40, 300),
            described = ModelFile.Open(_scratch["w.safetensors"], SmallModels.Catalog);
        Assert.Equal(expected, SmallModels.Bytes(described["w"]));
        foreach (ModelFile model in new[] { packed, described })
        {
            ModelWriter.OfBytes(model, QuantizationPlan.Unpacked(model).Tensors[0]).Write(_scratch["back.f32"], new() { Overwrite = true });
            Assert.Equal(unpacked, RawFloatFile.Read(_scratch["back.f32"]));
        }
        Assert.Contains(
            "it has 48000 bytes; 41 × 300 in F32 take 49200",
            Assert
                .Throws<ModelFormatException>(() => RawModel.Open(_scratch["w.f32"], TensorStorage.Of(SafetensorsDtype.F32), 41, 300))
                .Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("{", "must give format, rows, columns and shape")]
    [InlineData("[]", "must give format, rows, columns and shape")]
    [InlineData("{\"matrix\":{}}", "must give format, rows, columns and shape")]
    [InlineData("{\"matrix\":{\"format\":\"hand-int8\",\"rows\":1e9,\"columns\":2,\"shape\":[2]}}", "must give format")]
    [InlineData(
        "{\"other\":{\"format\":\"hand-int8\",\"rows\":1,\"columns\":2,\"shape\":[2]}}",
        "tensor 'other': kernelgen.tensors describes it, but"
    )]
    [InlineData(
        "{\"bias\":{\"format\":\"hand-int8\",\"rows\":1,\"columns\":2,\"shape\":[2]}}",
        "tensor 'bias': it is described as packed, but is F32"
    )]
    [InlineData("{\"matrix\":{\"format\":\"hand-int9\",\"rows\":2,\"columns\":3,\"shape\":[6]}}", "Did you mean hand-int8?")]
    [InlineData("{\"matrix\":{\"format\":\"hand-int8\",\"rows\":-1,\"columns\":3,\"shape\":[6]}}", "described as -1 × 3")]
    [InlineData("{\"matrix\":{\"format\":\"hand-int8\",\"rows\":2,\"columns\":3,\"shape\":[7]}}", "has other than 2 × 3 = 6 values")]
    [InlineData(
        "{\"matrix\":{\"format\":\"hand-int8\",\"rows\":2,\"columns\":6,\"shape\":[12]}}",
        "it has 16 bytes; 2 × 6 in hand-int8 take 32"
    )]
    [InlineData(
        "{\"matrix\":{\"format\":\"hand-int8\",\"rows\":2147483647,\"columns\":2147483647,\"shape\":[4611686014132420609]}}",
        "more bytes than one array can hold"
    )]
    public void Metadata_that_lie_are_refused(string tensors, string words)
    {
        string path = _scratch["packed.safetensors"];
        SafetensorsWriter.Write(
            path,
            [new("matrix", SafetensorsDtype.U8, [16], s => s.Write(new byte[16])), Singles("bias", [2], 7f, 8f)],
            new Dictionary<string, string> { [PackedMetadata.TensorsKey] = tensors }
        );
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Contains(
            words,
            Assert.Throws<ModelFormatException>(() => PackedMetadata.Read(file, Catalog)).Message,
            StringComparison.Ordinal
        );
    }

    /// <summary>Shapes of a speech model: convolutions of three axes, recurrent matrices, biases.</summary>
    [Fact]
    public void A_model_of_convolutions_survives_the_round_trip()
    {
        var random = new Random(3);
        SafetensorsWriter.Write(
            _scratch["speech.safetensors"],
            [
                Noise("stft.weight", 258, 1, 256),
                Noise("conv.weight", 128, 129, 3),
                Noise("lstm.weight_ih", 512, 128),
                Noise("conv.bias", 128),
            ],
            new Dictionary<string, string>()
        );
        SafetensorsEntry Noise(string name, params long[] shape) =>
            Singles(
                name,
                shape,
                [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => (float)random.NextDouble() - 0.5f)]
            );

        using ModelFile source = ModelFile.Open(_scratch["speech.safetensors"], Catalog);
        Pack(source, _scratch["packed.safetensors"]);
        using ModelFile packed = ModelFile.Open(_scratch["packed.safetensors"], Catalog);
        Assert.All(source.Tensors, tensor => Assert.Equal(tensor.Shape.Count > 1, packed[tensor.Name].Storage.Format == Format));
        foreach (ModelTensor tensor in source.Tensors)
        {
            float[] before = new TensorRows(tensor).ReadAll(),
                after = new TensorRows(packed[tensor.Name]).ReadAll();
            Assert.Equal(before.Length, after.Length);
            double error = before.Zip(after, (b, a) => Math.Pow(b - a, 2)).Sum(),
                power = before.Sum(b => Math.Pow(b, 2));
            Assert.InRange(error / power, 0, 1e-4); // 8 bits with a scale per four
            if (tensor.Shape.Count == 1)
            {
                Assert.True(MemoryMarshal.AsBytes<float>(before).SequenceEqual(MemoryMarshal.AsBytes<float>(after)));
            }
        }
    }
}
