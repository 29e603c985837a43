using System.Text;
using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>Models in several safetensors files, and the ways in which list and files can disagree.</summary>
public sealed class ShardTests : IDisposable
{
    private static readonly FormatCatalog Catalog = new(CompressedFormat.Of<HandWrittenInt8>());
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private void Shard(string file, string tensor, params float[] values) =>
        SafetensorsWriter.Write(
            _scratch[file],
            [new(tensor, SafetensorsDtype.F32, [values.Length], s => RawFloatFile.Write(s, values))],
            new Dictionary<string, string> { ["format"] = "pt" },
            overwrite: true
        );

    private string List(string map) =>
        _scratch.Write("model.safetensors.index.json", Encoding.UTF8.GetBytes($$"""{"metadata":{"total_size":20},"weight_map":{{map}}}"""));

    [Fact]
    public void Shards_are_one_model_by_list_or_folder()
    {
        Shard("a.safetensors", "x", 1, 2);
        Shard("b.safetensors", "y", 3, 4, 5);
        string list = List("""{"y":"b.safetensors","x":"a.safetensors"}""");
        foreach (string path in new[] { list, Path.GetDirectoryName(list)! })
        {
            using ModelFile model = ModelFile.Open(path, Catalog);
            Assert.Equal("safetensors, 2 files", model.Container);
            Assert.Equal(["x", "y"], model.Tensors.Select(tensor => tensor.Name));
            Assert.Equal([3f, 4f, 5f], new TensorRows(model["y"]).ReadAll());
            Assert.Equal("pt", model.FindMetadata("format")!.AsString());
            Assert.Contains("has no tensor 'z'", Assert.Throws<KeyNotFoundException>(() => model["z"]).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void List_and_files_must_agree()
    {
        Shard("a.safetensors", "x", 1, 2);
        Shard("b.safetensors", "y", 3, 4, 5);
        Refused(
            """{"x":"a.safetensors","y":"a.safetensors","z":"b.safetensors"}""",
            "tensor 'y': it is in b.safetensors, but the list says a.safetensors"
        );
        Refused(
            """{"x":"a.safetensors","y":"b.safetensors","z":"b.safetensors"}""",
            "tensor 'z': the list says it is in b.safetensors, but it is not"
        );
        Refused("""{"z":"b.safetensors"}""", "tensor 'y': it is in b.safetensors, but the list does not name it");
        Refused("""{"x":"../a.safetensors"}""", "a plain name that ends in .safetensors is needed, no folder");
        Refused("""{"x":"/etc/a.safetensors"}""", "no folder");
        Refused("""{"x":"a.bin"}""", "a plain name that ends in .safetensors");
        Refused("""{"x":"a.safetensors","x":"a.safetensors"}""", "weight_map names it twice");
        Refused("""{"x":1}""", "weight_map must give the name of a file");
        Refused("{}", "its weight_map is missing or empty");
        Refused("[", "weight_map must be an object");
        Refused("{\"x\":\"a.safetensors\"}}", "not valid JSON");
        Assert.Throws<FileNotFoundException>(() => ModelFile.Open(List("""{"x":"c.safetensors"}"""), Catalog));
    }

    [Fact]
    public void Each_code_of_the_fnuz_bytes_has_its_value()
    {
        byte[] codes = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        SafetensorsWriter.Write(
            _scratch["f8.safetensors"],
            [
                new("e4m3", SafetensorsDtype.F8E4M3Fnuz, [256], s => s.Write(codes)),
                new("e5m2", SafetensorsDtype.F8E5M2Fnuz, [256], s => s.Write(codes)),
            ]
        );
        using ModelFile model = ModelFile.Open(_scratch["f8.safetensors"], Catalog);
        float[] e4m3 = new TensorRows(model["e4m3"]).ReadAll(),
            e5m2 = new TensorRows(model["e5m2"]).ReadAll();
        // Largest, smallest normal and smallest subnormal of the two types; negative zero's code is their only NaN.
        Assert.Equal([240f, 0.0078125f, 0.0009765625f, -240f], new[] { e4m3[0x7F], e4m3[0x08], e4m3[0x01], e4m3[0xFF] });
        Assert.Equal([57344f, 3.0517578125e-5f, 7.62939453125e-6f, -57344f], new[] { e5m2[0x7F], e5m2[0x04], e5m2[0x01], e5m2[0xFF] });
        Assert.Equal([0x80], Enumerable.Range(0, 256).Where(i => float.IsNaN(e4m3[i])));
        Assert.Equal([0x80], Enumerable.Range(0, 256).Where(i => float.IsNaN(e5m2[i])));
    }

    [Fact]
    public void Every_half_and_bfloat16_is_widened_exactly()
    {
        byte[] codes = [.. Enumerable.Range(0, 65_536 + 5).SelectMany(i => BitConverter.GetBytes((ushort)i))];
        SafetensorsWriter.Write(
            _scratch["f16.safetensors"],
            [
                new("half", SafetensorsDtype.F16, [65_541], s => s.Write(codes)),
                new("brain", SafetensorsDtype.BF16, [65_541], s => s.Write(codes)),
            ]
        );
        using ModelFile model = ModelFile.Open(_scratch["f16.safetensors"], Catalog);
        float[] half = new TensorRows(model["half"]).ReadAll(),
            brain = new TensorRows(model["brain"]).ReadAll();
        for (int i = 0; i < half.Length; i++)
        {
            Half expected = BitConverter.UInt16BitsToHalf((ushort)i);
            Assert.True(
                Half.IsNaN(expected)
                    ? float.IsNaN(half[i])
                    : half[i] == (float)expected && float.IsNegative(half[i]) == Half.IsNegative(expected),
                $"{i:X4}"
            );
            Assert.Equal((uint)(ushort)i << 16, BitConverter.SingleToUInt32Bits(brain[i]));
        }
    }

    private void Refused(string map, string words) =>
        Assert.Contains(
            words,
            Assert.Throws<ModelFormatException>(() => ModelFile.Open(List(map), Catalog)).Message,
            StringComparison.Ordinal
        );
}
