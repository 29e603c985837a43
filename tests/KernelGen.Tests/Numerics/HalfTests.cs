using KernelGen.Kernels.Elements;

namespace KernelGen.Tests;

/// <summary>Rounding to binary16 against the runtime's own.</summary>
public sealed class HalfTests
{
    private const float Largest = 65504f;

    private static void Same(float value)
    {
        Half expected = (Half)(float.IsFinite(value) ? Math.Clamp(value, -Largest, Largest) : value);
        Assert.True(
            BitConverter.HalfToUInt16Bits(expected) == ScaleCodec.ToHalf(value),
            $"{value:R} ({BitConverter.SingleToUInt32Bits(value):X8}) gave {ScaleCodec.ToHalf(value):X4}, not "
                + $"{BitConverter.HalfToUInt16Bits(expected):X4}"
        );
    }

    [Fact]
    public void Every_binary16_its_neighbours_and_the_ties_between_round_as_they_should()
    {
        for (int code = 0; code <= ushort.MaxValue; code++)
        {
            float value = ScaleCodec.FromHalf((ushort)code),
                next = ScaleCodec.FromHalf((ushort)(code + 1));
            float tie = float.IsFinite(value) && float.IsFinite(next) ? (float)((value + (double)next) / 2) : value;
            foreach (
                float around in new[]
                {
                    value,
                    tie,
                    MathF.BitIncrement(tie),
                    MathF.BitDecrement(tie),
                    MathF.BitIncrement(value),
                    MathF.BitDecrement(value),
                }
            )
            {
                Same(around);
            }
        }
    }

    [Fact]
    public void Ends_and_zeros_round_as_they_should() =>
        Array.ForEach([65519.99f, 65520f, -1e9f, float.MaxValue, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon, -0f], Same);
}
