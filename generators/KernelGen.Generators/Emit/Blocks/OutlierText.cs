using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Emit.Blocks;

/// <summary>The coders of blocks with outliers: these by the runtime, the rest by the nested format.</summary>
internal static class OutlierText
{
    public static string Write(OutlierPlan plan)
    {
        const string inliers = OutlierPlan.InnerName;
        return $$"""
            /// <summary>Outliers of a block.</summary>
            private const int OutlierCount = {{plan.Count}};

            /// <summary>Bytes of the coded rest, after which the outliers lie.</summary>
            private const int CodeBytes = {{plan.CodeBytes}};

            /// <inheritdoc/>
            public static void EncodeBlock(ReadOnlySpan<float> values, int row, int column, Span<byte> block)
            {
                Span<float> rest = stackalloc float[Block];
                Extract(values, row, column, block, rest);
                Nested<{{inliers}}>.PackRows(rest, 1, values.Length, 1f, block);
            }

            {{(plan.Searches ? $$"""
                /// <inheritdoc/>
                public static void EncodeBlock(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, int row, int column, Span<byte> block)
                {
                    Span<float> rest = stackalloc float[Block];
                    Extract(values, row, column, block, rest);
                    Nested<{{inliers}}>.PackRows(rest, 1, values.Length, 1f, importance[..values.Length], block);
                }
                """ : "")}}

            /// <inheritdoc/>
            public static void DecodeBlock(ReadOnlySpan<byte> block, Span<float> values)
            {
                Nested<{{inliers}}>.UnpackSegment(block, 0, 1f, values[..Block]);
                OutlierCodec.Insert(block[CodeBytes..], OutlierCount, ScaleType.{{plan.Outliers.Type}}, values[..Block]);
            }

            /// <inheritdoc/>
            public static void ReferenceEncodeBlock(ReadOnlySpan<float> values, int row, int column, Span<byte> block)
            {
                Span<float> rest = stackalloc float[Block];
                Extract(values, row, column, block, rest);
                Nested<{{inliers}}>.ReferencePackRow(rest[..values.Length], 1f, block);
            }

            /// <inheritdoc/>
            public static void ReferenceDecodeBlock(ReadOnlySpan<byte> block, Span<float> values)
            {
                Nested<{{inliers}}>.ReferenceUnpackRow(block, 1f, values[..Block]);
                OutlierCodec.Insert(block[CodeBytes..], OutlierCount, ScaleType.{{plan.Outliers.Type}}, values[..Block]);
            }

            /// <summary>Stores the outliers and leaves the rest, zeros in their places.</summary>
            private static void Extract(ReadOnlySpan<float> values, int row, int column, Span<byte> block, Span<float> rest)
            {
                if (GroupMath.MagnitudeBits(values) >= GroupMath.NonFinite)
                {
                    MatrixDriver.ThrowNonFinite(FormatName, values, row, column);
                }
                rest.Clear();
                values.CopyTo(rest);
                OutlierCodec.Extract(rest, OutlierCount, ScaleType.{{plan.Outliers.Type}}, block[CodeBytes..]);
            }
            """;
    }
}
