using KernelGen.Generators.Emit.Cpu;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit.Blocks;

/// <summary>A format that chooses in whole rows: constants, description, and members that forward to the shared kernels over the nested format.</summary>
internal static class RowStageEmitter
{
    public static string Write(RowStagePlan plan)
    {
        string type = plan.Model.TypeName;
        return $$"""
            private const string FormatName = "{{plan.Model.Name}}";

            /// <summary>Columns to a block of the nested format.</summary>
            private const int Block = {{plan.Block}};

            /// <summary>Bytes per block, with its share of what lies in front of a row's blocks if that is the same for all.</summary>
            private const int BlockBytes = {{plan.BlockBytes}};

            /// <summary>What is chosen in rows, and how it is stored.</summary>
            private static readonly {{plan.Description.Type}} Chosen = new({{plan.Description.Arguments}});

            /// <inheritdoc/>
            public static FormatInfo Info { get; } = new()
            {
                Name = FormatName,
                Family = "{{plan.Family}}",
                ElementBits = {{plan.ElementBits}},
                Group = {{Text.Int(plan.Group)}},
                Block = Block,
                BlockBytes = BlockBytes,
                RowHeaderBytes = {{plan.Inner.RowHeaderBytes}},
                TensorHeader = null,{{(plan.Outliers is null ? "" : "\n    RowOutliers = Chosen,")}}{{(
                plan.Inner.Searches ? "\n    HonoursImportance = true," : ""
            )}}{{(plan.Inner.Candidates > 1 ? $"\n    CandidatesPerWeight = {Text.Int(plan.Inner.Candidates)}," : "")}}
                Stages =
                [
                    {{Text.Indent(
                string.Join("\n", plan.Rest.Prepend(plan.Stage).Select(stage => $"new FormatStage(\"{stage.Kind}\", \"{stage.Text}\"),")),
                8
            )}}
                ],
                Levels = [],
            };

            {{DriverText.Members(type)}}

            /// <inheritdoc/>
            public static float TensorScale(in TensorStatistics statistics) => 1f;

            /// <inheritdoc/>
            public static void PackRows(ReadOnlySpan<float> weights, int rows, int columns, float tensorScale, Span<byte> packed)
                => {{plan.Kernels}}.PackRows(Chosen, weights, rows, columns, tensorScale, default, packed);

            /// <inheritdoc/>
            public static void PackRows(ReadOnlySpan<float> weights, int rows, int columns, float tensorScale, ReadOnlySpan<float> importance, Span<byte> packed)
                => {{plan.Kernels}}.PackRows(Chosen, weights, rows, columns, tensorScale, importance, packed);

            /// <inheritdoc/>
            public static void UnpackSegment(ReadOnlySpan<byte> packedRow, int firstColumn, float tensorScale, Span<float> weights)
                => {{plan.Kernels}}.UnpackSegment(Chosen, packedRow, firstColumn, tensorScale, weights);

            /// <inheritdoc/>
            public static void RoundTripRows(ReadOnlySpan<float> weights, int rows, int columns, float tensorScale, Span<float> result)
                => RowKernels<{{type}}>.RoundTripRows(weights, rows, columns, tensorScale, result);

            /// <inheritdoc/>
            public static ErrorSums Probe(ReadOnlySpan<float> samples, int rows, int columns, float tensorScale)
                => RowKernels<{{type}}>.Probe(samples, rows, columns, tensorScale);

            /// <inheritdoc/>
            public static void ReferencePackRow(ReadOnlySpan<float> weights, float tensorScale, Span<byte> packedRow)
                => {{plan.Kernels}}.ReferencePackRow(Chosen, weights, tensorScale, packedRow);

            /// <inheritdoc/>
            public static void ReferenceUnpackRow(ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights)
                => {{plan.Kernels}}.ReferenceUnpackRow(Chosen, packedRow, tensorScale, weights);

            {{Integers(plan)}}
            """;
    }

    private static string Integers(RowStagePlan plan) =>
        plan.Integers is not { } integers || !plan.Model.IsRepacked
            ? ""
            : $$"""
                /// <inheritdoc/>
                public static void ReadGroup(ReadOnlySpan<byte> packedRow, int group, float tensorScale, Span<byte> codes, out float scale, out float offset)
                    => {{plan.Kernels}}.ReadGroup({{plan.GroupArguments}}, packedRow, group, tensorScale, codes, out scale, out offset);

                {{IntegerEmitter.Write(plan.Model.TypeName, integers)}}
                """;
}
