using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit.Cpu;

/// <summary>Loops over rows for kernels that read packed rows: guards, headers, whole blocks by vector width, the last part by reference.</summary>
internal static class RowLoops
{
    public static string Write(BlockPlan plan)
    {
        string outside = DotArms.OutsideArgument(plan);
        string inBlocks = plan.Model.HasTensorScale ? ", tensorScale" : "";
        string rowScale = plan.Source == ScaleSource.Row ? $"float scale = {ScaleText.Read(plan.Model.Scale!.Type, "row", "0")};" : "";
        string start = plan.RowHeaderBytes == 0 ? "ref row" : "ref Unsafe.Add(ref row, RowHeaderBytes)";
        string reference = ReferenceArgument(plan);
        string times = plan.Source switch
        {
            ScaleSource.Row => " * scale",
            ScaleSource.Tensor => " * tensorScale",
            _ => "",
        };
        return $$"""
            /// <inheritdoc/>
            public static void UnpackSegment(ReadOnlySpan<byte> packedRow, int firstColumn, float tensorScale, Span<float> weights)
            {
                int firstBlock = MatrixDriver.FirstBlock(FormatName, firstColumn, Block);
                int whole = weights.Length / Block;
                ref byte row = ref MemoryMarshal.GetReference(packedRow);
                {{Text.Indent(rowScale, 4)}}
                packedRow = packedRow.Slice(RowHeaderBytes + firstBlock * BlockBytes, (weights.Length + Block - 1) / Block * BlockBytes);
                {{Text.Indent(CpuEmitter.Ladder(plan,
                    arm => $"Unpack{arm.Bits}(ref MemoryMarshal.GetReference(packedRow), whole{outside}, ref MemoryMarshal.GetReference(weights));",
                    $$"""
                    for (int b = 0; b < whole; b++)
                    {
                        ReferenceUnpackBlock(packedRow.Slice(b * BlockBytes, BlockBytes){{reference}}, weights.Slice(b * Block, Block));
                    }
                    """), 4)}}
                if (whole * Block < weights.Length)
                {
                    ReferenceUnpackBlock(packedRow[(whole * BlockBytes)..]{{reference}}, weights[(whole * Block)..]);
                }
            }
            """;
    }

    /// <summary>The scale argument of the reference block coder: inside row loops.</summary>
    public static string ReferenceArgument(BlockPlan plan) =>
        plan.Source switch
        {
            ScaleSource.None => "",
            ScaleSource.Row => ", scale",
            _ => ", tensorScale",
        };
}
