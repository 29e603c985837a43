using KernelGen;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;

namespace KernelGen.Scaling.Tests;

/// <summary>int4, symmetric, absmax, one float16 scale per 32; codes take a byte each here, so 8.5 bits are stored per weight.</summary>
public readonly struct HandMadeInt4 : ICompressedFormat<HandMadeInt4>
{
    private static readonly float[] Levels = [.. Enumerable.Range(-7, 15).Select(i => (float)i)];

    public static FormatInfo Info { get; } =
        new()
        {
            Name = "hand-int4-g32",
            Family = "int",
            ElementBits = 8,
            Group = 32,
            Block = 32,
            BlockBytes = 34,
            Stages = [new("IntElement", "-7 … 7"), new("Scale", "Float16 per 32, AbsMax")],
            Levels = Levels,
        };

    public static void ReferencePackRow(ReadOnlySpan<float> weights, float tensorScale, Span<byte> packedRow)
    {
        for (int start = 0; start < weights.Length; start += 32)
        {
            ReadOnlySpan<float> group = weights.Slice(start, Math.Min(32, weights.Length - start));
            Span<byte> block = packedRow.Slice(start / 32 * 34, 34);
            ScaleCodec.Write(ScaleType.Float16, BitConverter.UInt32BitsToSingle(GroupMath.MagnitudeBits(group)) / 7, block);
            float inverse = ScaleCodec.Reciprocal(ScaleCodec.Read(ScaleType.Float16, block));
            block[2..].Fill(7);
            for (int i = 0; i < group.Length; i++)
            {
                block[2 + i] = (byte)(Math.Clamp((int)MathF.Round(group[i] * inverse), -7, 7) + 7);
            }
        }
    }

    public static void ReferenceUnpackRow(ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            ReadOnlySpan<byte> block = packedRow.Slice(i / 32 * 34, 34);
            weights[i] = (block[2 + i % 32] - 7) * ScaleCodec.Read(ScaleType.Float16, block);
        }
    }

    public static void RoundTrip(ReadOnlySpan<float> weights, int rows, int columns, Span<float> result) =>
        MatrixDriver<HandMadeInt4>.RoundTrip(weights, rows, columns, result);

    public static void PackRows(
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        ReadOnlySpan<float> importance,
        Span<byte> packed
    ) => ScalarCode.PackRows<HandMadeInt4>(weights, rows, columns, tensorScale, packed);

    public static void UnpackSegment(ReadOnlySpan<byte> packedRow, int firstColumn, float tensorScale, Span<float> weights) =>
        ReferenceUnpackRow(packedRow[(firstColumn / Info.Block * Info.BlockBytes)..], tensorScale, weights);
}
