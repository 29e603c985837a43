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
        Refused(new GgufBytes(tensors: 1).U64(65).WithData(100), "the name of a tensor is 65 bytes long; at most 64");
    }

    [Fact]
    public void Metadata_must_be_well_formed()
    {
        Refused(new GgufBytes(entries: 1).Text("k").U32(13).U64(0).Bare(), "the type of metadata 'k' is 13; types go from 0 to 12");
        Refused(new GgufBytes(entries: 1).Text("k").U32(9).U32(99).U64(0).Bare(), "the type of array elements is 99");
        Refused(new GgufBytes(entries: 1).Text("k").U32(7).Raw([2]).Bare(), "a truth value is 2; it is 0 or 1");
        Refused(new GgufBytes(entries: 1).Text("k").U32(8).U64(2).Raw([0xC3, 0x28]).Bare(), "a string is not valid UTF-8");
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
    public void Strings_longer_than_the_buffer_are_checked_whole()
    {
        string text = string.Concat(Enumerable.Repeat("aé→😀", 10_000)); // 1, 2, 3 and 4 bytes: cut at every place
        GgufHeader header = GgufHeader.Parse(new GgufBytes(entries: 1).Text("k").U32(8).Text(text).Bare(), "text");
        Assert.Equal(text, header.Metadata[0].Value.AsString());
        byte[] broken = new GgufBytes(entries: 1).Text("k").U32(8).Text(text).Bare();
        broken[^40_001] = 0xFF;
        Refused(broken, "a string is not valid UTF-8");
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
