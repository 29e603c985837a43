using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Emit.Blocks;

/// <summary>Coders of a block of signs.</summary>
internal static class SignRecipe
{
    public static string Write(SignPlan plan) =>
        $$"""
        {{BlockText.Offsets(plan)}}

        {{BlockText.Members(plan)}}

        {{BlockText.ReadScale(plan)}}

        private static void Encode(ReadOnlySpan<float> values, {{(plan.Searches ? "ReadOnlySpan<float> importance, " : "")}}int row, int column, Span<byte> block, bool reference)
        {
            double best = {{(plan.Searches
                ? "BlockScale.MeanMagnitude(FormatName, values, row, column, importance)"
                : $"BlockScale.RootMeanSquare(FormatName, values, row, column) * {Text.Float(SignPlan.GaussianUnit)}")}};
            Span<byte> bytes = block.Slice(CodesOffset, {{plan.CodeBytes}});
            if (reference)
            {
                SignPlane.PackReference(values, bytes);
            }
            else
            {
                SignPlane.Pack(values, bytes);
            }
            {{BlockText.WriteScale(plan, BlockText.Stored(plan, "best"))}}
        }

        private static void DecodeCodes(ReadOnlySpan<byte> block, float scale, Span<float> values, bool reference)
        {
            ReadOnlySpan<byte> bytes = block.Slice(CodesOffset, {{plan.CodeBytes}});
            if (reference)
            {
                SignPlane.DecodeReference(bytes, scale, values);
            }
            else
            {
                SignPlane.Decode(bytes, scale, values);
            }
        }
        """;
}
