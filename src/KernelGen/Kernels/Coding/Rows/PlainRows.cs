using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Coding;

/// <summary>Rows of codes of one element each.</summary>
internal sealed class ElementRows(ElementSpec spec) : RowCoder(spec.Block)
{
    public override float TensorScale(in TensorStatistics statistics) =>
        spec.HasTensorScale || spec.Source == ScaleSource.Tensor ? ScaleChoice.Whole(spec, statistics) : 1f;

    public override void RoundTrip(ReadOnlySpan<float> row, float tensorScale, Span<float> result)
    {
        var coder = new ReferenceCoder(spec);
        Span<byte> blocks = stackalloc byte[spec.BlockBytes];
        float outside = coder.Outside(row, tensorScale, 0);
        for (int column = 0; column < row.Length; column += Block)
        {
            int count = Math.Min(Block, row.Length - column);
            coder.PackBlocks(row.Slice(column, count), default, outside, 0, column, blocks);
            coder.UnpackBlocks(blocks, outside, result.Slice(column, count));
        }
    }
}

/// <summary>Rows of blocks that are coded as a whole.</summary>
internal sealed class CodecRows(BlockCodec codec, int block, int blockBytes) : RowCoder(block)
{
    public override void RoundTrip(ReadOnlySpan<float> row, float tensorScale, Span<float> result)
    {
        Span<byte> bytes = stackalloc byte[blockBytes];
        Span<float> values = stackalloc float[Block];
        for (int column = 0; column < row.Length; column += Block)
        {
            int count = Math.Min(Block, row.Length - column);
            codec.Encode(row.Slice(column, count), default, 0, column, bytes);
            codec.Decode(bytes, values);
            values[..count].CopyTo(result[column..]);
        }
    }
}
