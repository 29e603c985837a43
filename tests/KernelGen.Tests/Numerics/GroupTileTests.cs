using System.Runtime.Intrinsics;
using KernelGen.Kernels.Elements;

namespace KernelGen.Tests;

/// <summary>Scales of 16 groups side by side against those of one after the other.</summary>
public sealed class GroupTileTests
{
    public static TheoryData<ScaleType> ScaleTypes =>
        [ScaleType.Float32, ScaleType.Float16, ScaleType.BFloat16, ScaleType.E8M0, ScaleType.E4M3, ScaleType.UE4M3];

    [Theory]
    [MemberData(nameof(ScaleTypes))]
    public void Lanes_code_scales_as_the_codec_does(ScaleType type)
    {
        var random = new Random(5);
        float[] special =
        [
            0f,
            -0f,
            float.MaxValue,
            -float.MaxValue,
            float.Epsilon,
            65504f,
            65520f,
            448f,
            256f,
            255.99f,
            0.015625f,
            0.01562499f,
            1.1754944e-38f,
            6e-39f,
        ];
        Span<float> values = stackalloc float[16];
        Span<byte> bytes = stackalloc byte[4];
        for (int turn = 0; turn < 40_000; turn++)
        {
            for (int i = 0; i < 16; i++)
            {
                float any = BitConverter.UInt32BitsToSingle((uint)random.NextInt64(1L << 32));
                float near = (2 * random.NextSingle() - 1) * MathF.Pow(2, random.Next(-30, 12));
                values[i] =
                    turn == 0 && i < special.Length ? special[i]
                    : turn % 2 == 0 && float.IsFinite(any) ? any
                    : near;
                values[i] = type == ScaleType.E8M0 ? MathF.Abs(values[i]) : values[i];
            }
            Vector512<uint> codes = ScaleLanes.Encode(type, Vector512.Create<float>(values));
            Vector512<float> decoded = ScaleLanes.Decode(type, codes),
                inverse = ScaleLanes.Reciprocal(Vector512.Create<float>(values));
            for (int i = 0; i < 16; i++)
            {
                bytes.Clear();
                ScaleCodec.Write(type, values[i], bytes);
                Assert.True(
                    BitConverter.ToUInt32(bytes) == codes.GetElement(i),
                    $"{values[i]:R} gave {codes.GetElement(i):X}, not {BitConverter.ToUInt32(bytes):X}"
                );
                Assert.Equal(
                    BitConverter.SingleToInt32Bits(ScaleCodec.Read(type, bytes)),
                    BitConverter.SingleToInt32Bits(decoded.GetElement(i))
                );
                Assert.Equal(ScaleCodec.Reciprocal(values[i]), inverse.GetElement(i));
            }
        }
    }

    [Theory]
    [InlineData(ScaleType.Float16)]
    [InlineData(ScaleType.BFloat16)]
    public void Infinite_scales_stay_infinite(ScaleType type)
    {
        Span<byte> bytes = stackalloc byte[2];
        foreach (float value in new[] { float.PositiveInfinity, float.NegativeInfinity })
        {
            ScaleCodec.Write(type, value, bytes);
            Assert.Equal(BitConverter.ToUInt16(bytes), ScaleLanes.Encode(type, Vector512.Create(value)).ToScalar());
        }
    }

    [Theory]
    [InlineData(16, 16)]
    [InlineData(32, 16)]
    [InlineData(48, 16)]
    [InlineData(128, 16)]
    [InlineData(32, 1)]
    [InlineData(32, 7)]
    public void Lanes_have_the_statistics_of_their_groups(int group, int groups)
    {
        switch (group)
        {
            case 16:
                Check<Of16>(groups);
                break;
            case 32:
                Check<Of32>(groups);
                break;
            case 48:
                Check<Of48>(groups);
                break;
            default:
                Check<Of128>(groups);
                break;
        }
    }

    private static void Check<TSize>(int groups)
        where TSize : struct, IGroupSize
    {
        int group = TSize.Group;
        var random = new Random(group + groups);
        var values = new float[group * groups];
        for (int turn = 0; turn < 300; turn++)
        {
            for (int i = 0; i < values.Length; i++)
            {
                // small integers: largest magnitudes of both signs, groups of zeros of both signs, of one sign
                int integer = random.Next(-3, 4);
                values[i] = (turn % 4) switch
                {
                    0 => integer,
                    1 => integer == 3 ? 0f : -0f,
                    2 => -MathF.Abs(integer) - random.NextSingle(),
                    _ => 2 * random.NextSingle() - 1,
                };
            }
            Vector512<uint> magnitudes = GroupTile<TSize>.Magnitudes(values);
            Vector512<float> signed = GroupTile<TSize>.SignedMax(values, out Vector512<uint> same),
                min = GroupTile<TSize>.Range(values, out Vector512<float> max);
            Assert.Equal(magnitudes, same);
            for (int g = 0; g < 16; g++)
            {
                ReadOnlySpan<float> one = g < groups ? values.AsSpan(g * group, group) : default;
                uint bits = GroupMath.MagnitudeBits(one);
                Assert.Equal(bits, magnitudes.GetElement(g));
                Assert.Equal(
                    BitConverter.SingleToInt32Bits(GroupMath.SignedMax(one, bits)),
                    BitConverter.SingleToInt32Bits(signed.GetElement(g))
                );
                (float low, float high) = one.IsEmpty ? default : GroupMath.Range(one);
                Assert.Equal(
                    (BitConverter.SingleToInt32Bits(low), BitConverter.SingleToInt32Bits(high)),
                    (BitConverter.SingleToInt32Bits(min.GetElement(g)), BitConverter.SingleToInt32Bits(max.GetElement(g)))
                );
            }
        }
    }

    [Fact]
    public void What_is_not_finite_comes_out_on_top()
    {
        var values = new float[512];
        values[100] = float.NaN;
        values[200] = float.NegativeInfinity;
        Vector512<uint> magnitudes = GroupTile<Of32>.Magnitudes(values);
        GroupTile<Of32>.SignedMax(values, out Vector512<uint> same);
        Assert.Equal(magnitudes, same);
        Assert.Equal([3, 6], Enumerable.Range(0, 16).Where(g => magnitudes.GetElement(g) >= GroupMath.NonFinite));
    }

    private readonly struct Of16 : IGroupSize
    {
        public static int Group => 16;
    }

    private readonly struct Of32 : IGroupSize
    {
        public static int Group => 32;
    }

    private readonly struct Of48 : IGroupSize
    {
        public static int Group => 48;
    }

    private readonly struct Of128 : IGroupSize
    {
        public static int Group => 128;
    }
}
