using System.Buffers.Binary;

namespace KernelGen.Models.Tests;

/// <summary>GPTQ, AWQ, compressed-tensors and MLX.</summary>
public sealed class IntegerDialectTests : DialectTests
{
    [Theory]
    [InlineData(2, false, 1)]
    [InlineData(3, false, 1)]
    [InlineData(4, true, 1)]
    [InlineData(8, false, 0)]
    public void Gptq(int bits, bool order, int plus)
    {
        const int outputs = 32,
            inputs = 64,
            group = 32;
        int[] codes = Codes(outputs * inputs, bits), // [output, input]
            zeros = Codes(2 * outputs, bits),
            groups = [.. Enumerable.Range(0, inputs).Select(i => order ? i * 7 % 2 : i / group)];
        float[] scales = Scales(2 * outputs);
        var packed = new uint[inputs * bits / 32 * outputs];
        for (int k = 0; k < inputs; k++)
        {
            for (int n = 0; n < outputs; n++)
            {
                for (int bit = 0; bit < bits; bit++)
                {
                    int at = k * bits + bit;
                    packed[at / 32 * outputs + n] |= (uint)(codes[n * inputs + k] >> bit & 1) << at % 32;
                }
            }
        }
        var packedZeros = new uint[2 * outputs * bits / 32];
        for (int i = 0; i < zeros.Length * bits; i++)
        {
            int row = i / (outputs * bits),
                at = i % (outputs * bits);
            packedZeros[row * outputs * bits / 32 + at / 32] |= (uint)(zeros[i / bits] >> i % bits & 1) << at % 32;
        }
        List<SafetensorsEntry> tensors =
        [
            Words("a.qweight", [inputs * bits / 32, outputs], packed),
            Words("a.qzeros", [2, outputs * bits / 32], packedZeros),
            Floats("a.scales", [2, outputs], scales),
        ];
        if (order)
        {
            tensors.Add(Words("a.g_idx", [inputs], [.. groups.Select(g => (uint)g)]));
        }
        string version = plus == 1 ? "gptq" : "gptq_v2";
        using ModelFile model = Model(
            $"{{\"quantization_config\": {{\"quant_method\": \"gptq\", \"bits\": {bits}, \"group_size\": {group}, \"checkpoint_format\": "
                + $"\"{version}\"}}}}",
            [.. tensors]
        );
        RequireOnly(
            model,
            "a.weight",
            $"gptq-int{bits}-g{group}{(order ? "-order" : "")}",
            [outputs, inputs],
            [
                .. codes.Select(
                    (code, i) =>
                    {
                        int n = i / inputs,
                            g = groups[i % inputs];
                        return scales[g * outputs + n] * (code - (zeros[g * outputs + n] + plus));
                    }
                ),
            ]
        );
    }

    [Fact]
    public void Awq()
    {
        const int outputs = 16,
            inputs = 64,
            group = 32;
        int[] order = [0, 2, 4, 6, 1, 3, 5, 7],
            codes = Codes(inputs * outputs, 4), // [input, output]
            zeros = Codes(2 * outputs, 4);
        float[] scales = Scales(2 * outputs);
        uint[] Pack(int[] values) =>
            [.. values.Chunk(8).Select(eight => Enumerable.Range(0, 8).Aggregate(0u, (word, i) => word | (uint)eight[order[i]] << 4 * i))];
        using ModelFile model = Model(
            "{\"quantization_config\": {\"quant_method\": \"awq\", \"bits\": 4, \"group_size\": 32, \"version\": \"gemm\", "
                + "\"zero_point\": true}}",
            Words("a.qweight", [inputs, outputs / 8], Pack(codes)),
            Words("a.qzeros", [2, outputs / 8], Pack(zeros)),
            Floats("a.scales", [2, outputs], scales)
        );
        var expected = new float[outputs * inputs];
        for (int n = 0; n < outputs; n++)
        {
            for (int k = 0; k < inputs; k++)
            {
                int g = k / group * outputs + n;
                expected[n * inputs + k] = scales[g] * (codes[k * outputs + n] - zeros[g]);
            }
        }
        RequireOnly(model, "a.weight", "awq-int4-g32", [outputs, inputs], expected);
    }

    [Theory]
    [InlineData(4, false, false)]
    [InlineData(4, true, true)]
    [InlineData(8, true, false)]
    public void Compressed_tensors_of_whole_numbers(int bits, bool zeroPoints, bool order)
    {
        const int outputs = 12,
            inputs = 64,
            group = 16;
        int perWord = 32 / bits,
            half = 1 << (bits - 1);
        int[] codes = Codes(outputs * inputs, bits),
            zeros = Codes(outputs * 4, bits),
            groups = [.. Enumerable.Range(0, inputs).Select(i => order ? i * 5 % 4 : i / group)];
        float[] scales = Scales(outputs * 4);
        uint[] packed =
        [
            .. codes.Chunk(perWord).Select(some => some.Select((code, i) => (uint)code << bits * i).Aggregate((a, b) => a | b)),
        ];
        int zeroRows = (outputs + perWord - 1) / perWord;
        var packedZeros = new uint[zeroRows * 4];
        for (int n = 0; n < outputs; n++)
        {
            for (int g = 0; g < 4; g++)
            {
                packedZeros[n / perWord * 4 + g] |= (uint)zeros[n * 4 + g] << bits * (n % perWord);
            }
        }
        var shape = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(shape, outputs);
        BinaryPrimitives.WriteInt64LittleEndian(shape.AsSpan(8), inputs);
        List<SafetensorsEntry> tensors =
        [
            Words("a.weight_packed", [outputs, inputs / perWord], packed),
            Entry("a.weight_shape", SafetensorsDtype.I64, [2], shape),
            Floats("a.weight_scale", [outputs, 4], scales),
        ];
        if (zeroPoints)
        {
            tensors.Add(Words("a.weight_zero_point", [zeroRows, 4], packedZeros));
        }
        if (order)
        {
            tensors.Add(Words("a.weight_g_idx", [inputs], [.. groups.Select(g => (uint)g)]));
        }
        using ModelFile model = Model(
            "{\"quantization_config\": {\"quant_method\": \"compressed-tensors\", \"format\": \"pack-quantized\"}}",
            [.. tensors]
        );
        RequireOnly(
            model,
            "a.weight",
            $"compressed-int{bits}-g{group}",
            [outputs, inputs],
            [
                .. codes.Select(
                    (code, i) =>
                    {
                        int g = i / inputs * 4 + groups[i % inputs];
                        return scales[g] * (code - (zeroPoints ? zeros[g] : half));
                    }
                ),
            ]
        );
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(8)]
    public void Mlx(int bits)
    {
        int[] codes = Codes(6 * 128, bits);
        float[] scales = Scales(6 * 2),
            biases = Scales(6 * 2);
        var packed = new uint[codes.Length * bits / 32];
        for (int i = 0; i < codes.Length * bits; i++)
        {
            packed[i / 32] |= (uint)(codes[i / bits] >> i % bits & 1) << i % 32;
        }
        using ModelFile model = Model(
            $"{{\"quantization\": {{\"group_size\": 32, \"bits\": 4, \"a\": {{\"group_size\": 64, \"bits\": {bits}}}}}}}",
            Words("a.weight", [6, 4 * bits], packed, SafetensorsDtype.U32),
            Floats("a.scales", [6, 2], scales),
            Floats("a.biases", [6, 2], biases)
        );
        RequireOnly(
            model,
            "a.weight",
            $"mlx-int{bits}-g64",
            [6, 128],
            [.. codes.Select((code, i) => scales[i / 64] * code + biases[i / 64])]
        );
    }
}
