using System.Globalization;
using System.Text.Json;

namespace KernelGen.Formats.Tests.Golden;

/// <summary>OCP MX and NVFP4 blocks against an independent implementation, ties to even.</summary>
public class MxVectors
{
    [SharedTheory]
    [InlineData("mxe2m1fn", "mxfp4")]
    [InlineData("mxe2m3fn", "mxfp6-e2m3")]
    [InlineData("mxe3m2fn", "mxfp6-e3m2")]
    [InlineData("mxe4m3fn", "mxfp8-e4m3")]
    [InlineData("mxe5m2", "mxfp8-e5m2")]
    [InlineData("mxint8", "mxint8")]
    [InlineData("nvfp4_two_level", "nvfp4")]
    public void Blocks_have_the_scales_and_values_of_the_vectors(string vectors, string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(SharedFolder.File("golden", "mx_nvfp4_vectors.json")));
        CompressedFormat format = Laws.Formats.All[name];
        int compared = 0;
        foreach (
            JsonElement vector in document
                .RootElement.GetProperty("vectors")
                .EnumerateArray()
                .Where(v => v.GetProperty("format").GetString() == vectors)
        )
        {
            float[] block = Floats(document.RootElement.GetProperty("blocks").GetProperty(vector.GetProperty("block").GetString()!));
            byte[] packed = new byte[format.Info.PackedBytes(1, block.Length)];
            format.Pack(block, 1, block.Length, packed);
            byte[] scales = vector.TryGetProperty("scale_byte", out JsonElement one)
                ? [one.GetByte()]
                :
                [
                    .. vector
                        .GetProperty("scale_bytes")
                        .EnumerateArray()
                        .Select(scale => byte.Parse(scale.GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture)),
                ];
            Assert.Equal(scales, scales.Select((_, i) => packed[format.Info.TensorHeaderBytes + i * format.Info.BlockBytes]));

            float[] decoded = new float[block.Length];
            format.Unpack(packed, 1, block.Length, decoded);
            float[] expected = Floats(vector.GetProperty("dequant"));
            for (int i = 0; i < decoded.Length; i++)
            {
                // The vectors multiply in another order; the codes decide, so a unit in the last place is enough.
                Assert.True(
                    MathF.Abs(decoded[i] - expected[i]) <= 1.2e-7f * MathF.Abs(expected[i]),
                    $"{name} {i}: {decoded[i]:R} against {expected[i]:R}"
                );
                Assert.Equal(float.IsNegative(expected[i]), float.IsNegative(decoded[i]));
            }
            compared++;
        }
        Assert.Equal(2, compared);
    }

    private static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetSingle())];
}
