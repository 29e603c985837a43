using KernelGen.Peers;
using Microsoft.ML.OnnxRuntime;

namespace KernelGen.Client.Tests;

/// <summary>A packed matrix in ONNX Runtime's MatMulNBits: docs/models.md has these lines.</summary>
public sealed class OnnxTests
{
    private const int Rows = 24,
        Columns = 512,
        Batch = 3;

    public static TheoryData<string, int> Cases()
    {
        var cases = new TheoryData<string, int>();
        foreach (CompressedFormat format in DeclaredFormats.Catalog.All)
        {
            // 1 is float32; 4 rounds activations to bytes
            cases.Add(format.Info.Name, 1);
            cases.Add(format.Info.Name, 4);
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_packed_matrix_multiplies_as_ours_does(string name, int accuracy)
    {
        CompressedFormat format = DeclaredFormats.Catalog[name];
        var random = new Random(7);
        float[] weights = Numbers(random, Rows * Columns),
            x = Numbers(random, Batch * Columns),
            expected = new float[Batch * Rows],
            y = new float[Batch * Rows];
        byte[] packed = new byte[format.Info.PackedBytes(Rows, Columns)];
        format.Pack(weights, Rows, Columns, packed);
        format.Matrix(packed, Rows, Columns).MatMul(x, Batch, expected);

        (byte[] codes, byte[] scales, byte[]? zeroPoints) = Split(format.Info, packed);
        byte[] model = OnnxModel.MatMulNBits(
            codes,
            scales,
            zeroPoints,
            Rows,
            Columns,
            Batch,
            format.Info.ElementBits,
            format.Info.Block,
            accuracy
        );
        using var session = new InferenceSession(model);
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(x, [Batch, Columns]),
            output = OrtValue.CreateTensorValueFromMemory(y, [Batch, Rows]);
        using var options = new RunOptions();
        session.Run(options, ["x"], [input], ["y"], [output]);

        double error = Math.Sqrt(expected.Zip(y, (a, b) => Math.Pow(a - b, 2)).Sum() / expected.Sum(a => a * a));
        Assert.InRange(error, 0, accuracy == 1 ? 1e-5 : 0.01);
    }

    /// <summary>The parts of the blocks side by side: w = scale · (code − zero point), where ours is scale · code + offset.</summary>
    private static (byte[] Codes, byte[] Scales, byte[]? ZeroPoints) Split(FormatInfo info, byte[] packed)
    {
        int header = info.BlockBytes - info.Block * info.ElementBits / 8;
        List<byte> codes = [],
            scales = [],
            zeroPoints = [];
        foreach (byte[] block in packed.Chunk(info.BlockBytes))
        {
            codes.AddRange(block[header..]);
            scales.AddRange(block[..4]);
            if (header == 8)
            {
                zeroPoints.AddRange(BitConverter.GetBytes(-BitConverter.ToSingle(block, 4) / BitConverter.ToSingle(block, 0)));
            }
        }
        return ([.. codes], [.. scales], header == 8 ? [.. zeroPoints] : null);
    }

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.4f)];
}
