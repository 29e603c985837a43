using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Emit.Blocks;

/// <summary>Coders of a trellis block.</summary>
internal static class TrellisRecipe
{
    public static string Write(TrellisPlan plan) =>
        $$"""
            {{BlockText.Offsets(plan)}}

            private static readonly TrellisSpec Spec = new(bitsPer16: {{plan.Element.BitsPer16}}, stateBits: {{plan.Element.StateBits}}, blockLength: Block);

            /// <summary>The tables and buffers of a search are large: one set a thread, kept.</summary>
            [ThreadStatic]
            private static TrellisEncoder? t_encoder;

            {{BlockText.Members(plan)}}

            {{BlockText.ReadScale(plan)}}

            {{BlockText.SearchScale(plan, [1], "Spec.UnitScale")}}

            /// <summary>
            /// The bits of least error. The reference shares the search, which the tests of the runtime check by itself; it
            /// would take minutes without vectors.
            /// </summary>
            private static void EncodeCodes(ReadOnlySpan<float> units, ReadOnlySpan<float> importance, Span<byte> block, bool reference)
                => (t_encoder ??= new TrellisEncoder(Spec, refinements: {{plan.Element.Refinements}})).Encode(units, importance, block[CodesOffset..]);

            /// <summary>Decodes the ring: all weights are independent, a state is a window of the bits.</summary>
            private static void DecodeCodes(ReadOnlySpan<byte> block, float scale, Span<float> values, bool reference)
            {
                if (reference)
                {
                    TrellisDecoder.DecodeReference(Spec, block[CodesOffset..], scale, values);
                }
                else
                {
                    TrellisDecoder.Decode(Spec, block[CodesOffset..], scale, values);
                }
            }
            """;
}
