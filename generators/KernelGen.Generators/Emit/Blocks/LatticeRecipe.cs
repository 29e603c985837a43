using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Emit.Blocks;

/// <summary>Coders of a block of E8P codes.</summary>
internal static class LatticeRecipe
{
    public static string Write(LatticePlan plan) =>
        $$"""
            {{BlockText.Offsets(plan)}}

            /// <summary>Codes per block, 8 elements each.</summary>
            private const int Codes = Block / 8;

            {{BlockText.Members(plan)}}

            {{BlockText.ReadScale(plan)}}

            {{BlockText.SearchScale(
                plan,
                plan.Multiples,
                plan.HasSecondStage ? $"E8PResidual.UnitScale({plan.Element.Bits})" : "E8P.UnitScale"
            )}}

            {{(plan.HasSecondStage ? TwoStages(plan) : OneStage)}}
            """;

    /// <summary>Coordinates as odd numbers of quarters; the groups of the second stage are those of odd numbers.</summary>
    public static string ReadGroup(LatticePlan plan)
    {
        string block = plan.HasSecondStage ? "group / 2" : "group";
        string second = plan.SecondBytes switch
        {
            0 => "",
            1 => $$"""
                if (group % 2 == 1)
                {
                    Span<ushort> second = stackalloc ushort[Codes];
                    IndexPlane.Read(block[SecondOffset..], 8, second);
                    VectorGridDecoder.Decode(8, E8PResidual.SmallEntries, second, 1f, points);
                    scale *= E8PResidual.Ratio({{plan.Element.Bits}});
                    offset = -0.25f * scale;
                    zero = 8f;
                }
                """,
            _ => $$"""
                if (group % 2 == 1)
                {
                    E8P.Decode(MemoryMarshal.Cast<byte, ushort>(block.Slice(SecondOffset, Codes * 2)), 1f, points);
                    scale *= E8PResidual.Ratio({{plan.Element.Bits}});
                }
                """,
        };
        return $$"""
            ReadOnlySpan<byte> block = packedRow.Slice({{block}} * BlockBytes, BlockBytes);
            Span<float> points = stackalloc float[Block];
            E8P.Decode(MemoryMarshal.Cast<byte, ushort>(block.Slice(CodesOffset, Codes * 2)), 1f, points);
            scale = ReadScale(block);
            offset = 0f;
            {{(plan.SecondBytes == 1 ? "float zero = 7.5f;" : "")}}
            {{second}}
            GroupMath.ToCodes(points, 2f, {{(plan.SecondBytes == 1 ? "zero" : "7.5f")}}, codes); // odd numbers of quarters from −15 up
            """;
    }

    private const string OneStage = """
        /// <summary>The nearest of all points for every eight elements; the reference is the same search without vectors. Importance chooses among scales only.</summary>
        private static void EncodeCodes(ReadOnlySpan<float> units, ReadOnlySpan<float> importance, Span<byte> block, bool reference)
        {
            Span<ushort> codes = MemoryMarshal.Cast<byte, ushort>(block.Slice(CodesOffset, Codes * 2));
            if (reference)
            {
                E8P.EncodeReference(units, codes);
            }
            else
            {
                E8P.Encode(units, codes);
            }
        }

        private static void DecodeCodes(ReadOnlySpan<byte> block, float scale, Span<float> values, bool reference)
        {
            ReadOnlySpan<ushort> codes = MemoryMarshal.Cast<byte, ushort>(block.Slice(CodesOffset, Codes * 2));
            if (reference)
            {
                E8P.DecodeReference(codes, scale, values);
            }
            else
            {
                E8P.Decode(codes, scale, values);
            }
        }
        """;

    private static string TwoStages(LatticePlan plan)
    {
        int bits = plan.Element.Bits;
        string store =
            plan.SecondBytes == 1
                ? """
                    for (int i = 0; i < Codes; i++)
                    {
                        block[SecondOffset + i] = (byte)second[i];
                    }
                    """
                : "MemoryMarshal.AsBytes(second).CopyTo(block[SecondOffset..]);";
        string load =
            plan.SecondBytes == 1
                ? """
                    Span<ushort> second = stackalloc ushort[Codes];
                    for (int i = 0; i < Codes; i++)
                    {
                        second[i] = block[SecondOffset + i];
                    }
                    """
                : "ReadOnlySpan<ushort> second = MemoryMarshal.Cast<byte, ushort>(block.Slice(SecondOffset, Codes * 2));";
        return $$"""
            /// <summary>Where the codes of the second stage start.</summary>
            private const int SecondOffset = CodesOffset + Codes * 2;

            /// <summary>The nearest points of both stages; the reference is the same search without vectors. Importance chooses among scales only.</summary>
            private static void EncodeCodes(ReadOnlySpan<float> units, ReadOnlySpan<float> importance, Span<byte> block, bool reference)
            {
                Span<ushort> first = MemoryMarshal.Cast<byte, ushort>(block.Slice(CodesOffset, Codes * 2)), second = stackalloc ushort[Codes];
                if (reference)
                {
                    E8PResidual.EncodeReference({{bits}}, units, first, second);
                }
                else
                {
                    E8PResidual.Encode({{bits}}, units, first, second);
                }
                {{Text.Indent(store, 4)}}
            }

            private static void DecodeCodes(ReadOnlySpan<byte> block, float scale, Span<float> values, bool reference)
            {
                ReadOnlySpan<ushort> first = MemoryMarshal.Cast<byte, ushort>(block.Slice(CodesOffset, Codes * 2));
                {{Text.Indent(load, 4)}}
                if (reference)
                {
                    E8PResidual.DecodeReference({{bits}}, first, second, scale, values);
                }
                else
                {
                    E8PResidual.Decode({{bits}}, first, second, scale, values);
                }
            }
            """;
    }
}
