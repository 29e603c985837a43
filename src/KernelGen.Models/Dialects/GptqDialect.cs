namespace KernelGen.Models;

/// <summary>
/// GPTQ (AutoGPTQ, GPTQModel): <c>qweight</c> I32 [inputs·bits/32, outputs] holds codes along the inputs, <c>qzeros</c> I32
/// [groups, outputs·bits/32], <c>scales</c> [groups, outputs] and, for act-order, <c>g_idx</c> [inputs]. A weight is
/// scale · (code − zero); version 1 stores zeros less one (config: <c>checkpoint_format</c> is not <c>gptq_v2</c>).
/// </summary>
internal sealed class GptqDialect : IDialect
{
    private const string Codes = ".qweight",
        Floats = "F16 BF16 F32";

    public DialectTensor? Read(Checkpoint checkpoint, ModelTensor codes)
    {
        if (
            !codes.Name.EndsWith(Codes, StringComparison.Ordinal)
            || codes.Storage.Dtype != SafetensorsDtype.I32
            || checkpoint.Method == "awq"
        )
        {
            return null;
        }
        string stem = codes.Name[..^Codes.Length];
        if (
            checkpoint.Find(stem + ".scales") is not { Shape: [var groups, var outputs] } scales
            || checkpoint.Find(stem + ".qzeros") is not { } zeros
            || codes.Shape.Count != 2
            || codes.Shape[1] != outputs // AWQ's are [inputs, outputs/8]
        )
        {
            return null;
        }
        long bits = checkpoint.Number("bits") ?? zeros.Shape[^1] * 32 / Math.Max(1, outputs),
            inputs = bits > 0 ? codes.Shape[0] * 32 / bits : 0;
        if (bits is not (2 or 3 or 4 or 8) || inputs * bits != codes.Shape[0] * 32 || groups < 1)
        {
            throw checkpoint.Wrong(codes, $"{codes.ShapeText} of {bits} bits is no matrix of GPTQ; 2, 3, 4 and 8 bits are read.");
        }
        zeros.Require("I32", groups, outputs * bits / 32);
        scales.Require(Floats, groups, outputs);
        ModelTensor? order = checkpoint.Find(stem + ".g_idx")?.Require("I32", inputs);
        long size = checkpoint.Number("group_size") is > 0 and var given ? given : (inputs + groups - 1) / groups;
        if (order is null && (inputs + size - 1) / size != groups)
        {
            throw checkpoint.Wrong(
                scales,
                $"it has {groups} groups; {inputs} inputs in groups of {size} make {(inputs + size - 1) / size}."
            );
        }
        int plus = checkpoint.Text("checkpoint_format") == "gptq_v2" ? 0 : 1;
        return new(
            stem + ".weight",
            FormattableString.Invariant($"gptq-int{bits}-g{size}{(order is null ? "" : "-order")}"),
            [outputs, inputs],
            new Values(codes, zeros, scales, order, (int)bits, (int)size, plus, outputs, (int)inputs),
            [codes, zeros, scales, .. order is null ? [] : new[] { order }]
        );
    }

    private sealed class Values(
        ModelTensor codes,
        ModelTensor zeros,
        ModelTensor scales,
        ModelTensor? order,
        int bits,
        int size,
        int plus,
        long outputs,
        int inputs
    ) : DecodedTensor(codes, outputs, inputs)
    {
        private readonly Lazy<(byte[] Zeros, float[] Scales, int[] Order)> _parts = new(() =>
        {
            int[] groups = order?.Integers() ?? [.. Enumerable.Range(0, inputs).Select(i => i / size)];
            return groups.All(group => group >= 0 && group < scales.Shape[0])
                ? (zeros.All(), scales.Numbers(), groups)
                : throw new ModelFormatException(
                    codes.File,
                    $"it names groups that are not there; there are {scales.Shape[0]}.",
                    order?.Name
                );
        });

        protected override void Decode(long first, int count, Span<float> values)
        {
            (byte[] zero, float[] scale, int[] group) = _parts.Value;
            long zeroBytes = Rows * bits / 8;
            // Codes run along the inputs, the rows of what is stored: 32 of them take as many words of a column as a code has bits.
            var words = new byte[bits * count * sizeof(int)];
            Span<byte> column = stackalloc byte[bits * sizeof(int)];
            for (int start = 0; start < Columns; start += 32)
            {
                for (int word = 0; word < bits; word++)
                {
                    long row = (long)start / 32 * bits + word;
                    if (row < Codes.Shape[0])
                    {
                        Codes.ReadBytes((row * Rows + first) * sizeof(int), words.AsSpan(word * count * sizeof(int), count * sizeof(int)));
                    }
                }
                for (int i = 0; i < count; i++)
                {
                    for (int word = 0; word < bits; word++)
                    {
                        words.AsSpan((word * count + i) * sizeof(int), sizeof(int)).CopyTo(column[(word * sizeof(int))..]);
                    }
                    for (int k = start; k < Math.Min(Columns, start + 32); k++)
                    {
                        int g = group[k],
                            z = BitStream.Code(zero.AsSpan((int)(g * zeroBytes), (int)zeroBytes), first + i, bits) + plus;
                        values[i * Columns + k] = scale[g * Rows + first + i] * (BitStream.Code(column, k - start, bits) - z);
                    }
                }
            }
        }
    }
}
