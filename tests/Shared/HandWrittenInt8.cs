using System.Buffers.Binary;
using KernelGen.Kernels.Products;

namespace KernelGen.Tests;

/// <summary>
/// A format written by hand, for tests of what lies around formats: blocks of four signed bytes after one float32 scale
/// (absmax / 127). Scalar and slow.
/// </summary>
public readonly struct HandWrittenInt8 : ICompressedFormat<HandWrittenInt8>
{
    private const int Block = 4,
        BlockBytes = 8;

    public static FormatInfo Info { get; } =
        new()
        {
            Name = "hand-int8",
            Family = "int",
            ElementBits = 8,
            Group = Block,
            Block = Block,
            BlockBytes = BlockBytes,
            Stages = [new("IntElement", "8 bits, −127 … 127"), new("Scale", "Float32 per 4, AbsMax")],
            Levels = [.. Enumerable.Range(0, 256).Select(code => (float)(sbyte)code)],
        };

    public static void Pack(ReadOnlySpan<float> weights, int rows, int columns, Span<byte> packed) =>
        MatrixDriver<HandWrittenInt8>.Pack(weights, rows, columns, packed);

    public static void Unpack(ReadOnlySpan<byte> packed, int rows, int columns, Span<float> weights) =>
        MatrixDriver<HandWrittenInt8>.Unpack(packed, rows, columns, weights);

    public static void RoundTrip(ReadOnlySpan<float> weights, int rows, int columns, Span<float> result) =>
        MatrixDriver<HandWrittenInt8>.RoundTrip(weights, rows, columns, result);

    public static void PackRows(
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        ReadOnlySpan<float> importance,
        Span<byte> packed
    )
    {
        int rowBytes = Info.RowBytes(columns);
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> values = weights.Slice(row * columns, columns);
            for (int column = 0; column < columns; column++)
            {
                if (!float.IsFinite(values[column]))
                {
                    throw new NonFiniteWeightException(Info.Name, row, column, values[column]);
                }
            }
            ReferencePackRow(values, tensorScale, packed.Slice(row * rowBytes, rowBytes));
        }
    }

    public static void UnpackSegment(ReadOnlySpan<byte> packedRow, int firstColumn, float tensorScale, Span<float> weights) =>
        ReferenceUnpackRow(packedRow[(firstColumn / Block * BlockBytes)..], tensorScale, weights);

    public static void ReferencePackRow(ReadOnlySpan<float> weights, float tensorScale, Span<byte> packedRow)
    {
        for (int start = 0; start < weights.Length; start += Block)
        {
            ReadOnlySpan<float> group = weights.Slice(start, Math.Min(Block, weights.Length - start));
            float largest = 0;
            foreach (float weight in group)
            {
                largest = Math.Max(largest, MathF.Abs(weight));
            }
            float scale = largest / 127;
            Span<byte> block = packedRow.Slice(start / Block * BlockBytes, BlockBytes);
            block.Clear();
            BinaryPrimitives.WriteSingleLittleEndian(block, scale);
            for (int i = 0; i < group.Length; i++)
            {
                block[4 + i] = scale > 0 ? (byte)(sbyte)Math.Clamp(MathF.Round(group[i] / scale), -127, 127) : (byte)0;
            }
        }
    }

    public static void ReferenceUnpackRow(ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            ReadOnlySpan<byte> block = packedRow.Slice(i / Block * BlockBytes, BlockBytes);
            weights[i] = (sbyte)block[4 + i % Block] * BinaryPrimitives.ReadSingleLittleEndian(block);
        }
    }
}
