using KernelGen.Tests;

namespace KernelGen.Cli.Tests;

/// <summary>A second format: signs and one scale per row, which is the optimal one for Gaussian values. Bits are bytes here.</summary>
public readonly struct HandWrittenRow1 : ICompressedFormat<HandWrittenRow1>
{
    private const float Level = 0.7978846f;

    public static FormatInfo Info { get; } =
        new()
        {
            Name = "row-sign",
            Family = "int",
            ElementBits = 1,
            Group = ScaleGroup.Row,
            Block = 1,
            BlockBytes = 1,
            RowHeaderBytes = 4,
            Stages = [new("IntElement", "sign"), new("Scale", "Float32 per row, GaussianOptimal")],
            Levels = [-1, 1],
            GaussianScale = Level,
        };

    public static void PackRows(
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        ReadOnlySpan<float> importance,
        Span<byte> packed
    )
    {
        for (int row = 0; row < rows; row++)
        {
            ReferencePackRow(weights.Slice(row * columns, columns), tensorScale, packed.Slice(row * (columns + 4), columns + 4));
        }
    }

    public static void UnpackSegment(ReadOnlySpan<byte> packedRow, int firstColumn, float tensorScale, Span<float> weights)
    {
        float scale = BitConverter.ToSingle(packedRow);
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = packedRow[4 + firstColumn + i] == 0 ? -scale : scale;
        }
    }

    public static void ReferencePackRow(ReadOnlySpan<float> weights, float tensorScale, Span<byte> packedRow)
    {
        BitConverter.TryWriteBytes(packedRow, Level * (float)TensorStatistics.Measure(weights).Rms);
        for (int i = 0; i < weights.Length; i++)
        {
            packedRow[4 + i] = weights[i] < 0 ? (byte)0 : (byte)1;
        }
    }

    public static void ReferenceUnpackRow(ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights) =>
        UnpackSegment(packedRow, 0, tensorScale, weights);
}
