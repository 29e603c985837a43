using System.Buffers.Binary;
using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>Checkpoints that others quantised: each made from its published layout with numbers of our own, and read exactly.</summary>
public abstract class DialectTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly Random _random = new(1);

    public void Dispose() => _scratch.Dispose();

    protected static SafetensorsEntry Entry(string name, SafetensorsDtype dtype, long[] shape, byte[] bytes) =>
        new(name, dtype, shape, stream => stream.Write(bytes));

    protected static SafetensorsEntry Floats(string name, long[] shape, params float[] values) => SmallModels.Singles(name, shape, values);

    protected static SafetensorsEntry Words(string name, long[] shape, uint[] words, SafetensorsDtype dtype = SafetensorsDtype.I32)
    {
        var bytes = new byte[words.Length * 4];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), words[i]);
        }
        return Entry(name, dtype, shape, bytes);
    }

    /// <summary>Scales that binary32 multiplies without rounding by codes of a few bits.</summary>
    protected float[] Scales(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => MathF.ScaleB(_random.Next(1, 16), _random.Next(-6, 2)))];

    protected int[] Codes(int count, int bits) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(1 << bits))];

    protected ModelFile Model(string? config, params SafetensorsEntry[] tensors)
    {
        SafetensorsWriter.Write(_scratch["model.safetensors"], tensors, overwrite: true);
        File.Delete(_scratch["config.json"]);
        if (config is not null)
        {
            File.WriteAllText(_scratch["config.json"], config);
        }
        return ModelFile.Open(_scratch["model.safetensors"], SmallModels.Catalog);
    }

    /// <summary>One tensor of a name, a dialect and values; whole, row by row, from the middle, and written to another file.</summary>
    protected void RequireOnly(ModelFile model, string name, string storage, long[] shape, float[] expected)
    {
        ModelTensor tensor = Assert.Single(model.Tensors);
        Assert.Equal((name, storage), (tensor.Name, tensor.Storage.Name));
        Assert.Equal(shape, tensor.Shape);
        Assert.True(tensor.Storage.IsQuantised);
        Assert.Equal(expected, new TensorRows(tensor).ReadAll());
        var row = new float[tensor.Columns];
        for (int i = 0; i < tensor.Rows; i++)
        {
            new TensorRows(tensor).Read(i, 1, row);
            Assert.Equal(expected[(i * row.Length)..((i + 1) * row.Length)], row);
        }
        var some = new byte[5 * 4];
        tensor.ReadBytes(3 * 4, some);
        Assert.Equal(expected[3..8], Enumerable.Range(0, 5).Select(i => BitConverter.ToSingle(some, i * 4)));
        new ModelWriter(model, QuantizationPlan.Unchanged(model, ModelContainer.Safetensors).Tensors, ModelContainer.Safetensors).Write(
            _scratch["decoded.safetensors"],
            new() { Overwrite = true }
        );
        using ModelFile decoded = ModelFile.Open(_scratch["decoded.safetensors"], SmallModels.Catalog);
        Assert.Equal("F32", Assert.Single(decoded.Tensors).Storage.Name);
        Assert.Equal(expected, new TensorRows(decoded.Tensors[0]).ReadAll());
        Assert.DoesNotContain(decoded.Metadata, entry => entry.Value.ToString().Contains("quantization", StringComparison.Ordinal));
        string message = Assert
            .Throws<QuantizationRuleException>(() =>
                QuantizationPlan.Make(
                    model,
                    new() { Format = SmallModels.Catalog["q8_0"], Rules = [new(".", SmallModels.Catalog["q8_0"])] },
                    ModelContainer.Safetensors
                )
            )
            .Message;
        Assert.Contains($"is {storage} already", message, StringComparison.Ordinal);
    }

    /// <summary>E4M3: sign, four bits of exponent with bias 7, three of mantissa.</summary>
    protected static float E4M3(int code)
    {
        int exponent = code >> 3 & 15,
            mantissa = code & 7;
        float magnitude = exponent == 0 ? MathF.ScaleB(mantissa, -9) : MathF.ScaleB(8 + mantissa, exponent - 10);
        return code >= 128 ? -magnitude : magnitude;
    }

    protected int[] Fp8(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(127) + 128 * _random.Next(2))];

    protected static readonly float[] Fp4 = [0, 0.5f, 1, 1.5f, 2, 3, 4, 6, 0, -0.5f, -1, -1.5f, -2, -3, -4, -6];

    protected static byte[] Nibbles(int[] codes, bool lowFirst = true) =>
        [.. codes.Chunk(2).Select(two => (byte)(lowFirst ? two[0] | two[1] << 4 : two[0] << 4 | two[1]))];
}
