using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Emit.Blocks;

/// <summary>The coders of sparse blocks: the mask by the runtime, the kept weights by the nested format.</summary>
internal static class SparseText
{
    /// <summary>Kept codes go to their places counted from the code of zero, which is what the places between them have.</summary>
    public static string ReadGroup(SparsePlan plan) =>
        $$"""
            ReadOnlySpan<byte> block = packedRow.Slice(group * BlockBytes, BlockBytes);
            Nested<{{SparsePlan.InnerName}}>.ReadGroup(block, 0, 1f, codes[..KeptCount], out scale, out offset);
            Span<float> kept = stackalloc float[{{Room(plan)}} + SparseExpansion.Slack], places = stackalloc float[Block];
            for (int i = 0; i < KeptCount; i++)
            {
                kept[i] = codes[i] - {{Text.Int(plan.ZeroCode)}};
            }
            Mask.Expand(kept, block[CodeBytes..], places);
            GroupMath.ToCodes(places, 1f, {{Text.Int(plan.ZeroCode)}}, codes);
            """;

    public static string Write(SparsePlan plan)
    {
        const string kept = SparsePlan.InnerName;
        string mask =
            plan.Sparse.M == 0
                ? $"SparseBlock.Bitmap(kept: {plan.Kept}, size: Block)"
                : $"SparseBlock.Pattern({plan.Sparse.N}, {plan.Sparse.M}, pairs: {Text.Bool(plan.Sparse.Pairs)}, SparseIndex.{plan.Sparse.Index}, size: Block)";
        return $$"""
            /// <summary>Weights kept of a block.</summary>
            private const int KeptCount = {{plan.Kept}};

            /// <summary>Bytes of the coded weights, after which the mask lies.</summary>
            private const int CodeBytes = {{plan.CodeBytes}};

            private static readonly SparseBlock Mask = {{mask}};

            /// <inheritdoc/>
            public static void EncodeBlock(ReadOnlySpan<float> values, int row, int column, Span<byte> block)
            {
                Span<float> kept = stackalloc float[KeptCount];
                int count = Compress(values, row, column, block, kept);
                Nested<{{kept}}>.PackRows(kept, 1, count, 1f, block);
            }

            {{(plan.Searches ? $$"""
                /// <inheritdoc/>
                public static void EncodeBlock(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, int row, int column, Span<byte> block)
                {
                    Span<float> kept = stackalloc float[KeptCount], weights = stackalloc float[KeptCount];
                    int count = Compress(values, row, column, block, kept);
                    Mask.Gather(importance, block[CodeBytes..], weights);
                    Nested<{{kept}}>.PackRows(kept, 1, count, 1f, weights[..count], block);
                }
                """ : "")}}

            /// <inheritdoc/>
            public static void DecodeBlock(ReadOnlySpan<byte> block, Span<float> values)
            {
                Span<float> kept = stackalloc float[{{Room(plan)}} + SparseExpansion.Slack];
                Nested<{{kept}}>.UnpackSegment(block, 0, 1f, kept[..KeptCount]);
                Mask.Expand(kept, block[CodeBytes..], values);
            }

            /// <inheritdoc/>
            public static void ReferenceEncodeBlock(ReadOnlySpan<float> values, int row, int column, Span<byte> block)
            {
                Span<float> kept = stackalloc float[KeptCount];
                int count = Compress(values, row, column, block, kept);
                Nested<{{kept}}>.ReferencePackRow(kept[..count], 1f, block);
            }

            /// <inheritdoc/>
            public static void ReferenceDecodeBlock(ReadOnlySpan<byte> block, Span<float> values)
            {
                Span<float> kept = stackalloc float[KeptCount];
                Nested<{{kept}}>.ReferenceUnpackRow(block, 1f, kept);
                Mask.ReferenceExpand(kept, block[CodeBytes..], values);
            }

            /// <summary>Stores the mask and collects the kept weights; only so many are there at the end of a row.</summary>
            private static int Compress(ReadOnlySpan<float> values, int row, int column, Span<byte> block, Span<float> kept)
            {
                if (GroupMath.MagnitudeBits(values) >= GroupMath.NonFinite)
                {
                    MatrixDriver.ThrowNonFinite(FormatName, values, row, column);
                }
                block.Clear();
                return Mask.Compress(values, block[CodeBytes..], kept);
            }
            """;
    }

    /// <summary>A damaged bitmap may mark every place; patterns always mark as many as there are.</summary>
    private static string Room(SparsePlan plan) => plan.Sparse.M == 0 ? "Block" : "KeptCount";
}
