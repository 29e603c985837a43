using KernelGen.Kernels.Elements;

namespace KernelGen.Formats.Tests.Golden;

/// <summary>
/// OCP MX and NVFP4 blocks against an independent implementation, ties to even: two blocks, their scales and their codes.
/// </summary>
public class MxVectors
{
    private const int Hash = 0,
        Edge = 1;

    private static readonly float[][] Blocks =
    [
        [
            -1.828125f,
            -1.8125f,
            -0.0078125f,
            -1.5703125f,
            -1.796875f,
            -0.9921875f,
            -0.8359375f,
            0.1328125f,
            -0.3828125f,
            -0.359375f,
            -2.4296875f,
            1.3359375f,
            1.3671875f,
            0.9140625f,
            0.0078125f,
            0.921875f,
            -0.0859375f,
            0.2578125f,
            1.9609375f,
            0.4453125f,
            -1.28125f,
            -1.09375f,
            -2.234375f,
            1.96875f,
            1.5390625f,
            1.3671875f,
            -0.96875f,
            -3.1484375f,
            2.5546875f,
            0.8515625f,
            -0.4375f,
            -0.421875f,
        ],
        [
            0f,
            -0.0f,
            1f,
            -1f,
            0.25f,
            0.75f,
            1.25f,
            1.75f,
            2.5f,
            3.5f,
            5f,
            7f,
            7.75f,
            -7.75f,
            6f,
            -6f,
            0.125f,
            -0.125f,
            0.0625f,
            0.001f,
            -0.001f,
            3f,
            -3f,
            0.5f,
            -0.5f,
            1.5f,
            -1.5f,
            4f,
            -4f,
            2f,
            -2f,
            6.9f,
        ],
    ];

    [Theory]
    [InlineData("mxfp4", Hash, "7e", "0e0e080d0e0c0b010a090e0505040004080106020d0c0e0605050c0f07030a0a")]
    [InlineData("mxfp6-e2m3", Hash, "7e", "3736203536302d0226263a13130f000f21041807323139181413303d1a0e2727")]
    [InlineData("mxfp6-e3m2", Hash, "7c", "3b3b213a3b38370c32323d19191701172a101c1339383c1c1a19383e1d173333")]
    [InlineData("mxfp8-e4m3", Hash, "78", "f7f6b8f5f6f0ed58e4e4fa73736f386fd3607866f2f1f9787473f0fd7a6ee6e6")]
    [InlineData("mxfp8-e5m2", Hash, "71", "f7f7d8f6f7f4f368eeeef97575735873e66c786ff5f4f8787675f4fa7973efef")]
    [InlineData("mxint8", Hash, "80", "c6c600cec6e0e504f4f4b22b2c1d001efd083f0ed7ddb83f312ce19b521bf2f2")]
    [InlineData("nvfp4", Hash, "7b7e", "0e0e080e0e0c0c010a0a0f0505040004080106020c0c0e0605050c0f06030a0a")]
    [InlineData("mxfp4", Edge, "7f", "0008020a0002020404060607070f070f0008000008050d0109030b060e040c07")]
    [InlineData("mxfp6-e2m3", Edge, "7f", "0020082802060a0e12161a1e1f3f1c3c0121000020143404240c2c183810301e")]
    [InlineData("mxfp6-e3m2", Edge, "7d", "002014340c121517191b1d1f1f3f1e3e08280400201a3a103016361c3c18381f")]
    [InlineData("mxfp8-e4m3", Edge, "79", "008068e858646a6e72767a7e7efe7cfc50d048189874f460e06cec78f870f07e")]
    [InlineData("mxfp8-e5m2", Edge, "72", "008070f0686e71737577797b7bfb7afa64e46048c876f66cec72f278f874f47b")]
    [InlineData("mxint8", Edge, "81", "000010f0040c141c283850707c8460a002fe01000030d008f818e840c020e06e")]
    [InlineData("nvfp4", Edge, "7e7c", "0008020a0001020304050607070f060e0008000008050d0109030b060e040c07")]
    public void Blocks_have_the_scales_and_values_of_the_vectors(string name, int block, string scales, string codes)
    {
        float[] values = Blocks[block],
            decoded = new float[values.Length];
        FormatInfo info = Laws.Formats.All[name].Info;
        byte[] packed = new byte[info.PackedBytes(1, values.Length)],
            scaleCodes = Convert.FromHexString(scales),
            elementCodes = Convert.FromHexString(codes);
        Laws.Formats.All[name].Pack(values, 1, values.Length, packed);
        Assert.Equal(scaleCodes, scaleCodes.Select((_, i) => packed[info.TensorHeaderBytes + i * info.BlockBytes]));
        Laws.Formats.All[name].Unpack(packed, 1, values.Length, decoded);
        float tensorScale = info.TensorHeaderBytes == 0 ? 1 : BitConverter.ToSingle(packed);
        for (int i = 0; i < decoded.Length; i++)
        {
            byte scale = scaleCodes[i / info.Block];
            float expected =
                name == "mxint8"
                    ? (sbyte)elementCodes[i] / 64f * ScaleCodec.FromE8M0(scale)
                    : info.Levels[elementCodes[i]]
                        * (name == "nvfp4" ? ScaleCodec.FromE4M3(scale) * tensorScale : ScaleCodec.FromE8M0(scale));
            Assert.Equal(expected, decoded[i]);
            Assert.Equal(float.IsNegative(expected), float.IsNegative(decoded[i]));
        }
    }
}
