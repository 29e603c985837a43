using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;
using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Coding;

/// <summary>
/// The encoder and decoder of all formats whose codes stand for one weight each, one element at a time and from data alone. Every kernel is
/// tested against it; it also codes the last part of a row, and whole rows where there are no vectors.
/// </summary>
internal readonly struct ReferenceCoder(ElementSpec spec) : IGroupTrial
{
    /// <summary>Encodes a row.</summary>
    public void PackRow(ReadOnlySpan<float> weights, ReadOnlySpan<float> importance, float tensorScale, int row, Span<byte> packedRow)
    {
        float outside = Outside(weights, tensorScale, row);
        if (spec.Source == ScaleSource.Row)
        {
            ScaleCodec.Write(spec.Scale, outside, packedRow);
        }
        PackBlocks(weights, importance, outside, row, 0, packedRow[spec.RowHeaderBytes..]);
    }

    /// <summary>The scale outside of blocks while a row is coded.</summary>
    public float Outside(ReadOnlySpan<float> weights, float tensorScale, int row) =>
        spec.Source == ScaleSource.Row ? ScaleChoice.Row(spec, weights, row) : tensorScale;

    /// <summary>Decodes a row.</summary>
    public void UnpackRow(ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights) =>
        UnpackBlocks(packedRow[spec.RowHeaderBytes..], OutsideOf(packedRow, tensorScale), weights);

    /// <summary>The scale outside of blocks of a packed row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float OutsideOf(ReadOnlySpan<byte> packedRow, float tensorScale) =>
        spec.Source == ScaleSource.Row ? ScaleCodec.Read(spec.Scale, packedRow) : tensorScale;

    /// <summary>Encodes blocks; values that are missing at the end of a row are coded as zero and count in no scale.</summary>
    public void PackBlocks(
        ReadOnlySpan<float> values,
        ReadOnlySpan<float> importance,
        float outside,
        int row,
        int firstColumn,
        Span<byte> blocks
    )
    {
        Span<float> buffer = stackalloc float[importance.IsEmpty ? 0 : spec.Group];
        for (int column = 0; column < values.Length; column += spec.Block)
        {
            Span<byte> block = blocks.Slice(column / spec.Block * spec.BlockBytes, spec.BlockBytes);
            block.Clear();
            for (int g = 0; g < spec.Groups; g++)
            {
                int first = Math.Min(column + g * spec.Group, values.Length);
                ReadOnlySpan<float> group = values.Slice(first, Math.Min(spec.Group, values.Length - first));
                ReadOnlySpan<float> weights =
                    importance.IsEmpty || group.IsEmpty ? default : ColumnImportance.Of(importance, first, group.Length, buffer);
                GroupScale scale = Scale(group, weights, outside, row, firstColumn + first);
                spec.WriteScale(scale, block, g);
                for (int i = 0; i < spec.Group; i++)
                {
                    spec.WriteCode(
                        block,
                        g,
                        i,
                        spec.Element.Code(i < group.Length ? spec.Scaled(group[i], scale.Inverse, scale.CodeOffset) : 0f)
                    );
                }
            }
        }
    }

    /// <summary>Decodes the first elements of blocks.</summary>
    public void UnpackBlocks(ReadOnlySpan<byte> blocks, float outside, Span<float> values)
    {
        for (int column = 0; column < values.Length; column += spec.Group)
        {
            int g = column / spec.Group % spec.Groups;
            ReadOnlySpan<byte> block = blocks.Slice(column / spec.Block * spec.BlockBytes, spec.BlockBytes);
            spec.Decode(block, g, outside, values.Slice(column, Math.Min(spec.Group, values.Length - column)));
        }
    }

    /// <inheritdoc/>
    public float Error(ReadOnlySpan<float> group, ReadOnlySpan<float> importance, in GroupScale scale)
    {
        Span<float> lanes = stackalloc float[16]; // summed as every vector width does
        lanes.Clear();
        for (int i = 0; i < group.Length; i++)
        {
            float difference = group[i] - Coded(group[i], scale);
            float square = difference * difference;
            lanes[i % 16] += importance.IsEmpty ? square : square * importance[i];
        }
        return GroupMath.LaneSum(lanes);
    }

    /// <inheritdoc/>
    public void Levels(ReadOnlySpan<float> group, float first, Span<float> levels)
    {
        for (int i = 0; i < group.Length; i++)
        {
            levels[i] = spec.Element.Level(spec.Element.Code(group[i] * first));
        }
    }

    /// <summary>The scale of a group, or the check that replaces it.</summary>
    private GroupScale Scale(ReadOnlySpan<float> group, ReadOnlySpan<float> importance, float outside, int row, int column)
    {
        switch (spec.Source)
        {
            case ScaleSource.Group:
                return group.IsEmpty ? default : ScaleChoice.Of(spec, this, group, importance, outside, row, column);
            case ScaleSource.None:
                if (!spec.Element.HoldsNonFinite && GroupMath.MagnitudeBits(group) >= GroupMath.NonFinite)
                {
                    MatrixDriver.ThrowNonFinite(spec.Name, group, row, column);
                }
                return default;
            default:
                return ScaleChoice.Given(outside);
        }
    }

    private float Coded(float value, in GroupScale scale)
    {
        float level = spec.Element.Level(spec.Element.Code(spec.Scaled(value, scale.Inverse, scale.CodeOffset)));
        float product = level * scale.Scale;
        return spec.Offset is null ? product : product + scale.Offset;
    }
}
