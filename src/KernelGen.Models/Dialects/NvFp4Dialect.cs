using KernelGen.Kernels.Elements;

namespace KernelGen.Models;

/// <summary>
/// NVFP4: two E2M1 codes a byte, the lower first, an E4M3 scale for 16 inputs, and one binary32 scale for the tensor. compressed-tensors
/// calls them <c>weight_packed</c>, <c>weight_scale</c> and <c>weight_global_scale</c>, by which it divides; ModelOpt <c>weight</c>,
/// <c>weight_scale</c> and <c>weight_scale_2</c>, with which it multiplies.
/// </summary>
internal sealed class NvFp4Dialect : IDialect
{
    private const int Group = 16;

    private const string Packed = ".weight_packed",
        Plain = ".weight";

    /// <summary>The values of E2M1 codes (OCP Microscaling Formats 1.0, §5.3.3).</summary>
    internal static readonly float[] E2M1 = [0, 0.5f, 1, 1.5f, 2, 3, 4, 6, -0f, -0.5f, -1, -1.5f, -2, -3, -4, -6];

    public DialectTensor? Read(Checkpoint checkpoint, ModelTensor codes)
    {
        bool packed = codes.Name.EndsWith(Packed, StringComparison.Ordinal);
        if (
            codes.Storage.Dtype != SafetensorsDtype.U8
            || codes.Shape.Count < 2
            || !packed && !codes.Name.EndsWith(Plain, StringComparison.Ordinal)
        )
        {
            return null;
        }
        string stem = codes.Name[..^(packed ? Packed : Plain).Length],
            global = packed ? ".weight_global_scale" : ".weight_scale_2";
        if (checkpoint.Find(stem + global) is not { } tensorScale || checkpoint.Find(stem + ".weight_scale") is not { } scales)
        {
            return null;
        }
        long[] shape = [.. codes.Shape.SkipLast(1), codes.Shape[^1] * 2];
        if (shape[^1] % Group != 0)
        {
            throw checkpoint.Wrong(codes, $"its rows have {shape[^1]} values; NVFP4 has whole groups of {Group}.");
        }
        scales.Require("F8_E4M3", [.. codes.Shape.SkipLast(1), shape[^1] / Group]);
        if (tensorScale.Count != 1)
        {
            throw checkpoint.Wrong(tensorScale, $"it has {tensorScale.Count} values; one scale for the tensor is read.");
        }
        ModelTensor?[] parts =
        [
            codes,
            scales,
            tensorScale,
            checkpoint.Find(stem + ".input_global_scale"),
            checkpoint.Find(stem + ".input_scale"),
            checkpoint.Find(stem + ".weight_shape"),
        ];
        return new(
            stem + Plain,
            packed ? "compressed-nvfp4" : "modelopt-nvfp4",
            shape,
            new Values(codes, scales, tensorScale, divides: packed, shape),
            [.. parts.OfType<ModelTensor>()]
        );
    }

    private sealed class Values(ModelTensor codes, ModelTensor scales, ModelTensor tensorScale, bool divides, long[] shape)
        : DecodedTensor(codes, shape.SkipLast(1).Aggregate(1L, (a, b) => checked(a * b)), checked((int)shape[^1]))
    {
        private readonly Lazy<float> _scale = new(() => tensorScale.Numbers()[0] is var scale && divides ? 1 / scale : scale);

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
                    values[i * Columns + k] = E2M1[BitStream.Code(row, k, 4)] * (ScaleCodec.FromE4M3(scale[k / Group]) * _scale.Value);
                }
            }
        }
    }
}
