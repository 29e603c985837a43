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

            /// <inheritdoc/>
            public static void MatVecRows(ReadOnlySpan<byte> packed, int rows, int columns, float tensorScale, ReadOnlySpan<float> x, Span<float> y)
            {
                int rowBytes = MatrixDriver.CheckRows(Info, packed, rows, columns, x, 1, y, rows);
                int whole = columns / Block;
                ref byte first = ref MemoryMarshal.GetReference(packed);
                ref float activations = ref MemoryMarshal.GetReference(x);
                for (int r = 0; r < rows; r++)
                {
                    ref byte row = ref Unsafe.Add(ref first, (nint)r * rowBytes);
                    {{Text.Indent(rowScale, 8)}}
                    float sum;
                    {{Text.Indent(CpuEmitter.Ladder(plan,
                        arm => $"sum = Dot{arm.Bits}({start}, whole{inBlocks}, ref activations);",
                        $"sum = ReferenceDot(packed.Slice(r * rowBytes + RowHeaderBytes, whole * BlockBytes), x[..(whole * Block)]{(plan.Source == ScaleSource.Group ? ", tensorScale" : "")});"), 8)}}
                    if (whole * Block < columns)
                    {
                        sum += ReferenceDot(packed.Slice(r * rowBytes + RowHeaderBytes + whole * BlockBytes, BlockBytes), x[(whole * Block)..columns]{{(plan.Source == ScaleSource.Group ? ", tensorScale" : "")}});
                    }
                    y[r] = sum{{times}};
                }
            }

            /// <inheritdoc/>
            public static void MatMulRows(ReadOnlySpan<byte> packed, int rows, int columns, float tensorScale, ReadOnlySpan<float> x, int batch, Span<float> y, int yStride)
            {
                int rowBytes = MatrixDriver.CheckRows(Info, packed, rows, columns, x, batch, y, yStride);
                if (batch > TileMatMul.SmallBatch)
                {
                    // many activation vectors: a tile of rows is decoded once and used by all of them
                    TileMatMul.Run<{{plan.Model.TypeName}}>(packed, rows, columns, tensorScale, x, batch, y, yStride);
                    return;
                }
                int whole = columns / Block;
                int fours = {{(plan.Arms.Count > 0 ? "batch / 4 * 4" : "0")}};
                ref byte first = ref MemoryMarshal.GetReference(packed);
                Span<float> sums = stackalloc float[4];
                for (int r = 0; r < rows && fours > 0; r++)
                {
                    ref byte row = ref Unsafe.Add(ref first, (nint)r * rowBytes);
                    {{Text.Indent(rowScale, 8)}}
                    for (int b = 0; b < fours; b += 4)
                    {
                        ref float activations = ref MemoryMarshal.GetReference(x[(b * columns)..]);
                        {{Text.Indent(CpuEmitter.Ladder(plan,
                            arm => $"DotFour{arm.Bits}({start}, whole{inBlocks}, ref activations, columns, sums);",
                            $$"""
                            for (int i = 0; i < 4; i++)
                            {
                                sums[i] = ReferenceDot(packed.Slice(r * rowBytes + RowHeaderBytes, whole * BlockBytes), x.Slice((b + i) * columns, whole * Block){{(plan.Source == ScaleSource.Group ? ", tensorScale" : "")}});
                            }
                            """), 12)}}
                        for (int i = 0; i < 4; i++)
                        {
                            if (whole * Block < columns)
                            {
                                sums[i] += ReferenceDot(
                                    packed.Slice(r * rowBytes + RowHeaderBytes + whole * BlockBytes, BlockBytes), x.Slice((b + i) * columns, columns)[(whole * Block)..]{{(plan.Source == ScaleSource.Group ? ", tensorScale" : "")}});
                            }
                            y[(b + i) * yStride + r] = sums[i]{{times}};
                        }
                    }
                }
                for (int b = fours; b < batch; b++)
                {
                    MatVecRows(packed, rows, columns, tensorScale, x.Slice(b * columns, columns), y.Slice(b * yStride, rows));
                }
            }

            {{Spread(plan)}}

            /// <summary>Σ w·x over blocks by the reference decoder{{(times.Length > 0 ? ", before the scale" : "")}}: the last part of a row, and machines without vectors.</summary>
            private static float ReferenceDot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x{{(plan.Source == ScaleSource.Group ? ", float tensorScale" : "")}})
            {
                Span<float> values = stackalloc float[Block];
                float sum = 0f;
                for (int column = 0; column < x.Length; column += Block)
                {
                    Span<float> part = values[..Math.Min(Block, x.Length - column)];
                    ReferenceUnpackBlock(blocks.Slice(column / Block * BlockBytes, BlockBytes){{(plan.Source switch { ScaleSource.Group => ", tensorScale", ScaleSource.None => "", _ => ", 1f" })}}, part);
                    for (int i = 0; i < part.Length; i++)
                    {
                        sum += part[i] * x[column + i];
                    }
                }
                return sum;
            }
            """;
    }

    /// <summary>The product over blocks of a stage around this format, which has fields of its own between them.</summary>
    private static string Spread(BlockPlan plan) =>
        plan.Model.BlockStride == 0
            ? ""
            : $$"""
        /// <summary>Σ w·x over blocks that lie {{Text.Int(plan.Model.BlockStride)}} bytes apart.</summary>
        internal static float DotSpread(ReadOnlySpan<byte> row, int blocks, ReadOnlySpan<float> x)
        {
            {{Text.Indent(CpuEmitter.Ladder(plan,
                arm => $"return Spread{arm.Bits}(ref MemoryMarshal.GetReference(row), blocks, ref MemoryMarshal.GetReference(x));",
                $$"""
                float sum = 0f;
                for (int b = 0; b < blocks; b++)
                {
                    sum += ReferenceDot(row.Slice(b * {{Text.Int(plan.Model.BlockStride)}}, BlockBytes), x.Slice(b * Block, Block){{(plan.Source == ScaleSource.Group ? ", 1f" : "")}});
                }
                return sum;
                """), 4)}}
        }
        """;

    /// <summary>The scale argument of the reference block coder: inside row loops.</summary>
    public static string ReferenceArgument(BlockPlan plan) =>
        plan.Source switch
        {
            ScaleSource.None => "",
            ScaleSource.Row => ", scale",
            _ => ", tensorScale",
        };
}
