using System.Buffers.Binary;
using KernelGen.Tests;

namespace KernelGen.Models.Tests;

public sealed class SafetensorsReadingTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Every_readable_type_gives_its_values()
    {
        // 1.5, -2, smallest subnormal of each, in hand-computed bits.
        byte[] data =
        [
            0x00,
            0x00,
            0xC0,
            0x3F,
            0x00,
            0x00,
            0x00,
            0xC0,
            0x00,
            0x3E,
            0x00,
            0xC0,
            0x01,
            0x00,
            0xC0,
            0x3F,
            0x00,
            0xC0,
            0,
            0,
            0,
            0,
            0,
            0,
            0xF8,
            0x3F,
            0x3C,
            0xC0,
            0x01,
            0x7E,
            0x7F,
            0x3E,
            0xC0,
            0x01,
            0x7C,
        ];
        const string header = """
            {"f32":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
             "f16":{"dtype":"F16","shape":[3],"data_offsets":[8,14]},
             "bf16":{"dtype":"BF16","shape":[2,1],"data_offsets":[14,18]},
             "f64":{"dtype":"F64","shape":[],"data_offsets":[18,26]},
             "e4m3":{"dtype":"F8_E4M3","shape":[5],"data_offsets":[26,31]},
             "e5m2":{"dtype":"F8_E5M2","shape":[4],"data_offsets":[31,35]}}
            """;
        using SafetensorsFile file = SafetensorsFile.Open(_scratch.Write("a.safetensors", SafetensorsBytes.Of(header, data)));
        Assert.Equal([1.5f, -2f], file.ReadSingles(file["f32"]));
        Assert.Equal([1.5f, -2f, 5.9604645e-8f], file.ReadSingles(file["f16"]));
        Assert.Equal([1.5f, -2f], file.ReadSingles(file["bf16"]));
        Assert.Equal([1.5f], file.ReadSingles(file["f64"]));
        Assert.Equal([1.5f, -2f, 0.001953125f, 448f, float.NaN], file.ReadSingles(file["e4m3"]));
        Assert.Equal([1.5f, -2f, 1.5258789e-5f, float.PositiveInfinity], file.ReadSingles(file["e5m2"]));
        Assert.Equal([-2f], Part(file, "f16", 1, 1));
    }

    [Fact]
    public void A_tensor_is_a_matrix_whose_columns_are_contracted()
    {
        using SafetensorsFile file = SafetensorsFile.Open(
            _scratch.Write(
                "a.safetensors",
                SafetensorsBytes.Of(
                    """{"m":{"dtype":"U8","shape":[2,3,4],"data_offsets":[0,24]},"v":{"dtype":"U8","shape":[5],"data_offsets":[24,29]},"s":{"dtype":"U8","shape":[],"data_offsets":[29,30]},"e":{"dtype":"U8","shape":[0,7],"data_offsets":[0,0]}}""",
                    new byte[30]
                )
            )
        );
        Assert.Equal((2, 12), (file["m"].Rows, file["m"].Columns));
        Assert.Equal((1, 5), (file["v"].Rows, file["v"].Columns));
        Assert.Equal((1, 1), (file["s"].Rows, file["s"].Columns));
        Assert.Equal((0, 7), (file["e"].Rows, file["e"].Columns));
    }

    [Fact]
    public void Types_that_are_no_numbers_for_us_are_listed_but_not_read()
    {
        using SafetensorsFile file = SafetensorsFile.Open(
            _scratch.Write("a.safetensors", SafetensorsBytes.One("\"I64\"", "[1]", "[0,8]", 8))
        );
        Assert.Equal(SafetensorsDtype.I64, file["t"].Dtype);
        var failure = Assert.Throws<ModelFormatException>(() => file.ReadSingles(file["t"]));
        Assert.Contains(
            "its values are I64; F8_E5M2, F8_E4M3, F8_E4M3FNUZ, F8_E5M2FNUZ, F16, BF16, F32, F64 can be read",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.Equal("t", failure.Tensor);
    }

    [Fact]
    public void Half_bytes_make_whole_tensors_or_an_error()
    {
        using (
            SafetensorsFile file = SafetensorsFile.Open(_scratch.Write("a.safetensors", SafetensorsBytes.One("\"F4\"", "[4]", "[0,2]", 2)))
        )
        {
            Assert.Equal(2, file["t"].Bytes);
        }
        var failure = Assert.Throws<ModelFormatException>(() =>
            SafetensorsFile.Open(_scratch.Write("b.safetensors", SafetensorsBytes.One("\"F4\"", "[3]", "[0,2]", 2)))
        );
        Assert.Contains("12 bits, no whole number of bytes", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Metadata_are_read()
    {
        using SafetensorsFile file = SafetensorsFile.Open(
            _scratch.Write("a.safetensors", SafetensorsBytes.Of("""{"__metadata__":{"format":"pt","ü":"\n"}}   """))
        );
        Assert.Empty(file.Tensors);
        Assert.Equal("pt", file.Header.Metadata["format"]);
        Assert.Equal("\n", file.Header.Metadata["ü"]);
    }

    [Fact]
    public void Unknown_tensors_suggest_the_nearest()
    {
        using SafetensorsFile file = SafetensorsFile.Open(
            _scratch.Write("a.safetensors", SafetensorsBytes.One("\"U8\"", "[1]", "[0,1]", 1))
        );
        Assert.Contains(
            "has no tensor 'T'. Did you mean t?",
            Assert.Throws<KeyNotFoundException>(() => file["T"]).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_file_that_shrinks_after_opening_is_an_error()
    {
        string path = _scratch.Write("a.safetensors", SafetensorsBytes.One("\"U8\"", "[100]", "[0,100]", 100));
        using SafetensorsFile file = SafetensorsFile.Open(path);
        using (FileStream stream = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            stream.SetLength(stream.Length - 10);
        }
        Assert.Contains(
            "the file ends at byte",
            Assert.Throws<ModelFormatException>(() => file.ReadBytes(file["t"], 0, new byte[100])).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Values_are_the_same_in_parts_and_at_once()
    {
        var data = new byte[4 * 300_001];
        for (int i = 0; i < 300_001; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(4 * i), i);
        }
        using SafetensorsFile file = SafetensorsFile.Open(
            _scratch.Write(
                "a.safetensors",
                SafetensorsBytes.Of("""{"t":{"dtype":"F32","shape":[300001],"data_offsets":[0,1200004]}}""", data)
            )
        );
        float[] all = file.ReadSingles(file["t"]);
        Assert.Equal(300_000f, all[^1]);
        Assert.Equal(all[1234..250_000], Part(file, "t", 1234, 250_000 - 1234));
        Assert.Throws<ArgumentOutOfRangeException>(() => Part(file, "t", 300_000, 2));
    }

    private static float[] Part(SafetensorsFile file, string name, long start, int count)
    {
        var values = new float[count];
        file.ReadSingles(file[name], start, values);
        return values;
    }
}
