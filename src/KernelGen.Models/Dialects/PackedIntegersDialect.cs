namespace KernelGen.Models;

/// <summary>
/// compressed-tensors, pack-quantized: <c>weight_packed</c> I32 [outputs, inputs/(32/bits)] holds code + 2^(bits − 1) along the inputs,
/// <c>weight_scale</c> [outputs, groups], <c>weight_zero_point</c> I32, packed along the outputs, <c>weight_g_idx</c> [inputs] for
/// act-order, <c>weight_shape</c> [2]. A weight is scale · (code − zero point).
/// </summary>
internal sealed class PackedIntegersDialect : IDialect
{
    private const string Codes = ".weight_packed";

    public DialectTensor? Read(Checkpoint checkpoint, ModelTensor codes)
    {
        if (
            !codes.Name.EndsWith(Codes, StringComparison.Ordinal)
            || codes.Storage.Dtype != SafetensorsDtype.I32
            || codes is not { Shape: [var outputs, var words] }
        )
        {
            return null;
        }
        string weight = codes.Name[..^Codes.Length] + ".weight";
        if (checkpoint.Find(weight + "_shape") is not { Count: 2 } shape || checkpoint.Find(weight + "_scale") is not { } scales)
        {
            throw checkpoint.Wrong(codes, "its weight_shape or weight_scale is missing.");
        }
        int[] sizes = shape.Integers();
        long inputs = sizes[1],
            perWord = words > 0 ? (inputs + words - 1) / words : 0;
        int bits = perWord > 0 ? (int)(32 / perWord) : 0;
        if (sizes[0] != outputs || inputs < 1 || bits is not (4 or 8) || (inputs + 32 / bits - 1) / (32 / bits) != words)
        {
            throw checkpoint.Wrong(codes, $"{codes.ShapeText} does not hold [{sizes[0]}, {sizes[1]}] in 4 or 8 bits.");
        }
        long groups = scales.Count == 1 ? 1 : scales.Shape[^1];
        if (scales.Count != 1)
        {
            scales.Require("F16 BF16 F32", outputs, groups);
        }
        long size = (inputs + groups - 1) / Math.Max(1, groups);
        ModelTensor? zeros = checkpoint.Find(weight + "_zero_point")?.Require("I32", (outputs + 32 / bits - 1) / (32 / bits), groups);
        ModelTensor? order = checkpoint.Find(weight + "_g_idx");
        order = order is { Count: > 1 } ? order.Require("I32 I64", inputs) : null;
        ModelTensor?[] parts =
        [
            codes,
            shape,
            scales,
            zeros,
            checkpoint.Find(weight + "_g_idx"),
            checkpoint.Find(codes.Name[..^Codes.Length] + ".input_scale"),
        ];
        return new(
            weight,
            FormattableString.Invariant($"compressed-int{bits}-g{size}"),
            [outputs, inputs],
            new Values(codes, scales, zeros, order, bits, (int)size, (int)groups, outputs, (int)inputs),
            [.. parts.OfType<ModelTensor>()]
        );
    }

    private sealed class Values(
        ModelTensor codes,
        ModelTensor scales,
        ModelTensor? zeros,
        ModelTensor? order,
        int bits,
        int size,
        int groups,
        long outputs,
        int inputs
    ) : DecodedTensor(codes, outputs, inputs)
    {
        private readonly int _perWord = 32 / bits,
            _half = 1 << (bits - 1);

        private readonly Lazy<(float[] Scales, byte[]? Zeros, int[] Order)> _parts = new(() =>
        {
            int[] group = order?.Integers() ?? [.. Enumerable.Range(0, inputs).Select(i => i / size)];
            return group.All(g => g >= 0 && g < groups)
                ? (scales.Numbers(), zeros?.All(), group)
                : throw new ModelFormatException(codes.File, $"it names groups that are not there; there are {groups}.", order?.Name);
        });

        protected override void Decode(long first, int count, Span<float> values)
        {
            (float[] scale, byte[]? zero, int[] group) = _parts.Value;
            int rowBytes = checked((int)Codes.Shape[1] * sizeof(int));
            var row = new byte[rowBytes];
            for (int i = 0; i < count; i++)
            {
                long output = first + i;
                Codes.ReadBytes(output * rowBytes, row);
                for (int k = 0; k < Columns; k++)
                {
                    int g = group[k],
                        z = zero is null ? _half : Zero(zero, output, g);
                    values[i * Columns + k] = scale[scale.Length == 1 ? 0 : output * groups + g] * (BitStream.Code(row, k, bits) - z);
                }
            }
        }

        /// <summary>The zero point with the same 2^(bits − 1) added as the codes.</summary>
        private int Zero(byte[] zeros, long output, int group)
        {
            long word = output / _perWord * groups + group;
            return BitStream.Code(zeros, word * _perWord + output % _perWord, bits);
        }
    }
}
