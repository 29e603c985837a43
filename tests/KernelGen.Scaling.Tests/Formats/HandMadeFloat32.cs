using KernelGen;
using KernelGen.Kernels.Products;

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
            RowHeaderBytes = 0,
            TensorHeader = null,
            Stages = [new("FloatElement", "binary32")],
            Levels = [],
            HoldsNonFinite = true,
        };

    public static float TensorScale(in TensorStatistics statistics) => 1f;

    public static void ReferencePackRow(ReadOnlySpan<float> weights, float tensorScale, Span<byte> packedRow) =>
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights).CopyTo(packedRow);

    public static void ReferenceUnpackRow(ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights) =>
        packedRow[..(4 * weights.Length)].CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights));

    public static void Pack(ReadOnlySpan<float> weights, int rows, int columns, Span<byte> packed) =>
        MatrixDriver<HandMadeFloat32>.Pack(weights, rows, columns, packed);

    public static void Unpack(ReadOnlySpan<byte> packed, int rows, int columns, Span<float> weights) =>
        MatrixDriver<HandMadeFloat32>.Unpack(packed, rows, columns, weights);

    public static void RoundTrip(ReadOnlySpan<float> weights, int rows, int columns, Span<float> result) =>
        MatrixDriver<HandMadeFloat32>.RoundTrip(weights, rows, columns, result);

    public static void PackRows(ReadOnlySpan<float> weights, int rows, int columns, float tensorScale, Span<byte> packed) =>
        ScalarCode.PackRows<HandMadeFloat32>(weights, rows, columns, tensorScale, packed);

    public static void UnpackSegment(ReadOnlySpan<byte> packedRow, int firstColumn, float tensorScale, Span<float> weights) =>
        ReferenceUnpackRow(packedRow[(firstColumn / Info.Block * Info.BlockBytes)..], tensorScale, weights);

    public static void RoundTripRows(ReadOnlySpan<float> weights, int rows, int columns, float tensorScale, Span<float> result) =>
        ScalarCode.RoundTripRows<HandMadeFloat32>(weights, rows, columns, tensorScale, result);

    public static ErrorSums Probe(ReadOnlySpan<float> samples, int rows, int columns, float tensorScale) =>
        ScalarCode.Probe<HandMadeFloat32>(samples, rows, columns, tensorScale);
}
