using KernelGen.Formats.Tests.Laws;

namespace KernelGen.Formats.Tests.Golden;

/// <summary>Byte identity with ggml's reference quantisers and decoders.</summary>
public class GgmlBytes
{
    [SharedTheory]
    [InlineData("q4_0", "q4_0")]
    [InlineData("q4_1", "q4_1")]
    [InlineData("q5_0", "q5_0")]
    [InlineData("q5_1", "q5_1")]
    [InlineData("q8_0", "q8_0")]
    [InlineData("mxfp4-ggml", "mxfp4")]
    [InlineData("nvfp4-ggml", "nvfp4")]
    [InlineData("tq1_0", "tq1_0")]
    [InlineData("tq2_0", "tq2_0")]
    [InlineData("q1_0", "q1_0")]
    [InlineData("q2_0", "q2_0")]
    [InlineData("f16", "f16")]
    [InlineData("bf16", "bf16")]
    public void Packing_gives_ggmls_bytes(string name, string type)
    {
        float[] input = SharedFolder.Floats("golden", "ggml", "input.f32");
        byte[] expected = File.ReadAllBytes(SharedFolder.File("golden", "ggml", type + ".bytes"));
        CompressedFormat format = Laws.Formats.All[name];
        byte[] packed = new byte[format.Info.PackedBytes(1, input.Length)];
        Assert.Equal(expected.Length, packed.Length);
        format.Pack(input, 1, input.Length, packed);
        int at = packed.AsSpan().CommonPrefixLength(expected);
        Assert.True(
            at == packed.Length,
            $"{name}: byte {at} (block {at / format.Info.BlockBytes}) is {packed[Math.Min(at, packed.Length - 1)]:x2}, ggml has {expected[Math.Min(at, packed.Length - 1)]:x2}"
        );
    }

    [SharedTheory]
    [InlineData("q4_0", "q4_0")]
    [InlineData("q4_1", "q4_1")]
    [InlineData("q5_0", "q5_0")]
    [InlineData("q5_1", "q5_1")]
    [InlineData("q8_0", "q8_0")]
    [InlineData("iq4_nl", "iq4_nl")]
    [InlineData("mxfp4", "mxfp4")]
    [InlineData("mxfp4-ggml", "mxfp4")]
    [InlineData("nvfp4-ggml", "nvfp4")]
    [InlineData("tq1_0", "tq1_0")]
    [InlineData("tq2_0", "tq2_0")]
    [InlineData("q1_0", "q1_0")]
    [InlineData("q2_0", "q2_0")]
    [InlineData("f16", "f16")]
    [InlineData("bf16", "bf16")]
    public void Unpacking_ggmls_bytes_gives_its_floats(string name, string type)
    {
        byte[] packed = File.ReadAllBytes(SharedFolder.File("golden", "ggml", type + ".bytes"));
        float[] expected = SharedFolder.Floats("golden", "ggml", type + ".f32"),
            actual = new float[expected.Length];
        Laws.Formats.All[name].Unpack(packed, 1, expected.Length, actual);
        CodingLaws.RequireSameBits(expected, actual, name);
    }

    [SharedFact]
    public void Packing_iq4_nl_gives_ggmls_bytes_but_for_the_codes_of_zero_blocks()
    {
        // ggml leaves the codes of the block before in a block whose scale is zero; ours are the codes of zero.
        float[] input = SharedFolder.Floats("golden", "ggml", "input.f32");
        byte[] expected = File.ReadAllBytes(SharedFolder.File("golden", "ggml", "iq4_nl.bytes")),
            packed = new byte[expected.Length];
        Laws.Formats.All["iq4_nl"].Pack(input, 1, input.Length, packed);
        for (int block = 0; block < expected.Length; block += 18)
        {
            int compared = expected[block] == 0 && expected[block + 1] == 0 ? 2 : 18;
            Assert.Equal(expected.AsSpan(block, compared), packed.AsSpan(block, compared));
        }
    }
}
