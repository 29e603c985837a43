namespace KernelGen.Models.Tests;

/// <summary>Each way of being broken, with the words that tell wrong from right.</summary>
public sealed class GgufHardeningTests
{
    [Fact]
    public void The_start_must_be_right()
    {
        Refused([], "the file has 0 bytes; a GGUF file starts with 24 bytes");
        Refused("GGUF"u8.ToArray(), "the file has 4 bytes");
        Refused([.. "GGML"u8, .. new byte[40]], "the file starts with the bytes 47474D4C, not with 47475546");
        Refused(new GgufBytes(version: 1).Bare(), "the version is 1; 2 and 3 are read");
        Refused(new GgufBytes(version: 0x0300_0000).Bare(), "the file is big-endian");
        Assert.Empty(GgufHeader.Parse(new GgufBytes().Bare(), "empty").Tensors);
    }

    [Fact]
    public void Counts_are_compared_with_the_bytes_that_are_there()
    {
        Refused(
            new GgufBytes(tensors: ulong.MaxValue).Bare(),
            "the number of tensors is 18446744073709551615, but the 8 bytes that follow have room for 0"
        );
        Refused(new GgufBytes(tensors: 3).WithData(20, 1), "the number of tensors is 3, but the 28 bytes that follow have room for 1");
        Refused(new GgufBytes(entries: 1UL << 60).Bare(), "the number of metadata entries is 1152921504606846976");
        Refused(new GgufBytes(entries: 1).U64(1UL << 63).WithData(100), "a metadata key is 9223372036854775808 bytes long, but");
        Refused(new GgufBytes(entries: 1).U64(70_000).WithData(80_000), "a metadata key is 70000 bytes long; at most 65535 are allowed");
        Refused(new GgufBytes(entries: 1).Text("k").U32(8).U64(1UL << 62).WithData(100), "a string is 4611686018427387904 bytes long, but");
        Refused(
            new GgufBytes(entries: 1).Text("k").U32(9).U32(4).U64(1UL << 62).WithData(100),
            "the length of an array is 4611686018427387904, but"
        );
        Refused(new GgufBytes(tensors: 1).U64(65_536).WithData(70_000), "the name of a tensor is 65536 bytes long; at most 65535");
    }

    [Fact]
    public void Metadata_must_be_well_formed()
    {
        Refused(new GgufBytes(entries: 1).Text("k").U32(13).U64(0).Bare(), "the type of metadata 'k' is 13; types go from 0 to 12");
        Refused(new GgufBytes(entries: 1).Text("k").U32(9).U32(99).U64(0).Bare(), "the type of array elements is 99");
        Refused(new GgufBytes(entries: 1).Text("k").U32(7).Raw([2]).Bare(), "a truth value is 2; it is 0 or 1");
        Refused(new GgufBytes(entries: 1).U64(2).Raw([0xC3, 0x28]).U32(4).U32(1).Bare(), "a metadata key is not valid UTF-8");
        Refused(new GgufBytes(entries: 1).Text("").U32(4).U32(1).Bare(), "a metadata key is empty");
        Refused(new GgufBytes(entries: 2).Text("k").U32(4).U32(1).Text("k").U32(4).U32(1).Bare(), "metadata 'k' is there twice");
        Refused(
            new GgufBytes(entries: 1).Text("general.alignment").U32(4).U32(24).Bare(),
            "general.alignment is 24; it must be a power of two"
        );
        Refused(new GgufBytes(entries: 1).Text("general.alignment").U32(4).U32(0).Bare(), "general.alignment is 0;");
        Refused(
            new GgufBytes(entries: 1).Text("general.alignment").U32(10).U64(32).Bare(),
            "general.alignment is UInt64; it must be UInt32"
        );
    }

    [Fact]
    public void Nesting_ends_soon()
    {
        var file = new GgufBytes(entries: 1).Text("k").U32(9);
        for (int i = 0; i < 50_000; i++)
        {
            file.U32(9).U64(1);
        }
        Refused(file.U32(4).U64(0).Bare(), "arrays are nested deeper than 8");
    }

    [Fact]
    public void Values_may_be_any_bytes_and_go_through_safetensors_and_back_unchanged()
    {
        byte[] file = new GgufBytes(entries: 2)
            .Text("tokens")
            .U32(9)
            .U32(8)
            .U64(2)
            .Text("a")
            .U64(2)
            .Raw([0xC3, 0x28])
            .Text("one")
            .U32(8)
            .U64(3)
            .Raw([0x61, 0xFF, 0xFE])
            .Bare();
        using var scratch = new KernelGen.Tests.ScratchFolder();
        using (ModelFile model = ModelFile.Open(scratch.Write("a.gguf", file), SmallModels.Catalog))
        {
            Assert.Equal([0xC3, 0x28], model.FindMetadata("tokens")!.Elements().Last().Bytes[8..].ToArray());
            Convert(model, scratch["b.safetensors"]);
        }
        using (ModelFile model = ModelFile.Open(scratch["b.safetensors"], SmallModels.Catalog))
        {
            Convert(model, scratch["c.gguf"]);
        }
        GgufHeader before = GgufHeader.Parse(file, "a"),
            after = GgufHeader.Parse(File.ReadAllBytes(scratch["c.gguf"]), "c");
        Assert.Equal(
            before.Metadata.OrderBy(entry => entry.Key).Select(entry => (entry.Key, System.Convert.ToHexString(entry.Value.Bytes.Span))),
            after.Metadata.OrderBy(entry => entry.Key).Select(entry => (entry.Key, System.Convert.ToHexString(entry.Value.Bytes.Span)))
        );

        static void Convert(ModelFile model, string path)
        {
            ModelContainer container = ModelContainers.Of(path)!.Value;
            new ModelWriter(model, QuantizationPlan.Unchanged(model, container).Tensors, container).Write(path, new());
        }
    }

