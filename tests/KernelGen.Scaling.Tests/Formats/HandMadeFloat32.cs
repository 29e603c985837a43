using KernelGen;

namespace KernelGen.Scaling.Tests;

/// <summary>float32 as it is.</summary>
public readonly struct HandMadeFloat32 : ICompressedFormat<HandMadeFloat32>
{
    public static FormatInfo Info { get; } =
        new()
        {
            Name = "hand-f32",
            Family = "float",
            ElementBits = 32,
            Group = 0,
            Block = 1,
            BlockBytes = 4,
            Stages = [new("FloatElement", "binary32")],
            HoldsNonFinite = true,
        };

    public static void ReferencePackRow(ReadOnlySpan<float> weights, float tensorScale, Span<byte> packedRow) =>
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights).CopyTo(packedRow);

    public static void ReferenceUnpackRow(ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights) =>
        packedRow[..(4 * weights.Length)].CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights));

    public static void PackRows(
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        ReadOnlySpan<float> importance,
        Span<byte> packed
    ) => ScalarCode.PackRows<HandMadeFloat32>(weights, rows, columns, tensorScale, packed);

    public static void UnpackSegment(ReadOnlySpan<byte> packedRow, int firstColumn, float tensorScale, Span<float> weights) =>
        ReferenceUnpackRow(packedRow[(firstColumn / Info.Block * Info.BlockBytes)..], tensorScale, weights);
}
