using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Emit.Blocks;

/// <summary>Coders of a block of codebook indices.</summary>
internal static class VectorRecipe
{
    public static string Write(VectorPlan plan) =>
        $$"""
            {{BlockText.Offsets(plan)}}

            /// <summary>Elements per index.</summary>
            private const int Dimension = {{plan.Element.Dimension}};

            /// <summary>Indices per block.</summary>
            private const int Vectors = Block / Dimension;

            /// <summary>Bits of an index.</summary>
            private const int IndexBits = {{plan.Element.IndexBits}};

            /// <summary>The entries one after the other.</summary>
            private static ReadOnlySpan<float> Entries => GaussianGrids.Grid{{plan.Element.Dimension}}x{{plan.Element.Entries}};

            /// <summary>The entries in order for searching; made when the first block is packed.</summary>
            private static class Searching
            {
                public static readonly VectorGrid Grid = new(Dimension, Entries);
            }

            {{BlockText.Members(plan)}}

            {{BlockText.ReadScale(plan)}}

            {{BlockText.SearchScale(plan, plan.Multiples, "1.0")}}

            /// <summary>The nearest entry of every vector, with importance in the metric that it weighs; the reference compares all entries one by one.</summary>
            private static void EncodeCodes(ReadOnlySpan<float> units, ReadOnlySpan<float> importance, Span<byte> block, bool reference)
            {
                Span<ushort> indices = stackalloc ushort[Vectors];
                if (reference)
                {
                    for (int i = 0; i < Vectors; i++)
                    {
                        indices[i] = (ushort)Searching.Grid.NearestReference(units.Slice(i * Dimension, Dimension), out _);
                    }
                }
                else
                {
                    Searching.Grid.Encode(units, importance, indices);
                }
                IndexPlane.Write(indices, IndexBits, block[CodesOffset..]);
            }

            /// <summary>Every number of an entry times the scale.</summary>
            private static void DecodeCodes(ReadOnlySpan<byte> block, float scale, Span<float> values, bool reference)
            {
                ReadOnlySpan<byte> plane = block[CodesOffset..];
                if (reference)
                {
                    for (int i = 0; i < Block; i++)
                    {
                        values[i] = Entries[IndexPlane.Get(plane, i / Dimension, IndexBits) * Dimension + i % Dimension] * scale;
                    }
                    return;
                }
                Span<ushort> indices = stackalloc ushort[Vectors];
                IndexPlane.Read(plane, IndexBits, indices);
                VectorGridDecoder.Decode(Dimension, Entries, indices, scale, values);
            }
            """;
}