    [Fact]
    public void Names_longer_than_ggml_takes_are_read_and_not_written()
    {
        string name = new('n', 77);
        byte[] file = new GgufBytes(tensors: 1).Tensor(name, 0, 0, 8).WithData(32);
        Assert.Equal(name, GgufHeader.Parse(file, "long").Tensors[0].Name);
        using var scratch = new KernelGen.Tests.ScratchFolder();
        using ModelFile model = ModelFile.Open(scratch.Write("long.gguf", file), SmallModels.Catalog);
        Assert.Contains(
            "has 77 bytes; 1 to 63 are possible in GGUF",
            Assert
                .Throws<ModelFormatException>(() =>
                    new ModelWriter(model, QuantizationPlan.Unchanged(model, ModelContainer.Gguf).Tensors, ModelContainer.Gguf)
                )
                .Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "a Git LFS pointer")]
    [InlineData("\n<!DOCTYPE html><html><body>404</body></html>", "an HTML page")]
    [InlineData("PK\u0003\u0004\u0014\0\u0008\u0008\u0008\0\0\0archive/data.pkl", "a zip archive")]
    public void What_is_another_kind_of_file_is_named(string start, string kind)
    {
        using var scratch = new KernelGen.Tests.ScratchFolder();
        foreach (string name in new[] { "a.gguf", "a.safetensors", "a.bin" })
        {
            string path = scratch.Write(name, System.Text.Encoding.Latin1.GetBytes(start));
            Assert.Contains(
                $"this is {kind}",
                Assert.Throws<ModelFormatException>(() => ModelFile.Open(path, SmallModels.Catalog)).Message,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public void Tensors_must_fit_the_file()
    {
        Refused(new GgufBytes(tensors: 1).Tensor("t", 0, 0, 1, 1, 1, 1, 1).WithData(32), "tensor 't': it has 5 dimensions; at most 4");
        Refused(new GgufBytes(tensors: 1).Tensor("t", 0, 0, ulong.MaxValue).WithData(32), "a dimension has length 18446744073709551615");
        Refused(new GgufBytes(tensors: 1).Tensor("t", 0, 0, 1UL << 40, 1UL << 40).WithData(32), "its dimensions have more than");
        Refused(
            new GgufBytes(tensors: 1).Tensor("t", 0, 0, 1UL << 40).WithData(32),
            "shape [1099511627776] of f32 takes 4398046511104 bytes, but the file has"
        );
        Refused(new GgufBytes(tensors: 1).Tensor("t", 2, 0, 33).WithData(32), "its rows have 33 values; q4_0 stores whole blocks of 32");
        Refused(
            new GgufBytes(tensors: 1).Tensor("t", 0, 8, 1).WithData(32),
            "its data begin at byte 8, which is no multiple of the alignment 32"
        );
        Refused(
            new GgufBytes(tensors: 1).Tensor("t", 0, 1UL << 62, 1).WithData(32),
            "its data begin at byte 4611686018427387904 of the data, but the file has"
        );
        Refused(
            new GgufBytes(tensors: 1).Tensor("t", 0, 32, 1).WithData(32),
            "its data end at byte 36, but the data have 32 bytes. The file is cut off"
        );
        Refused(
            new GgufBytes(tensors: 2).Tensor("a", 0, 0, 9).Tensor("b", 0, 32, 1).WithData(64),
            "tensor 'b': its data begin at byte 32 and overlap those of 'a', which end at byte 36"
        );
        Refused(new GgufBytes(tensors: 2).Tensor("a", 0, 0, 1).Tensor("a", 0, 32, 1).WithData(64), "there are two tensors of this name");
        Assert.Single(GgufHeader.Parse(new GgufBytes(tensors: 1).Tensor("none", 0, 0, 0).WithData(0), "x").Tensors);
    }

    [Fact]
    public void Old_types_are_not_known_and_those_that_are_have_ggmls_sizes()
    {
        Assert.False(GgmlTypes.Of(4).IsKnown);
        Assert.False(GgmlTypes.Of(31).IsKnown);
        Assert.Equal(43 - 8, GgmlTypes.All.Count()); // GGML_TYPE_COUNT without the numbers taken back
        // static_assert lines of ggml-common.h: scales and codes of a block, in bytes
        Assert.Equal(2 + 256 / 16 + 3 * 256 / 4, Bytes("q6_K"));
        Assert.Equal(2 + 256 / 4 + 256 / 8 + 12, Bytes("q3_K"));
        Assert.Equal(4 + 256 + 256 / 16 * 2, Bytes("q8_K"));
        Assert.Equal(2 + 256 / 64 + (256 - 4 * 256 / 64) / 5, Bytes("tq1_0"));
        Assert.Equal(2 + 13 * (256 / 32) + 4, Bytes("iq3_s"));
        Assert.Equal(256 / 8 + 256 / 16 + 256 / 32, Bytes("iq1_m"));

        static int Bytes(string name) => GgmlTypes.All.Single(type => type.Name == name).BlockBytes;
    }

    private static void Refused(byte[] file, string words) =>
        Assert.Contains(
            words,
            Assert.Throws<ModelFormatException>(() => GgufHeader.Parse(file, "bad.gguf")).Message,
            StringComparison.Ordinal
        );
}
