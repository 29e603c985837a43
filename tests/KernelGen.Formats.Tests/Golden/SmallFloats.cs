using KernelGen.Kernels.Elements;

namespace KernelGen.Formats.Tests.Golden;

/// <summary>Every code of the small floats against its definition.</summary>
public class SmallFloats
{
    /// <summary>Every code by its definition: OCP MX section 5.3, IEEE 754 section 3.4.</summary>
    [Theory]
    [InlineData("e2m1", 2, 1, 0)]
    [InlineData("e2m3", 2, 3, 0)]
    [InlineData("e3m2", 3, 2, 0)]
    [InlineData("mxfp8-e4m3", 4, 3, 1)]
    [InlineData("mxfp8-e5m2", 5, 2, 4)]
    [InlineData("corner-e3m4-ieee", 3, 4, 16)]
    [InlineData("corner-e4m3-ieee", 4, 3, 8)]
    public void Levels_are_those_of_the_definition(string format, int exponentBits, int mantissaBits, int specials)
    {
        IReadOnlyList<float> levels = Laws.Formats.All[format].Info.Levels;
        Assert.Equal(1 << 1 + exponentBits + mantissaBits, levels.Count);
        for (int code = 0; code < levels.Count; code++)
        {
            Assert.Equal(Level(code, exponentBits, mantissaBits, specials), levels[code]);
        }
    }

    /// <summary>Known values of scale codes, first and last finite ones among them.</summary>
    [Fact]
    public void E8M0_and_E4M3_scales_are_those_of_the_definition()
    {
        for (int code = 0; code < 256; code++)
        {
            Assert.Equal(code == 255 ? float.NaN : MathF.ScaleB(1, code - 127), ScaleCodec.FromE8M0((byte)code));
            Assert.Equal(Level(code, 4, 3, 1), ScaleCodec.FromE4M3((byte)code));
        }
    }

    /// <summary>The value of a code of sign, exponent and mantissa; <paramref name="specials"/> codes at the top are not finite.</summary>
    private static float Level(int code, int exponentBits, int mantissaBits, int specials)
    {
        int magnitude = code & (1 << exponentBits + mantissaBits) - 1,
            first = (1 << exponentBits + mantissaBits) - specials,
            exponent = magnitude >> mantissaBits,
            mantissa = magnitude & (1 << mantissaBits) - 1,
            bias = (1 << exponentBits - 1) - 1;
        float value =
            magnitude >= first ? (magnitude == first && specials > 1 ? float.PositiveInfinity : float.NaN)
            : exponent == 0 ? MathF.ScaleB(mantissa, 1 - bias - mantissaBits)
            : MathF.ScaleB((1 << mantissaBits) + mantissa, exponent - bias - mantissaBits);
        return magnitude == code ? value : -value;
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
}
