namespace KernelGen.Models;

/// <summary>
/// MXFP4 of gpt-oss: <c>NAME_blocks</c> U8 [experts, outputs, inputs/32, 16], two E2M1 codes a byte, the lower first, and
/// <c>NAME_scales</c> U8 [experts, outputs, inputs/32], powers of two with bias 127.
/// </summary>
internal sealed class GptOssDialect : IDialect
{
    private const string Blocks = "_blocks";

    private const int Group = 32,
        GroupBytes = Group / 2,
        Bias = 127;

    public DialectTensor? Read(Checkpoint checkpoint, ModelTensor codes)
    {
        if (
            !codes.Name.EndsWith(Blocks, StringComparison.Ordinal)
            || codes.Storage.Dtype != SafetensorsDtype.U8
            || codes.Shape.Count < 3
            || codes.Shape[^1] != GroupBytes
        )
        {
            return null;
        }
        string name = codes.Name[..^Blocks.Length];
        if (checkpoint.Find(name + "_scales") is not { } scales)
        {
            return null;
        }
        scales.Require("U8 F8_E8M0", [.. codes.Shape.SkipLast(1)]);
        long[] shape = [.. codes.Shape.SkipLast(2), codes.Shape[^2] * Group];
        return new(name, "gpt-oss-mxfp4", shape, new Values(codes, scales, shape), [codes, scales]);
    }

    private sealed class Values(ModelTensor codes, ModelTensor scales, long[] shape)
        : DecodedTensor(codes, shape.SkipLast(1).Aggregate(1L, (a, b) => checked(a * b)), checked((int)shape[^1]))
    {
        protected override void Decode(long first, int count, Span<float> values)
        {
            int rowBytes = Columns / 2,
                groups = Columns / Group;
            byte[] row = new byte[rowBytes],
                scale = new byte[groups];
            for (int i = 0; i < count; i++)
            {
                Codes.ReadBytes((first + i) * rowBytes, row);
                scales.ReadBytes((first + i) * groups, scale);
                for (int k = 0; k < Columns; k++)
                {
                    byte exponent = scale[k / Group];
                    float value =
                        exponent == byte.MaxValue ? float.NaN : MathF.ScaleB(NvFp4Dialect.E2M1[BitStream.Code(row, k, 4)], exponent - Bias);
                    values[i * Columns + k] = value;
                }
            }
        }
    }
}
