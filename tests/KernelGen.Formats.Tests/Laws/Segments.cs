using System.Reflection;
using KernelGen.Kernels.Elements;

namespace KernelGen.Formats.Tests.Laws;

/// <summary>Calls the generic segment decoder of a format that is known at run time only.</summary>
internal static class Segments
{
    public static void Check(CompressedFormat format, byte[] packed, float[] all, int block) =>
        typeof(Segments)
            .GetMethod(nameof(CheckOf), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(format.Declaration)
            .Invoke(null, [packed, all, block]);

    private static void CheckOf<TFormat>(byte[] packed, float[] all, int block)
        where TFormat : struct, ICompressedFormat<TFormat>
    {
        float scale = TFormat.Info.TensorHeader is { } type ? ScaleCodec.Read(type, packed) : 1f;
        ReadOnlySpan<byte> row = packed.AsSpan(TFormat.Info.TensorHeaderBytes);
        foreach (
            (int first, int count) in new[]
            {
                (0, 1),
                (block, block),
                (block, all.Length - block),
                (2 * block, block + 1),
                (4 * block, all.Length - 4 * block),
            }
        )
        {
            float[] part = new float[count];
            TFormat.UnpackSegment(row, first, scale, part);
            CodingLaws.RequireSameBits(all.AsSpan(first, count), part, $"{TFormat.Info.Name} segment {first}+{count}");
        }
        if (block > 1)
        {
            ArgumentException e = Assert.Throws<ArgumentException>(() =>
                TFormat.UnpackSegment(packed.AsSpan(TFormat.Info.TensorHeaderBytes), 1, scale, new float[1])
            );
            Assert.Contains($"multiples of {block}", e.Message);
        }
    }
}
