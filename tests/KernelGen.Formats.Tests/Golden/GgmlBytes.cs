using System.Runtime.InteropServices;

namespace KernelGen.Formats.Tests.Golden;

/// <summary>Byte identity with ggml's reference quantisers and decoders, by digests of their results (<see cref="GgmlInput"/>).</summary>
public class GgmlBytes
{
    [Theory]
    [InlineData("q4_0", "d17651661099579b", "34d0230515f6ae7a")]
    [InlineData("q4_1", "c3d2df1eec33babd", "27306dbd94471cc7")]
    [InlineData("q5_0", "a3c97a1dd410a070", "5e36ef1f5ad7594a")]
    [InlineData("q5_1", "4ae8d865e77a8928", "95f3e49cfabd40fc")]
    [InlineData("q8_0", "06d946733b11fda8", "867e2085bfd5d32f")]
    [InlineData("mxfp4-ggml", "25c73d38344964bb", "d23206d8921ec799")]
    [InlineData("nvfp4-ggml", "53d308468ccd8be5", "959078d2d91632a2")]
    [InlineData("tq1_0", "51cd22a3b11ff2d0", "15603abb2399a7ac")]
    [InlineData("tq2_0", "944e74dc8682fcdb", "15603abb2399a7ac")]
    [InlineData("q1_0", "84352f1e47be04d1", "7243d733088fb8a5")]
    [InlineData("q2_0", "cf9a1348952d5990", "0fea3572b508a961")]
    [InlineData("f16", "92c500dce0d6f82f", "7ab32bc901170357")]
    [InlineData("bf16", "3e59ee2c21f1ad46", "e72822070062ec5e")]
    public void Packing_gives_ggmls_bytes_and_unpacking_its_floats(string name, string bytes, string floats)
    {
        float[] input = GgmlInput.Values();
        Assert.Equal("c8b95fed9c2b90ca", GgmlInput.Digest(MemoryMarshal.AsBytes<float>(input)));
        CompressedFormat format = Laws.Formats.All[name];
        byte[] packed = new byte[format.Info.PackedBytes(1, input.Length)];
        format.Pack(input, 1, input.Length, packed);
        Assert.Equal(bytes, GgmlInput.Digest(packed));
        format.Unpack(packed, 1, input.Length, input);
        Assert.Equal(floats, GgmlInput.Digest(MemoryMarshal.AsBytes<float>(input)));
    }

    /// <summary>ggml leaves the codes of the block before in a block whose scale is zero; ours are the codes of zero.</summary>
    [Fact]
    public void Packing_iq4_nl_gives_ggmls_bytes_but_for_the_codes_of_zero_blocks()
    {
        float[] input = GgmlInput.Values();
        byte[] packed = new byte[2304];
        Laws.Formats.All["iq4_nl"].Pack(input, 1, input.Length, packed);
        for (int block = 0; block < packed.Length; block += 18)
        {
            if (packed[block] == 0 && packed[block + 1] == 0)
            {
                packed.AsSpan(block, 18).Clear();
            }
        }
        Assert.Equal("8653420c1007c090", GgmlInput.Digest(packed));
    }

    /// <summary>Blocks of several scales: arbitrary codes decode to ggml's floats, by the kernels and by the reference.</summary>
    [Theory]
    [InlineData("q2_k", 84, "1104fd56059d12eb", 81, 83)]
    [InlineData("q3_k", 110, "060a81c260cd7f21", 109)]
    [InlineData("q4_k", 144, "8a15ea2185f1d477", 1, 3)]
    [InlineData("q5_k", 176, "5350c0d7621ffcd5", 1, 3)]
    [InlineData("q6_k", 210, "501bf1fc1a0f53c8", 209)]
    [InlineData("iq4_xs", 136, "77259edfc7efcce4", 1)]
    public void Arbitrary_codes_decode_to_ggmls_floats(string name, int blockBytes, string floats, params int[] highBytes)
    {
        byte[] packed = GgmlInput.Codes(blockBytes, highBytes);
        float[] decoded = new float[16 * GgmlInput.Block];
        CompressedFormat format = Laws.Formats.All[name];
        Assert.Equal(packed.Length, format.Info.PackedBytes(1, decoded.Length));
        format.Unpack(packed, 1, decoded.Length, decoded);
        Assert.Equal(floats, GgmlInput.Digest(MemoryMarshal.AsBytes<float>(decoded)));
        format.ReferenceUnpack(packed, 1, decoded.Length, decoded);
        Assert.Equal(floats, GgmlInput.Digest(MemoryMarshal.AsBytes<float>(decoded)));
    }
}
