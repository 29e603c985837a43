using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Emit.Blocks;

/// <summary>MatVecRows of formats whose whole blocks are multiplied from registers; the rest of a row is decoded first.</summary>
internal static class MatVecText
{
    /// <summary>The body of MatVecRows.</summary>
    /// <param name="plan">The format.</param>
    /// <param name="guard">A condition under which there is no fused kernel, or nothing.</param>
    /// <param name="prepare">Statements before the loop over rows, or nothing.</param>
    /// <param name="dot">Statements that add the product of <c>whole</c> blocks of <c>row</c> and <c>x</c> to <c>sum</c>.</param>
    /// <param name="finish">Statements after the loop, or nothing.</param>
    public static string Write(CodecPlan plan, string guard, string prepare, string dot, string finish = "")
    {
        string shared = $"BlockKernels<{plan.Model.TypeName}>.MatVecRows";
        string leave =
            guard.Length == 0
                ? ""
                : $$"""
                    if ({{guard}})
                    {
                        {{shared}}(packed, rows, columns, x, y);
                        return;
                    }


                    """;
        return $$"""
            {{leave}}int rowBytes = MatrixDriver.CheckRows(Info, packed, rows, columns, x, 1, y, rows);
            int whole = columns / Block, rest = columns - whole * Block;
            {{(prepare.Length == 0 ? "" : prepare + "\n")}}for (int r = 0; r < rows; r++)
            {
                ReadOnlySpan<byte> row = packed.Slice(r * rowBytes, rowBytes);
                float sum = 0f;
                {{Text.Indent(dot, 4)}}
                if (rest > 0)
                {
                    {{shared}}(row.Slice(whole * BlockBytes), 1, rest, x.Slice(whole * Block, rest), y.Slice(r, 1));
                    sum += y[r];
                }
                y[r] = sum;
            }
            {{finish}}
            """.TrimEnd();
    }

    /// <summary>Statements for a block at a time: <paramref name="dot"/> is the product of <c>block</c> and <c>values</c> at the scale 1.</summary>
    public static string EveryBlock(ScaledBlockPlan plan, string dot, string activations = "x") =>
        $$"""
            for (int b = 0; b < whole; b++)
            {
                ReadOnlySpan<byte> block = row.Slice(b * BlockBytes, BlockBytes);
                ReadOnlySpan<float> values = {{activations}}.Slice(b * Block, Block);
                sum += ReadScale(block) * {{dot}};
            }
            """;
}
