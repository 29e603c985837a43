using KernelGen.Generators.Emit.Cpu;
using KernelGen.Generators.Model;
using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Emit.Blocks;

/// <summary>A format that codes whole blocks: constants, description, forwarding to the shared kernels, the coders of its plan.</summary>
internal static class CodecEmitter
{
    public static string Info(CodecPlan plan) =>
        $$"""
            private const string FormatName = "{{plan.Model.Name}}";

            /// <summary>Elements per block.</summary>
            private const int Block = {{plan.Block}};

            /// <summary>Bytes per block.</summary>
            private const int BlockBytes = {{plan.BlockBytes}};

            /// <inheritdoc/>
            public static FormatInfo Info { get; } = new()
            {
                Name = FormatName,
                Family = "{{plan.Family}}",
                ElementBits = {{plan.ElementBits}},
                Group = {{plan.Group}},
                Block = Block,
                BlockBytes = BlockBytes,
                RowHeaderBytes = 0,
                TensorHeader = null,{{(plan.Searches ? "\n    HonoursImportance = true," : "")}}{{(
                plan.Candidates > 1 ? $"\n    CandidatesPerWeight = {Text.Int(plan.Candidates)}," : ""
            )}}
                Stages =
                [
                    {{Text.Indent(
                string.Join("\n", plan.Stages.Select(stage => $"new FormatStage(\"{stage.Kind}\", \"{stage.Text}\"),")),
                8
            )}}
                ],
                Levels = [],
            };

            {{DriverText.Members(plan.Model.TypeName)}}

            /// <inheritdoc/>
            public static float TensorScale(in TensorStatistics statistics) => 1f;
            """;

    public static string Kernels(CodecPlan plan) =>
        $$"""
        /// <inheritdoc/>
        public static void PackRows(ReadOnlySpan<float> weights, int rows, int columns, float tensorScale, Span<byte> packed)
            => BlockKernels<{{plan.Model.TypeName}}>.PackRows(weights, rows, columns, packed);

        {{(plan.Searches ? $"""
            /// <inheritdoc/>
            public static void PackRows(ReadOnlySpan<float> weights, int rows, int columns, float tensorScale, ReadOnlySpan<float> importance, Span<byte> packed)
                => BlockKernels<{plan.Model.TypeName}>.PackRows(weights, rows, columns, importance, packed);
            """ : "")}}

        /// <inheritdoc/>
        public static void UnpackSegment(ReadOnlySpan<byte> packedRow, int firstColumn, float tensorScale, Span<float> weights)
            => BlockKernels<{{plan.Model.TypeName}}>.UnpackSegment(packedRow, firstColumn, weights);

        /// <inheritdoc/>
        public static void RoundTripRows(ReadOnlySpan<float> weights, int rows, int columns, float tensorScale, Span<float> result)
            => BlockKernels<{{plan.Model.TypeName}}>.RoundTripRows(weights, rows, columns, result);

        /// <inheritdoc/>
        public static ErrorSums Probe(ReadOnlySpan<float> samples, int rows, int columns, float tensorScale)
            => BlockKernels<{{plan.Model.TypeName}}>.Probe(samples, rows, columns);

        /// <inheritdoc/>
        public static void ReferencePackRow(ReadOnlySpan<float> weights, float tensorScale, Span<byte> packedRow)
            => BlockKernels<{{plan.Model.TypeName}}>.ReferencePackRow(weights, packedRow);

        /// <inheritdoc/>
        public static void ReferenceUnpackRow(ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights)
            => BlockKernels<{{plan.Model.TypeName}}>.ReferenceUnpackRow(packedRow, weights);

        {{plan.Coders()}}

        {{Integers(plan)}}

        {{Interleaved(plan)}}
        """;

    private static string Interleaved(CodecPlan plan) =>
        plan.Interleaved is not { } interleaved || !plan.Model.IsRepacked || !plan.Model.Targets.HasFlag(KernelTargets.Cpu)
            ? ""
            : $$"""
                /// <inheritdoc/>
                public static ProductMatrix? Repack(ReadOnlySpan<byte> packed, int rows, int columns)
                    => RepackedMatrix.{{interleaved.Expression}};
                """;

    private static string Integers(CodecPlan plan) =>
        plan.Integers is not { } integers || !plan.Model.IsRepacked
            ? ""
            : $$"""
                {{(plan.ReadGroups.Length > 0 ? plan.ReadGroups : ReadGroup(plan))}}

                {{IntegerEmitter.Write(plan.Model.TypeName, integers)}}
                """;

    private static string ReadGroup(CodecPlan plan) =>
        $$"""
            /// <inheritdoc/>
            public static void ReadGroup(ReadOnlySpan<byte> packedRow, int group, float tensorScale, Span<byte> codes, out float scale, out float offset)
            {
                {{Text.Indent(plan.ReadGroup, 4)}}
            }
            """;
}
