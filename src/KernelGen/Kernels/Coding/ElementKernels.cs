using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;
using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Coding;

/// <summary>
/// The kernels of formats whose codes stand for one weight each: the loops over rows, blocks and groups, compiled for each recipe and for
/// the widest vectors that the machine and the recipe have.
/// </summary>
/// <typeparam name="TRecipe">The format's own part.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ElementKernels<TRecipe>
    where TRecipe : struct, IElementRecipe<TRecipe>
{
    /// <summary>Bytes in front of each row: a scale, or none. A constant to the JIT, as a segment may be one short block.</summary>
    private static readonly int HeaderBytes = TRecipe.Spec.RowHeaderBytes;

    /// <summary>The oracle, and the coder of what is no whole block.</summary>
    internal static ReferenceCoder Reference
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(TRecipe.Spec);
    }

    private static bool Has512
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.IsHardwareAccelerated && (TRecipe.Widths & 512) != 0;
    }

    private static bool Has256
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.IsHardwareAccelerated && (TRecipe.Widths & 256) != 0;
    }

    private static bool Has128
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.IsHardwareAccelerated && (TRecipe.Widths & 128) != 0;
    }

    /// <summary>Packs whole rows.</summary>
    /// <inheritdoc cref="ICompressedFormat{TSelf}.PackRows"/>
    public static void PackRows(
        FormatInfo info,
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        ReadOnlySpan<float> importance,
        Span<byte> packed
    )
    {
        int rowBytes = MatrixDriver.CheckRows(info, packed, rows, columns, weights);
        if (!TRecipe.Spec.Searches)
        {
            importance = default;
        }
        for (int r = 0; r < rows; r++)
        {
            ReadOnlySpan<float> values = weights.Slice(r * columns, columns);
            Span<byte> row = packed.Slice(r * rowBytes, rowBytes);
            if (Has512)
            {
                ElementLoops<TRecipe, ElementArm512<TRecipe>>.PackRow(values, importance, tensorScale, r, row);
            }
            else if (Has256)
            {
                ElementLoops<TRecipe, ElementArm256<TRecipe>>.PackRow(values, importance, tensorScale, r, row);
            }
            else if (Has128)
            {
                ElementLoops<TRecipe, ElementArm128<TRecipe>>.PackRow(values, importance, tensorScale, r, row);
            }
            else
            {
                Reference.PackRow(values, importance, tensorScale, r, row);
            }
        }
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.UnpackSegment"/>
    public static void UnpackSegment(ReadOnlySpan<byte> packedRow, int firstColumn, float tensorScale, Span<float> weights)
    {
        int block = TRecipe.Group * TRecipe.Groups,
            firstBlock = MatrixDriver.FirstBlock(TRecipe.Spec.Name, firstColumn, block);
        float outside = HeaderBytes > 0 ? Reference.OutsideOf(packedRow, tensorScale) : tensorScale;
        ReadOnlySpan<byte> blocks = packedRow.Slice(
            HeaderBytes + firstBlock * TRecipe.BlockBytes,
            (weights.Length + block - 1) / block * TRecipe.BlockBytes
        );
        if (Has512)
        {
            ElementLoops<TRecipe, ElementArm512<TRecipe>>.Unpack(blocks, outside, weights);
        }
        else if (Has256)
        {
            ElementLoops<TRecipe, ElementArm256<TRecipe>>.Unpack(blocks, outside, weights);
        }
        else if (Has128)
        {
            ElementLoops<TRecipe, ElementArm128<TRecipe>>.Unpack(blocks, outside, weights);
        }
        else
        {
            Reference.UnpackBlocks(blocks, outside, weights);
        }
    }

    /// <summary>Fused quantise–dequantise of whole rows; <paramref name="result"/> may be the weights themselves.</summary>
    /// <inheritdoc cref="ICompressedFormat{TSelf}.RoundTripRows"/>
    public static void RoundTripRows(
        FormatInfo info,
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        Span<float> result
    )
    {
        MatrixDriver.CheckRows(info, weights, rows, columns, result);
        for (int r = 0; r < rows; r++)
        {
            RoundTripRow(weights.Slice(r * columns, columns), tensorScale, r, result.Slice(r * columns, columns), measure: false);
        }
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.Probe"/>
    public static ErrorSums Probe(FormatInfo info, ReadOnlySpan<float> samples, int rows, int columns, float tensorScale)
    {
        MatrixDriver.CheckRows(info, samples, rows, columns);
        double error = 0,
            square = 0;
        for (int r = 0; r < rows; r++)
        {
            ReadOnlySpan<float> values = samples.Slice(r * columns, columns);
            square += TensorStatistics.Measure(values).SumOfSquares;
            error += RoundTripRow(values, tensorScale, r, default, measure: true);
        }
        return new ErrorSums(error, square, (long)rows * columns);
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.ReadGroup"/>
    public static void ReadGroup(
        ReadOnlySpan<byte> packedRow,
        int group,
        float tensorScale,
        Span<byte> codes,
        out float scale,
        out float offset
    )
    {
        ElementSpec spec = TRecipe.Spec;
        ReadOnlySpan<byte> block = packedRow.Slice(spec.RowHeaderBytes + group / TRecipe.Groups * TRecipe.BlockBytes, TRecipe.BlockBytes);
        int g = group % TRecipe.Groups;
        (scale, offset) = spec.ReadScale(block, g, Reference.OutsideOf(packedRow, tensorScale));
        codes = codes[..TRecipe.Group];
        codes.Clear();
        foreach (CodePlane plane in spec.Planes)
        {
            ReadOnlySpan<byte> bytes = block.Slice(plane.Offset + g * plane.BytesPerGroup, plane.BytesPerGroup);
            if (plane.Bits == 8)
            {
                bytes.CopyTo(codes);
            }
            else
            {
                BitPlanes.Read(bytes, plane.Shift, plane.Bits, plane.Order, codes);
            }
        }
        if (spec.Element.Special.Length > 0 && codes.IndexOfAny(spec.Element.Special) >= 0)
        {
            scale = float.NaN; // a weight that is not finite: no scale that repacked rows could have
        }
    }

    /// <summary>Quantises and dequantises a row: what comes back, or the squared error alone.</summary>
    private static double RoundTripRow(ReadOnlySpan<float> values, float tensorScale, int row, Span<float> target, bool measure)
    {
        float outside = Reference.Outside(values, tensorScale, row);
        int block = TRecipe.Group * TRecipe.Groups,
            whole = values.Length / block * block;
        double error = 0;
        if (Has512)
        {
            error = ElementLoops<TRecipe, ElementArm512<TRecipe>>.RoundTrip(values[..whole], outside, row, target, measure);
        }
        else if (Has256)
        {
            error = ElementLoops<TRecipe, ElementArm256<TRecipe>>.RoundTrip(values[..whole], outside, row, target, measure);
        }
        else if (Has128)
        {
            error = ElementLoops<TRecipe, ElementArm128<TRecipe>>.RoundTrip(values[..whole], outside, row, target, measure);
        }
        else
        {
            whole = 0;
        }
        Span<byte> packed = stackalloc byte[TRecipe.BlockBytes];
        Span<float> decoded = stackalloc float[block];
        for (int column = whole; column < values.Length; column += block)
        {
            ReadOnlySpan<float> part = values.Slice(column, Math.Min(block, values.Length - column));
            Reference.PackBlocks(part, default, outside, row, column, packed);
            Reference.UnpackBlocks(packed, outside, decoded[..part.Length]);
            for (int i = 0; measure && i < part.Length; i++)
            {
                double difference = (double)part[i] - decoded[i];
                error += difference * difference;
            }
            if (!measure)
            {
                decoded[..part.Length].CopyTo(target[column..]);
            }
        }
        return error;
    }
}
