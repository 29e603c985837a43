using KernelGen.Kernels.Elements;

namespace KernelGen.Formats.Tests.Memory;

/// <summary>Calls that once read or wrote beyond their spans, at an inaccessible page.</summary>
public class ShortSpanTests
{
    [Theory]
    [InlineData(CodeOrder.Split)]
    [InlineData(CodeOrder.LowFirst)]
    [InlineData(CodeOrder.HighFirst)]
    public void Planes_that_are_too_short_are_refused(CodeOrder order)
    {
        byte[] codes = new byte[8],
            plane = new byte[4];
        Assert.ThrowsAny<ArgumentException>(() => BitPlanes.Write(codes, 0, 4, order, plane.AsSpan(0, 1)));
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => BitPlanes.Read(plane.AsSpan(0, 1), 0, 4, order, codes));
        Assert.Contains("8 codes of 4 bits have 4 bytes, not 1", thrown.Message, StringComparison.Ordinal);
        Assert.All(plane, one => Assert.Equal(0, one));
    }

    [Theory]
    [InlineData(24, 48)]
    [InlineData(32, 32)]
    [InlineData(36, 32)]
    [InlineData(40, 32)]
    [InlineData(44, 32)]
    [InlineData(18, 64)]
    [InlineData(20, 64)]
    [InlineData(22, 64)]
    [InlineData(16, 80)]
    [InlineData(32, 256)]
    public unsafe void Trellis_blocks_unpack_inside_their_bytes(int bitsPer16, int block)
    {
        var spec = new TrellisSpec(bitsPer16, TrellisSpec.MinStateBits, block);
        using GuardedMemory bytes = new(spec.BlockBytes),
            values = new(sizeof(float) * block);
        var packed = new Span<byte>((void*)bytes.Last(spec.BlockBytes), spec.BlockBytes);
        var weights = new Span<float>((void*)values.Last(sizeof(float) * block), block);
        new Random(block).NextBytes(packed);
        float[] expected = new float[block];
        TrellisDecoder.DecodeReference(spec, packed, 0.5f, expected);
        TrellisDecoder.Decode(spec, packed, 0.5f, weights);
        Assert.Equal(expected, weights);
    }
}
