namespace KernelGen.Models;

/// <summary>
/// AWQ (AutoAWQ, gemm): <c>qweight</c> I32 [inputs, outputs/8], <c>qzeros</c> I32 [groups, outputs/8], <c>scales</c> [groups, outputs],
/// 4 bits. The eight codes of a word belong to outputs 0, 2, 4, 6, 1, 3, 5, 7. A weight is scale · (code − zero).
/// </summary>
internal sealed class AwqDialect : IDialect
{
    private const string Codes = ".qweight";

    private const int PerWord = 8;

    public DialectTensor? Read(Checkpoint checkpoint, ModelTensor codes)
    {
        if (
            !codes.Name.EndsWith(Codes, StringComparison.Ordinal)
            || codes is not { Shape: [var inputs, var words] }
            || codes.Storage.Dtype != SafetensorsDtype.I32
        )
        {
            return null;
        }
        string stem = codes.Name[..^Codes.Length];
        if (
            checkpoint.Find(stem + ".scales") is not { Shape: [var groups, var outputs] } scales
            || outputs != words * PerWord
            || groups < 1
        )
        {
            return null;
        }
        if (checkpoint.Text("version") is { Length: > 0 } version && version.ToLowerInvariant() is not "gemm")
        {
            throw checkpoint.Wrong(codes, $"its order is version '{ModelFormatException.Shorten(version)}' of AWQ; gemm is read.");
        }
        ModelTensor zeros = (checkpoint.Find(stem + ".qzeros") ?? throw checkpoint.Wrong(codes, "it has no qzeros.")).Require(
            "I32",
            groups,
            words
        );
        scales.Require("F16 BF16 F32", groups, outputs);
        long size = (inputs + groups - 1) / groups;
        return new(
            stem + ".weight",
            FormattableString.Invariant($"awq-int4-g{size}"),
            [outputs, inputs],
            new Values(codes, zeros, scales, (int)size, outputs, checked((int)inputs)),
            [codes, zeros, scales]
        );
    }

    private sealed class Values(ModelTensor codes, ModelTensor zeros, ModelTensor scales, int size, long outputs, int inputs)
        : DecodedTensor(codes, outputs, inputs)
    {
        private readonly Lazy<(byte[] Zeros, float[] Scales)> _parts = new(() => (zeros.All(), scales.Numbers()));

        protected override void Decode(long first, int count, Span<float> values)
        {
            (byte[] zero, float[] scale) = _parts.Value;
            long begin = first / PerWord,
                end = (first + count + PerWord - 1) / PerWord,
                rowBytes = Rows / 2;
            var words = new byte[(end - begin) * sizeof(int)];
            for (int k = 0; k < Columns; k++)
            {
                Codes.ReadBytes(k * rowBytes + begin * sizeof(int), words);
                int group = k / size;
                for (int i = 0; i < count; i++)
                {
                    long output = first + i;
                    int code = Code(words, output - begin * PerWord),
                        z = Code(zero.AsSpan((int)(group * rowBytes), (int)rowBytes), output);
                    values[i * Columns + k] = scale[group * Rows + output] * (code - z);
                }
            }
        }

        /// <summary>Even outputs are in the lower half of a word, odd ones in the upper.</summary>
        private static int Code(ReadOnlySpan<byte> words, long output)
        {
            (long word, long place) = Math.DivRem(output, PerWord);
            return BitStream.Code(words, word * PerWord + (place % 2 == 0 ? place / 2 : PerWord / 2 + place / 2), 4);
        }
    }
}
