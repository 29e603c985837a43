using KernelGen;
using KernelGen.Kernels.Elements;

namespace KernelGen.Scaling.Tests;

/// <summary>
/// int4, mid-rise, one float32 scale per tensor at the multiple of the RMS that is optimal for a Gaussian; a byte a code.
/// </summary>
public readonly struct HandMadeMidRise : ICompressedFormat<HandMadeMidRise>
{
    private static readonly float[] Levels = [.. Enumerable.Range(-8, 16).Select(i => i + 0.5f)];

    public static FormatInfo Info { get; } =
        new()
        {
            Name = "hand-int4",
            Family = "int",
            ElementBits = 8,
            Group = ScaleGroup.Tensor,
            Block = 1,
            BlockBytes = 1,
            TensorHeader = ScaleType.Float32,
            Stages = [new("IntElement", "±½ … ±7½"), new("Scale", "Float32 per tensor, GaussianOptimal")],
            Levels = Levels,
            GaussianScale = GaussianGrid.OptimalScale([.. Levels.Select(level => (double)level)]),
        };

    public static float TensorScale(in TensorStatistics statistics) => (float)(statistics.Rms * Info.GaussianScale!.Value);

    public static void ReferencePackRow(ReadOnlySpan<float> weights, float tensorScale, Span<byte> packedRow)
    {
        float inverse = ScaleCodec.Reciprocal(tensorScale);
        for (int i = 0; i < weights.Length; i++)
        {
            packedRow[i] = ScalarCode.Nearest(Levels, weights[i] * inverse);
        }
    }

    public static void ReferenceUnpackRow(ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = Levels[packedRow[i]] * tensorScale;
        }
    }

    public static void PackRows(
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        ReadOnlySpan<float> importance,
        Span<byte> packed
    ) => ScalarCode.PackRows<HandMadeMidRise>(weights, rows, columns, tensorScale, packed);

    public static void UnpackSegment(ReadOnlySpan<byte> packedRow, int firstColumn, float tensorScale, Span<float> weights) =>
        ReferenceUnpackRow(packedRow[(firstColumn / Info.Block * Info.BlockBytes)..], tensorScale, weights);
}
