using KernelGen.Generators.Model;
using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Emit.Blocks;

/// <summary>Coders of a ternary block.</summary>
internal static class TernaryRecipe
{
    public static string Write(TernaryPlan plan) =>
        $$"""
            {{BlockText.Offsets(plan)}}

            {{BlockText.Members(plan)}}

            {{BlockText.ReadScale(plan)}}

            /// <summary>Elements by the {{(
                plan.Scale.Use == ScaleUse.Unrounded ? "unrounded" : "stored"
            )}} scale, halves away from zero; the reference is the same, as nothing here is done in lanes.</summary>
            private static void Encode(ReadOnlySpan<float> values, {{(
                plan.Searches ? "ReadOnlySpan<float> importance, " : ""
            )}}int row, int column, Span<byte> block, bool reference)
            {
                double best = {{Best(plan)}};
                float scale = {{(plan.Scale.Use == ScaleUse.Unrounded ? "(float)best" : BlockText.Stored(plan, "best"))}};
                Span<sbyte> elements = stackalloc sbyte[Block];
                elements[values.Length..].Clear();
                TernaryPlane.Quantise(values, ScaleCodec.Reciprocal(scale), elements);
                {{Text.Indent(string.Join("\n", Pack(plan)), 4)}}
                {{BlockText.WriteScale(plan, "scale")}}
            }

            private static void DecodeCodes(ReadOnlySpan<byte> block, float scale, Span<float> values, bool reference)
            {
                {{Text.Indent(plan.Element.Code == TernaryCode.NeighbourPairs ? Neighbours(plan) : Decode(plan), 4)}}
            }
            """;

    private static string Best(TernaryPlan plan) =>
        plan.Scale.Rule switch
        {
            ScaleRule.AbsMax => "BlockScale.AbsMax(FormatName, values, row, column)",
            ScaleRule.MinimiseError => "BlockScale.BestTernary(FormatName, values, row, column, importance)",
            _ => $"BlockScale.RootMeanSquare(FormatName, values, row, column) * {Text.Float(TernaryPlan.GaussianUnit)}",
        };

    private static IEnumerable<string> Pack(TernaryPlan plan) =>
        plan.Planes.Select(plane =>
        {
            string elements = $"elements.Slice({plane.First}, {plane.Count})",
                bytes = $"block.Slice({Place(plane.Offset)}, {plane.Bytes})";
            return plan.Element.Code switch
            {
                TernaryCode.Base3 => $"TernaryPlane.Pack({elements}, {plane.Digits}, {bytes});",
                TernaryCode.Pairs => $"TernaryPairs.Pack({elements}, {bytes});",
                _ => $"TernaryPairs.PackNeighbours({elements}, {bytes});",
            };
        });

    private static string Decode(TernaryPlan plan) =>
        $$"""
            Span<sbyte> elements = stackalloc sbyte[Block];
            if (reference)
            {
                {{Text.Indent(string.Join("\n", Unpack(plan, "Reference")), 4)}}
                for (int i = 0; i < Block; i++)
                {
                    values[i] = elements[i] * scale;
                }
            }
            else
            {
                {{Text.Indent(string.Join("\n", Unpack(plan, "")), 4)}}
                TernaryPlane.Scale(elements, scale, values);
            }
            """;

    private static IEnumerable<string> Unpack(TernaryPlan plan, string form) =>
        plan.Planes.Select(plane =>
        {
            string elements = $"elements.Slice({plane.First}, {plane.Count})",
                bytes = $"block.Slice({Place(plane.Offset)}, {plane.Bytes})";
            return plan.Element.Code == TernaryCode.Base3
                ? $"TernaryPlane.Unpack{form}({bytes}, {plane.Digits}, {elements});"
                : $"TernaryPairs.Unpack{form}({bytes}, {elements});";
        });

    private static string Neighbours(TernaryPlan plan) =>
        $$"""
            ReadOnlySpan<byte> bytes = block.Slice(CodesOffset, {{plan.CodeBytes}});
            if (reference)
            {
                TernaryPairs.DecodeNeighboursReference(bytes, scale, values);
            }
            else
            {
                TernaryPairs.DecodeNeighbours(bytes, scale, values);
            }
            """;

    private static string Place(int offset) => offset == 0 ? "CodesOffset" : $"CodesOffset + {offset}";
}
