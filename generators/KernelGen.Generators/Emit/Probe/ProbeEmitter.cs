using KernelGen.Generators.Emit.Cpu;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit.Probe;

/// <summary>The capacity probe: the error kernels of the CPU arms over rows, nothing written.</summary>
internal static class ProbeEmitter
{
    public static string Write(BlockPlan plan)
    {
        string pass = plan.Source == ScaleSource.None ? "" : ", scale";
        string reference = plan.Source switch
        {
            ScaleSource.None => "",
            ScaleSource.Row => ", rowScale",
            _ => ", tensorScale",
        };
        string choose =
            plan.Source == ScaleSource.Group
                ? $"GroupScale scale = ChooseScale(group, {(plan.Searches ? "default, " : "")}tensorScale, r, column);"
                : "";
        return $$"""
            /// <inheritdoc/>
            public static ErrorSums Probe(ReadOnlySpan<float> samples, int rows, int columns, float tensorScale)
            {
                MatrixDriver.CheckRows(Info, samples, rows, columns);
                int whole = columns / Block * Block;
                double error = 0, square = 0;
                for (int r = 0; r < rows; r++)
                {
                    ReadOnlySpan<float> values = samples.Slice(r * columns, columns);
                    square += TensorStatistics.Measure(values).SumOfSquares;
                    {{Text.Indent(PackLoops.OutsideScale(plan), 8)}}
                    {{Text.Indent(CpuEmitter.Ladder(plan,
                        arm => $$"""
                        for (int column = 0; column < whole; column += Group)
                        {
                            ReadOnlySpan<float> group = values.Slice(column, Group);
                            {{choose}}
                            error += Error{{arm.Bits}}(ref MemoryMarshal.GetReference(group){{pass}});
                        }
                        """,
                        $"error += ReferenceErrors(values[..whole]{reference});"), 8)}}
                    if (whole < columns)
                    {
                        error += ReferenceErrors(values[whole..]{{reference}});
                    }
                }
                return new ErrorSums(error, square, (long)rows * columns);
            }

            /// <summary>Squared errors by the reference coder: the last part of a row, and machines without vectors.</summary>
            private static double ReferenceErrors(ReadOnlySpan<float> values{{(reference.Length == 0 ? "" : $", float {reference.Substring(2)}")}})
            {
                Span<byte> block = stackalloc byte[BlockBytes];
                Span<float> decoded = stackalloc float[Block];
                double error = 0;
                for (int column = 0; column < values.Length; column += Block)
                {
                    ReadOnlySpan<float> part = values.Slice(column, Math.Min(Block, values.Length - column));
                    ReferencePackBlock(part{{(plan.Searches ? ", default" : "")}}{{reference}}, 0, column, block);
                    ReferenceUnpackBlock(block{{reference}}, decoded[..part.Length]);
                    for (int i = 0; i < part.Length; i++)
                    {
                        double difference = (double)part[i] - decoded[i];
                        error += difference * difference;
                    }
                }
                return error;
            }
            """;
    }
}
