using System.Runtime.InteropServices;
using KernelGen.Tests;

namespace KernelGen.Models.Tests;

public sealed class PackingTests : IDisposable
{
    private static readonly CompressedFormat Format = CompressedFormat.Of<HandWrittenInt8>();
    private static readonly FormatCatalog Catalog = new(Format);
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private static SafetensorsEntry Singles(string name, long[] shape, params float[] values)
        => new(name, SafetensorsDtype.F32, shape, stream => RawFloatFile.Write(stream, values));

    private string Model(params float[] matrix)
    {
        string path = _scratch["model.safetensors"];
        SafetensorsWriter.Write(
            path, [Singles("matrix", [2, 3, 1], matrix), Singles("bias", [2], 7f, 8f), new("ids", SafetensorsDtype.I64, [1, 1], s => s.Write(new byte[8]))],
            new Dictionary<string, string> { ["format"] = "pt" }, overwrite: true);
        return path;
    }

    [Fact]
    public void Matrices_are_packed_and_the_rest_is_copied()
    {
        using SafetensorsFile source = SafetensorsFile.Open(Model(1, 2, 127, -127, 0, 63.5f));
        var packer = new ModelPacker(source, Format);
        Assert.Equal(["matrix"], packer.Packed.Select(t => t.Name));
        List<string> heard = [];
        packer.Write(_scratch["packed.safetensors"], progress: (done, name) => heard.Add($"{done} {name}"));
        Assert.Equal(["1 ids", "2 bias", "3 matrix"], heard);

        using SafetensorsFile packed = SafetensorsFile.Open(_scratch["packed.safetensors"]);
        Assert.Equal((SafetensorsDtype.U8, 16), (packed["matrix"].Dtype, packed["matrix"].Count));
        Assert.Equal([7f, 8f], packed.ReadSingles(packed["bias"]));
        Assert.Equal("pt", packed.Header.Metadata["format"]);
        PackedTensor description = PackedMetadata.Read(packed)["matrix"];
        Assert.Equal(("hand-int8", 2, 3), (description.Format, description.Rows, description.Columns));
        Assert.Equal([2, 3, 1], description.Shape);

        new ModelUnpacker(packed, Catalog).Write(_scratch["back.safetensors"]);
        using SafetensorsFile back = SafetensorsFile.Open(_scratch["back.safetensors"]);
        Assert.Equal([2, 3, 1], back["matrix"].Shape);
        Assert.Equal([1f, 2f, 127f, -127f, 0f, 64f], back.ReadSingles(back["matrix"])); // 63.5 lies between two levels
        Assert.Equal(["format"], back.Header.Metadata.Keys);
    }

    [Fact]
    public void Chosen_tensors_are_packed_whatever_their_shape()
    {
        using SafetensorsFile source = SafetensorsFile.Open(Model(1, 2, 3, 4, 5, 6));
        Assert.Equal(["bias"], new ModelPacker(source, Format, ["bias"]).Packed.Select(t => t.Name));
        Assert.Throws<KeyNotFoundException>(() => new ModelPacker(source, Format, ["bia"]));
        Assert.Contains("its values are I64", Assert.Throws<ModelFormatException>(() => new ModelPacker(source, Format, ["ids"]).Write(_scratch["x"])).Message, StringComparison.Ordinal);
        Assert.DoesNotContain("x", _scratch.Files);
    }

    [Fact]
    public void A_weight_that_is_not_finite_is_named()
    {
        using SafetensorsFile source = SafetensorsFile.Open(Model(1, 2, 3, 4, float.NaN, 6));
        var failure = Assert.Throws<ModelFormatException>(() => new ModelPacker(source, Format).Write(_scratch["x"]));
        Assert.Contains("tensor 'matrix': Weight at row 1, column 1 is NaN", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["model.safetensors"], _scratch.Files);
    }

    [Theory]
    [InlineData("{", "must give format, rows, columns and shape")]
    [InlineData("[]", "must give format, rows, columns and shape")]
    [InlineData("{\"matrix\":{}}", "must give format, rows, columns and shape")]
    [InlineData("{\"matrix\":{\"format\":\"hand-int8\",\"rows\":1e9,\"columns\":2,\"shape\":[2]}}", "must give format")]
    [InlineData("{\"other\":{\"format\":\"hand-int8\",\"rows\":1,\"columns\":2,\"shape\":[2]}}", "tensor 'other': kernelgen.tensors describes it, but")]
    [InlineData("{\"bias\":{\"format\":\"hand-int8\",\"rows\":1,\"columns\":2,\"shape\":[2]}}", "tensor 'bias': it is described as packed, but is F32")]
    [InlineData("{\"matrix\":{\"format\":\"hand-int9\",\"rows\":2,\"columns\":3,\"shape\":[6]}}", "Did you mean hand-int8?")]
    [InlineData("{\"matrix\":{\"format\":\"hand-int8\",\"rows\":-1,\"columns\":3,\"shape\":[6]}}", "described as -1 × 3")]
    [InlineData("{\"matrix\":{\"format\":\"hand-int8\",\"rows\":2,\"columns\":3,\"shape\":[7]}}", "has other than 2 × 3 = 6 values")]
    [InlineData("{\"matrix\":{\"format\":\"hand-int8\",\"rows\":2,\"columns\":6,\"shape\":[12]}}", "it has 16 bytes; 2 × 6 in hand-int8 take 32")]
    [InlineData("{\"matrix\":{\"format\":\"hand-int8\",\"rows\":2147483647,\"columns\":2147483647,\"shape\":[4611686014132420609]}}", "more bytes than one array can hold")]
    public void Metadata_that_lie_are_refused(string tensors, string words)
    {
        string path = _scratch["packed.safetensors"];
        SafetensorsWriter.Write(
            path, [new("matrix", SafetensorsDtype.U8, [16], s => s.Write(new byte[16])), Singles("bias", [2], 7f, 8f)],
            new Dictionary<string, string> { [PackedMetadata.TensorsKey] = tensors });
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Contains(words, Assert.Throws<ModelFormatException>(() => new ModelUnpacker(file, Catalog)).Message, StringComparison.Ordinal);
    }

    [SharedFact]
    public void A_real_model_survives_the_round_trip()
    {
        using SafetensorsFile source = SafetensorsFile.Open(SharedFactAttribute.PathOf("data", "silero_vad_16k.safetensors"));
        new ModelPacker(source, Format).Write(_scratch["packed.safetensors"], parallelism: Parallelism.Default);
        using SafetensorsFile packed = SafetensorsFile.Open(_scratch["packed.safetensors"]);
        var unpacker = new ModelUnpacker(packed, Catalog);
        Assert.Equal(source.Tensors.Where(t => t.Shape.Count > 1).Select(t => t.Name).Order(StringComparer.Ordinal), unpacker.Packed.Keys);
        foreach (SafetensorsTensor tensor in source.Tensors)
        {
            float[] before = source.ReadSingles(tensor), after = unpacker.Values(packed[tensor.Name]);
            Assert.Equal(before.Length, after.Length);
            double error = before.Zip(after, (b, a) => Math.Pow(b - a, 2)).Sum(), power = before.Sum(b => Math.Pow(b, 2));
            Assert.InRange(error / power, 0, 1e-4); // 8 bits with a scale per four
            if (tensor.Shape.Count == 1)
            {
                Assert.True(MemoryMarshal.AsBytes<float>(before).SequenceEqual(MemoryMarshal.AsBytes<float>(after)));
            }
        }
    }
}
