namespace KernelGen.Models;

/// <summary>
/// Plain FP8 or int8 codes times a grid of scales: one for the tensor, for each row, or for blocks. <c>weight_scale_inv</c> of DeepSeek
/// (config: <c>weight_block_size</c>), <c>weight_scale</c> of compressed-tensors (float-quantized, int-quantized) and of fbgemm,
/// <c>scale_weight</c> of ComfyUI, <c>SCB</c> of bitsandbytes (int8, over 127). All of them multiply.
/// </summary>
internal sealed class ScaledDialect : IDialect
{
    private const string Weight = ".weight";

    /// <summary>Largest code of bitsandbytes' rows, which its scales stand for.</summary>
    private const float LargestInt8 = 127;

    public DialectTensor? Read(Checkpoint checkpoint, ModelTensor codes)
    {
        if (codes.Storage.Dtype is not { } dtype || Bits(dtype) is null)
        {
            return null;
        }
        string stem = codes.Name.EndsWith(Weight, StringComparison.Ordinal) ? codes.Name[..^Weight.Length] : codes.Name;
        ModelTensor? rows = dtype == SafetensorsDtype.I8 ? checkpoint.Find(stem + ".SCB") : null;
        ModelTensor? scales = checkpoint.Find(codes.Name + "_scale_inv")
            ?? checkpoint.Find(codes.Name + "_scale")
            ?? checkpoint.Find(stem + ".scale_weight")
            ?? rows;
        if (scales is null)
        {
            return null;
        }
        ModelTensor? zeros = checkpoint.Find(codes.Name + "_zero_point");
        var grid = Grid.Of(checkpoint, codes, scales);
        ModelTensor?[] parts =
        [
            codes,
            scales,
            zeros,
            checkpoint.Find(stem + ".input_scale"),
            checkpoint.Find(stem + ".scale_input"),
            checkpoint.Find(stem + ".weight_format"),
        ];
        return new(
            codes.Name,
            $"{Bits(dtype)}×{grid.Words}",
            codes.Shape,
            new Values(codes, scales, zeros, grid, scales == rows ? LargestInt8 : 1),
            [.. parts.OfType<ModelTensor>()]
        );
    }

    private static string? Bits(SafetensorsDtype dtype) =>
        dtype switch
        {
            SafetensorsDtype.F8E4M3 or SafetensorsDtype.F8E5M2 or SafetensorsDtype.F8E4M3Fnuz or SafetensorsDtype.F8E5M2Fnuz =>
                dtype.Name(),
            SafetensorsDtype.I8 => "I8",
            _ => null,
        };

    /// <summary>Scales of blocks of rows × columns, for each matrix of a stack.</summary>
    private sealed record Grid(bool Single, long MatrixRows, int BlockRows, int BlockColumns, int Down, int Across)
    {
        public string Words =>
            (Down, Across) switch
            {
                (1, 1) => "tensor",
                (_, 1) when BlockRows == 1 => "row",
                _ => FormattableString.Invariant($"{BlockRows}x{BlockColumns}"),
            };

        public static Grid Of(Checkpoint checkpoint, ModelTensor codes, ModelTensor scales)
        {
            long columns = codes.Columns,
                matrixRows = codes.Shape.Count > 2 ? codes.Shape[^2] : codes.Rows,
                matrices = matrixRows == 0 ? 0 : codes.Rows / matrixRows;
            long each = matrices == 0 || scales.Count == 1 ? scales.Count : scales.Count / matrices;
            long[] shape = [.. scales.Shape];
            (long down, long across) =
                each <= 1 ? (1, 1)
                : shape.Length >= 2 && each == shape[^2] * shape[^1] ? (shape[^2], shape[^1])
                : (each, 1);
            (long rowSize, long columnSize) =
                checkpoint.Config is { } config
                && config.TryGetProperty("weight_block_size", out var block)
                && block.ValueKind == System.Text.Json.JsonValueKind.Array
                && block.GetArrayLength() == 2
                && (down, across) != (1, 1)
                    ? (block[0].GetInt64(), block[1].GetInt64())
                    : (Ceiling(matrixRows, down), Ceiling(columns, across));
            if (
                scales.Count != 1 && scales.Count != matrices * down * across
                || rowSize < 1
                || columnSize < 1
                || Ceiling(matrixRows, rowSize) != down
                || Ceiling(columns, columnSize) != across
            )
            {
                throw checkpoint.Wrong(
                    scales,
                    $"its shape {scales.ShapeText} is no grid over blocks of {rowSize} × {columnSize} of {codes.Name}, {codes.ShapeText}."
                );
            }
            return new(scales.Count == 1, matrixRows, checked((int)rowSize), checked((int)columnSize), (int)down, (int)across);
        }

        private static long Ceiling(long a, long b) => b < 1 ? 0 : Math.Max(1, (a + b - 1) / b);
    }

    private sealed class Values(ModelTensor codes, ModelTensor scales, ModelTensor? zeros, Grid grid, float divisor)
        : DecodedTensor(codes, codes.Rows, checked((int)codes.Columns))
    {
        private readonly TensorRows _codes = TensorRows.OfPart(codes);

        /// <summary>Read when the first row is, not when the model is opened.</summary>
        private readonly Lazy<float[]> _scales = new(() =>
            zeros is not null && TensorRows.OfPart(zeros).ReadAll().Any(zero => zero != 0)
                ? throw new ModelFormatException(zeros.File, "zero points of 8-bit weights other than 0 are not read here.", zeros.Name)
                : [.. TensorRows.OfPart(scales).ReadAll().Select(scale => scale / divisor)]
        );

        protected override void Decode(long first, int count, Span<float> values)
        {
            _codes.Read(first, count, values);
            float[] all = _scales.Value;
            for (int i = 0; i < count; i++)
            {
                (long matrix, long row) = Math.DivRem(first + i, grid.MatrixRows);
                long start = grid.Single ? 0 : (matrix * grid.Down + row / grid.BlockRows) * grid.Across;
                for (int column = 0; column < Columns; column += grid.BlockColumns)
                {
                    float scale = all[start + column / grid.BlockColumns];
                    foreach (ref float value in values.Slice(i * Columns + column, Math.Min(grid.BlockColumns, Columns - column)))
                    {
                        value *= scale;
                    }
                }
            }
        }
    }
}
