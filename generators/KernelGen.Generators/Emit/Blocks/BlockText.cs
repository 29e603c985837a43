using KernelGen.Generators.Model;
using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Emit.Blocks;

/// <summary>Members that the coders of all blocks with one scale share.</summary>
internal static class BlockText
{
    /// <summary>Where the parts of the block lie.</summary>
    public static string Offsets(ScaledBlockPlan plan) =>
        $"""
            private const int ScaleOffset = {plan.ScaleOffset};

            private const int CodesOffset = {plan.CodesOffset};
            """;

    /// <summary>Encoding and decoding in both forms, by two methods that take the form as an argument.</summary>
    public static string Members(ScaledBlockPlan plan) =>
        $"""
        /// <inheritdoc/>
        public static void EncodeBlock(ReadOnlySpan<float> values, int row, int column, Span<byte> block)
            => Encode(values, {(plan.Searches ? "default, " : "")}row, column, block, reference: false);

        {(plan.Searches ? """
            /// <inheritdoc/>
            public static void EncodeBlock(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, int row, int column, Span<byte> block)
                => Encode(values, importance, row, column, block, reference: false);
            """ : "")}

        /// <inheritdoc/>
        public static void ReferenceEncodeBlock(ReadOnlySpan<float> values, int row, int column, Span<byte> block)
            => Encode(values, {(plan.Searches ? "default, " : "")}row, column, block, reference: true);

        /// <inheritdoc/>
        public static void DecodeBlock(ReadOnlySpan<byte> block, Span<float> values)
            => DecodeCodes(block, ReadScale(block), values, reference: false);

        /// <inheritdoc/>
        public static void ReferenceDecodeBlock(ReadOnlySpan<byte> block, Span<float> values)
            => DecodeCodes(block, ReadScale(block), values, reference: true);
        """;

    public static string ReadScale(ScaledBlockPlan plan) =>
        $"""
            private static float ReadScale(ReadOnlySpan<byte> block) => ScaleCodec.Read(ScaleType.{plan.Scale.Type}, block[ScaleOffset..]);
            """;

    /// <summary>The scale as it is stored, of an expression of type double.</summary>
    public static string Stored(ScaledBlockPlan plan, string expression) => $"BlockScale.Stored(ScaleType.{plan.Scale.Type}, {expression})";

    public static string WriteScale(ScaledBlockPlan plan, string scale) =>
        $"ScaleCodec.Write(ScaleType.{plan.Scale.Type}, {scale}, block[ScaleOffset..]);";

    /// <summary>
    /// The search over scales that trellises, vector codebooks and lattices share; <c>EncodeCodes(units, importance, codes, reference)</c> and
    /// <c>DecodeCodes(block, scale, units, reference)</c> are the recipe's, <paramref name="unit"/> is the best multiple of
    /// the RMS for a Gaussian.
    /// </summary>
    public static string SearchScale(ScaledBlockPlan plan, IReadOnlyList<double> multiples, string unit) =>
        plan.Searches
            ? $$"""
                /// <summary>The scales that are tried for any block, in units of the one that is best for a Gaussian.</summary>
                private static ReadOnlySpan<float> Multiples => [{{string.Join(", ", multiples.Select(Text.Float))}}];

                /// <summary>Of a few scales, each refitted to the codes that it gives, the one with the least squared error.</summary>
                private static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, int row, int column, Span<byte> block, bool reference)
                {
                    double gaussian = BlockScale.RootMeanSquare(FormatName, values, row, column) * {{unit}};
                    Span<float> units = stackalloc float[Block];
                    Span<byte> trial = stackalloc byte[BlockBytes];
                    double least = double.PositiveInfinity;
                    foreach (double candidate in BlockScale.Candidates(values, gaussian, Multiples, stackalloc double[BlockScale.MaxCandidates]))
                    {
                        BlockScale.Divide(values, {{Stored(plan, "candidate")}}, units);
                        EncodeCodes(units, importance, trial, reference);
                        DecodeCodes(trial, 1f, units, reference);
                        float scale = {{Stored(plan, "BlockScale.LeastSquares(values, units, importance)")}};
                        double error = BlockScale.SquaredError(values, units, scale, importance);
                        if (error < least)
                        {
                            least = error;
                            trial.CopyTo(block);
                            {{WriteScale(plan, "scale")}}
                        }
                    }
                }
                """
            : $$"""
                /// <summary>Codes by the scale that is best for Gaussian values of this RMS.</summary>
                private static void Encode(ReadOnlySpan<float> values, int row, int column, Span<byte> block, bool reference)
                {
                    double rms = BlockScale.RootMeanSquare(FormatName, values, row, column);
                    float scale = {{Stored(plan, $"rms * {unit}")}};
                    Span<float> units = stackalloc float[Block];
                    BlockScale.Divide(values, scale, units);
                    EncodeCodes(units, default, block, reference);
                    {{WriteScale(plan, "scale")}}
                }
                """;
}
