using KernelGen.Generators.Emit.Cpu;
using KernelGen.Generators.Model;
using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Emit.Blocks;

/// <summary>A format that codes whole blocks: its description, its codec, and how its rows are repacked.</summary>
internal static class CodecEmitter
{
    public static string Write(CodecPlan plan)
    {
        string type = plan.Model.TypeName;
        return $$"""
            {{InfoEmitter.Write(new(plan.Model), [])}}

            static BlockCodec IBlockFormat<{{type}}>.Codec { get; } =
                {{CodecText.Of(plan)}};

            {{(plan.Integers is { } integers && plan.Model.IsRepacked ? IntegerEmitter.Write(type, integers) : "")}}

            {{(plan.Interleaved is not null && plan.Model.IsRepacked && plan.Model.Targets.HasFlag(KernelTargets.Cpu) ? Repack(type) : "")}}
            """;
    }

    private static string Repack(string type) =>
        $"""
            /// <inheritdoc/>
            public static ProductMatrix? Repack(ReadOnlySpan<byte> packed, int rows, int columns)
                => BlockKernels<{type}>.Repack(packed, rows, columns);
            """;
}
