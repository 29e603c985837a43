using KernelGen.Generators.Plan;
using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Emit.Blocks;

/// <summary>A rotated format: constants, description, and members that forward to the shared kernels over the nested format.</summary>
internal static class RotatedEmitter
{
    public static string Write(RotationPlan plan)
    {
        InnerFormat whole = plan.Whole;
        string type = plan.Model.TypeName;
        const string kernels = $"RotatedKernels<{RotationPlan.InnerName}>";
        return $$"""
            private const string FormatName = "{{plan.Model.Name}}";

            /// <summary>Columns that are rotated together.</summary>
            private const int RotationSize = {{plan.Rotation.Size}};

            /// <summary>Seed of the rotation's signs.</summary>
            private const uint RotationSeed = {{plan.Rotation.Seed}}u;

            /// <summary>Elements per block: whole rotations, and whole blocks of the nested format.</summary>
            private const int Block = {{whole.Block}};

            /// <summary>Bytes per block.</summary>
            private const int BlockBytes = {{whole.BlockBytes}};

            /// <inheritdoc/>
            public static FormatInfo Info { get; } = new()
            {
                Name = FormatName,
                Family = "{{whole.Family}}",
                ElementBits = {{whole.ElementBits}},
                Group = {{Text.Int(whole.Group)}},
                Block = Block,
                BlockBytes = BlockBytes,
                RowHeaderBytes = {{whole.RowHeaderBytes}},
                TensorHeader = {{(whole.TensorHeader is { } header ? "ScaleType." + header : "null")}},
                Rotation = RotationSize,{{(
                whole.RowOutliers is null ? "" : $"\n    RowOutliers = {RotationPlan.InnerName}.Info.RowOutliers,"
            )}}
                Stages =
                [
                    {{Text.Indent(
                string.Join("\n", whole.Stages.Select(stage => $"new FormatStage(\"{stage.Kind}\", \"{stage.Text}\"),")),
                8
            )}}
                ],
                Levels = [],
            };

            {{DriverText.Members(type)}}

            /// <inheritdoc/>
            public static float TensorScale(in TensorStatistics statistics) => Nested<{{RotationPlan.InnerName}}>.TensorScale(statistics);

            /// <inheritdoc/>
            public static void PackRows(ReadOnlySpan<float> weights, int rows, int columns, float tensorScale, Span<byte> packed)
                => {{kernels}}.PackRows(RotationSize, RotationSeed, weights, rows, columns, tensorScale, packed);

            /// <inheritdoc/>
            public static void UnpackSegment(ReadOnlySpan<byte> packedRow, int firstColumn, float tensorScale, Span<float> weights)
                => {{kernels}}.UnpackSegment(RotationSize, RotationSeed, Block, packedRow, firstColumn, tensorScale, weights);

            /// <inheritdoc/>
            public static void RoundTripRows(ReadOnlySpan<float> weights, int rows, int columns, float tensorScale, Span<float> result)
                => {{kernels}}.RoundTripRows(RotationSize, RotationSeed, weights, rows, columns, tensorScale, result);

            /// <inheritdoc/>
            public static ProductMatrix? Repack(ReadOnlySpan<byte> packed, int rows, int columns)
                => {{kernels}}.Repack(RotationSize, RotationSeed, packed, rows, columns);

            /// <inheritdoc/>
            public static ProductMatrix AsPacked(ReadOnlyMemory<byte> packed, int rows, int columns)
                => {{kernels}}.AsPacked(RotationSize, RotationSeed, packed, rows, columns);

            /// <inheritdoc/>
            public static ErrorSums Probe(ReadOnlySpan<float> samples, int rows, int columns, float tensorScale)
                => {{kernels}}.Probe(RotationSize, RotationSeed, samples, rows, columns, tensorScale);

            /// <inheritdoc/>
            public static void ReferencePackRow(ReadOnlySpan<float> weights, float tensorScale, Span<byte> packedRow)
                => {{kernels}}.ReferencePackRow(RotationSize, RotationSeed, weights, tensorScale, packedRow);

            /// <inheritdoc/>
            public static void ReferenceUnpackRow(ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights)
                => {{kernels}}.ReferenceUnpackRow(RotationSize, RotationSeed, packedRow, tensorScale, weights);
            """;
    }
}
