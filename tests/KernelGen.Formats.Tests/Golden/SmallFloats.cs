using System.Globalization;
using KernelGen.Kernels.Elements;

namespace KernelGen.Formats.Tests.Golden;

/// <summary>Every code of the small floats against tables from independent implementations.</summary>
public class SmallFloats
{
    [SharedTheory]
    [InlineData("e2m1fn", "e2m1")]
    [InlineData("e2m3fn", "e2m3")]
    [InlineData("e3m2fn", "e3m2")]
    [InlineData("e4m3fn", "mxfp8-e4m3")]
    [InlineData("e5m2", "mxfp8-e5m2")]
    [InlineData("e3m4", "corner-e3m4-ieee")]
    [InlineData("e4m3", "corner-e4m3-ieee")]
    public void Levels_are_those_of_the_table(string type, string format)
    {
        (int Code, float Value)[] table =
        [
            .. File.ReadLines(SharedFolder.File("golden", "float_codepoints.csv"))
                .Skip(1)
                .Select(line => line.Split(','))
                .Where(row => row[0] == type)
                .Select(row => (int.Parse(row[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture), Parse(row[2]))),
        ];
        IReadOnlyList<float> levels = Laws.Formats.All[format].Info.Levels;
        Assert.Equal(table.Length, levels.Count);
        Assert.All(table, row => Assert.Equal(row.Value, levels[row.Code]));
    }

    [SharedFact]
    public void E8M0_and_E4M3_scales_are_those_of_the_table()
    {
        int checkedCodes = 0;
        foreach (
            string[] row in File.ReadLines(SharedFolder.File("golden", "minifloat_decode.csv")).Skip(1).Select(line => line.Split(','))
        )
        {
            byte code = byte.Parse(row[1], CultureInfo.InvariantCulture);
            if (row[0] == "e8m0")
            {
                Assert.Equal(Parse(row[2]), ScaleCodec.FromE8M0(code));
                checkedCodes++;
            }
            else if (row[0] == "e4m3fn")
            {
                Assert.Equal(Parse(row[2]), ScaleCodec.FromE4M3(code));
                checkedCodes++;
            }
        }
        Assert.Equal(512, checkedCodes);
    }

    [Fact]
    public void Scale_types_round_trip_every_code()
    {
        for (int code = 0; code < 65536; code++)
        {
            float half = ScaleCodec.FromHalf((ushort)code),
                brain = ScaleCodec.FromBFloat16((ushort)code);
            Assert.Equal((float)BitConverter.UInt16BitsToHalf((ushort)code), half);
            Assert.True(float.IsNaN(half) || ScaleCodec.ToHalf(half) == code);
            Assert.True(float.IsNaN(brain) || ScaleCodec.ToBFloat16(brain) == code);
        }
        for (int code = 0; code < 255; code++)
        {
            Assert.Equal(code, ScaleCodec.ToE8M0(ScaleCodec.FromE8M0((byte)code)));
            Assert.True(code % 128 == 127 || ScaleCodec.ToE4M3(ScaleCodec.FromE4M3((byte)code)) == code);
            Assert.True(
                code >= 127 || ScaleCodec.ToUE4M3(ScaleCodec.FromUE4M3((byte)code)) is var back && (back == code || code >= 15 << 3)
            );
        }
    }

    [Fact]
    public void Scales_saturate_and_flush_as_documented()
    {
        Assert.Equal(65504f, ScaleCodec.Rounded(ScaleType.Float16, 1e30f));
        Assert.Equal(0f, ScaleCodec.Rounded(ScaleType.Float16, 1e-9f));
        Assert.True(float.IsFinite(ScaleCodec.Rounded(ScaleType.BFloat16, float.MaxValue)));
        Assert.Equal(448f, ScaleCodec.Rounded(ScaleType.E4M3, 1e9f));
        Assert.Equal(448f, ScaleCodec.Rounded(ScaleType.UE4M3, 256f));
        Assert.Equal(0f, ScaleCodec.Rounded(ScaleType.UE4M3, -3f));
        Assert.Equal(0f, ScaleCodec.Reciprocal(1e-39f));
        Assert.Equal(4f, ScaleCodec.Reciprocal(0.25f));
    }

    private static float Parse(string text) =>
        text switch
        {
            "inf" => float.PositiveInfinity,
            "-inf" => float.NegativeInfinity,
            _ => float.Parse(text, CultureInfo.InvariantCulture),
        };
}
