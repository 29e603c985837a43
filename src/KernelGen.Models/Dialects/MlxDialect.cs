namespace KernelGen.Models;

/// <summary>
/// MLX: <c>weight</c> U32 [outputs, inputs·bits/32] holds codes along the inputs, lowest bit first. Affine: <c>scales</c> and
/// <c>biases</c> [outputs, groups], a weight is scale · code + bias. mxfp4: U8 <c>scales</c>, powers of two with bias 127, for 32 E2M1 codes.
/// </summary>
internal sealed class MlxDialect : IDialect
{
    private const string Weight = ".weight";

    private const int Bias = 127;

    public DialectTensor? Read(Checkpoint checkpoint, ModelTensor codes)
    {
        if (codes.Storage.Dtype != SafetensorsDtype.U32 || codes.Shape.Count < 2 || !codes.Name.EndsWith(Weight, StringComparison.Ordinal))
        {
            return null;
        }
        string stem = codes.Name[..^Weight.Length];
        if (checkpoint.Find(stem + ".scales") is not { } scales || scales.Shape.Count != codes.Shape.Count)
        {
            return null;
        }
        (int size, int bits) = Sizes(checkpoint, stem);
        long groups = scales.Shape[^1],
            inputs = bits > 0 ? codes.Shape[^1] * 32 / bits : 0;
        if (bits is < 2 or > 8 or 7 || inputs * bits != codes.Shape[^1] * 32 || groups * size != inputs)
        {
            throw checkpoint.Wrong(
                codes,
                $"{codes.ShapeText} of {bits} bits does not have {groups} groups of {size}; bits and group_size come from config.json."
            );
        }
        long[] rows = [.. codes.Shape.SkipLast(1)];
        bool exponents = scales.Storage.Dtype == SafetensorsDtype.U8;
        if (exponents && (bits != 4 || size != 32))
        {
            throw checkpoint.Wrong(
                scales,
                $"scales of one byte are read for mxfp4, 4 bits in groups of 32; these are {bits} bits in groups of {size}."
            );
        }
        scales.Require("U8 F16 BF16 F32", [.. rows, groups]);
        ModelTensor? biases = exponents
            ? null
            : (checkpoint.Find(stem + ".biases") ?? throw checkpoint.Wrong(codes, "it has scales and no biases.")).Require(
                "F16 BF16 F32",
                [.. rows, groups]
            );
        return new(
            codes.Name,
            exponents ? "mlx-mxfp4" : FormattableString.Invariant($"mlx-int{bits}-g{size}"),
            [.. rows, inputs],
            new Values(codes, scales, biases, bits, size, rows.Aggregate(1L, (a, b) => checked(a * b)), checked((int)inputs)),
            biases is null ? [codes, scales] : [codes, scales, biases]
        );
    }

    /// <summary>Group and bits of a layer: its own entry, or those of all.</summary>
    private static (int Size, int Bits) Sizes(Checkpoint checkpoint, string layer)
    {
        if (
            checkpoint.Config is { } config
            && config.TryGetProperty(layer, out var own)
            && own.ValueKind == System.Text.Json.JsonValueKind.Object
            && own.TryGetProperty("group_size", out var size)
            && own.TryGetProperty("bits", out var bits)
        )
        {
            return (size.GetInt32(), bits.GetInt32());
        }
        return (checkpoint.Number("group_size") ?? 64, checkpoint.Number("bits") ?? 4);
    }

    private sealed class Values(ModelTensor codes, ModelTensor scales, ModelTensor? biases, int bits, int size, long outputs, int inputs)
        : DecodedTensor(codes, outputs, inputs)
    {
        private readonly TensorRows _scales = TensorRows.OfPart(scales);
        private readonly TensorRows? _biases = biases is null ? null : TensorRows.OfPart(biases);

        protected override void Decode(long first, int count, Span<float> values)
        {
            int rowBytes = checked((int)Codes.Shape[^1] * sizeof(int)),
                groups = Columns / size;
            var row = new byte[rowBytes];
            float[] scale = new float[count * groups],
                bias = new float[count * groups];
            ReadParts(_scales, first, count, groups, scale);
            if (_biases is not null)
            {
                ReadParts(_biases, first, count, groups, bias);
            }
            for (int i = 0; i < count; i++)
            {
                Codes.ReadBytes((first + i) * rowBytes, row);
                for (int k = 0; k < Columns; k++)
                {
                    int code = BitStream.Code(row, k, bits),
                        group = i * groups + k / size;
                    values[i * Columns + k] = _biases is null
                        ? MathF.ScaleB(NvFp4Dialect.E2M1[code], (int)scale[group] - Bias)
                        : scale[group] * code + bias[group];
                }
            }
        }

        /// <summary>Groups of some rows; the part may be read as another matrix.</summary>
        private static void ReadParts(TensorRows part, long first, int count, int groups, float[] values) =>
            part.ReadValues(first * groups, values.AsSpan(0, count * groups));
    }
}
