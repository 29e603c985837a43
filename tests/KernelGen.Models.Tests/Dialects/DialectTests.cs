using System.Buffers.Binary;
using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>Checkpoints that others quantised: each made from its published layout with numbers of our own, and read exactly.</summary>
public sealed class DialectTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly Random _random = new(1);

    public void Dispose() => _scratch.Dispose();

    private static SafetensorsEntry Entry(string name, SafetensorsDtype dtype, long[] shape, byte[] bytes) =>
        new(name, dtype, shape, stream => stream.Write(bytes));

    private static SafetensorsEntry Floats(string name, long[] shape, params float[] values) => SmallModels.Singles(name, shape, values);

    private static SafetensorsEntry Words(string name, long[] shape, uint[] words, SafetensorsDtype dtype = SafetensorsDtype.I32)
    {
        var bytes = new byte[words.Length * 4];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), words[i]);
        }
        return Entry(name, dtype, shape, bytes);
    }

    /// <summary>Scales that binary32 multiplies without rounding by codes of a few bits.</summary>
    private float[] Scales(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => MathF.ScaleB(_random.Next(1, 16), _random.Next(-6, 2)))];

    private int[] Codes(int count, int bits) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(1 << bits))];

    private ModelFile Model(string? config, params SafetensorsEntry[] tensors)
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
    private void RequireOnly(ModelFile model, string name, string storage, long[] shape, float[] expected)
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
    private static float E4M3(int code)
    {
        int exponent = code >> 3 & 15,
            mantissa = code & 7;
        float magnitude = exponent == 0 ? MathF.ScaleB(mantissa, -9) : MathF.ScaleB(8 + mantissa, exponent - 10);
        return code >= 128 ? -magnitude : magnitude;
    }

    private int[] Fp8(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(127) + 128 * _random.Next(2))];

    [Theory]
    [InlineData("weight_scale_inv", new long[] { 3, 2 }, "[128, 128]", "F8_E4M3×128x128")]
    [InlineData("weight_scale", new long[] { 300, 1 }, null, "F8_E4M3×row")]
    [InlineData("weight_scale", new long[] { 300 }, null, "F8_E4M3×row")]
    [InlineData("weight_scale", new long[] { }, null, "F8_E4M3×tensor")]
    [InlineData("scale_weight", new long[] { 1 }, null, "F8_E4M3×tensor")]
    public void Fp8_is_multiplied_by_its_scales(string part, long[] shape, string? block, string storage)
    {
        const int rows = 300,
            columns = 200;
        int[] codes = Fp8(rows * columns);
        float[] scales = Scales((int)shape.Aggregate(1L, (a, b) => a * b));
        int down = shape.Length > 0 ? (int)shape[0] : 1,
            across = shape.Length > 1 ? (int)shape[1] : 1,
            high = down == 3 ? 128 : rows / down,
            wide = across == 2 ? 128 : columns;
        using ModelFile model = Model(
            block is null ? null : $"{{\"quantization_config\": {{\"quant_method\": \"fp8\", \"weight_block_size\": {block}}}}}",
            Entry("a.weight", SafetensorsDtype.F8E4M3, [rows, columns], [.. codes.Select(code => (byte)code)]),
            Floats("a." + part, shape, scales),
            Floats("a.input_scale", [], 3)
        );
        RequireOnly(
            model,
            "a.weight",
            storage,
            [rows, columns],
            [.. codes.Select((code, i) => E4M3(code) * scales[i / columns / high * across + i % columns / wide])]
        );
    }

    [Fact]
    public void Stacked_fp8_has_scales_for_each_matrix_which_may_be_powers_of_two()
    {
        int[] codes = Fp8(2 * 4 * 64);
        byte[] exponents = [120, 130, 125, 127];
        using ModelFile model = Model(
            null,
            Entry("a.weight", SafetensorsDtype.F8E4M3, [2, 4, 64], [.. codes.Select(code => (byte)code)]),
            Entry("a.weight_scale", SafetensorsDtype.F8E8M0, [2, 1, 2], exponents)
        );
        RequireOnly(
            model,
            "a.weight",
            "F8_E4M3×4x32",
            [2, 4, 64],
            [.. codes.Select((code, i) => MathF.ScaleB(E4M3(code), exponents[i / 256 * 2 + i % 64 / 32] - 127))]
        );
    }

    [Fact]
    public void Int8_of_bitsandbytes_is_over_127()
    {
        int[] codes = Codes(4 * 32, 8);
        float[] scales = [127, 254, 63.5f, 12.7f];
        using ModelFile model = Model(
            "{\"quantization_config\": {\"quant_method\": \"bitsandbytes\", \"load_in_8bit\": true}}",
            Entry("a.weight", SafetensorsDtype.I8, [4, 32], [.. codes.Select(code => (byte)code)]),
            Floats("a.SCB", [4], scales),
            Entry("a.weight_format", SafetensorsDtype.U8, [], [0])
        );
        RequireOnly(model, "a.weight", "I8×row", [4, 32], [.. codes.Select((code, i) => (sbyte)code * (scales[i / 32] / 127))]);
    }

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

    private static readonly float[] Fp4 = [0, 0.5f, 1, 1.5f, 2, 3, 4, 6, 0, -0.5f, -1, -1.5f, -2, -3, -4, -6];

    private static byte[] Nibbles(int[] codes, bool lowFirst = true) =>
        [.. codes.Chunk(2).Select(two => (byte)(lowFirst ? two[0] | two[1] << 4 : two[0] << 4 | two[1]))];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void NvFp4_divides_or_multiplies_by_the_scale_of_the_tensor(bool compressed)
    {
        int[] codes = Codes(4 * 64, 4),
            scales = [.. Fp8(4 * 4).Select(code => code & 127)];
        float global = compressed ? 16 : 0.0625f;
        using ModelFile model = Model(
            "{\"quantization_config\": {}}",
            Entry(compressed ? "a.weight_packed" : "a.weight", SafetensorsDtype.U8, [4, 32], Nibbles(codes)),
            Entry("a.weight_scale", SafetensorsDtype.F8E4M3, [4, 4], [.. scales.Select(code => (byte)code)]),
            Floats(compressed ? "a.weight_global_scale" : "a.weight_scale_2", compressed ? [1] : [], global),
            Floats(compressed ? "a.input_global_scale" : "a.input_scale", [1], 5)
        );
        RequireOnly(
            model,
            "a.weight",
            compressed ? "compressed-nvfp4" : "modelopt-nvfp4",
            [4, 64],
            [.. codes.Select((code, i) => Fp4[code] * (E4M3(scales[i / 16]) / 16))]
        );
    }

    [Fact]
    public void Mxfp4_of_gpt_oss()
    {
        int[] codes = Codes(2 * 3 * 64, 4);
        byte[] scales = [.. Codes(2 * 3 * 2, 4).Select(code => (byte)(118 + code))];
        using ModelFile model = Model(
            "{\"quantization_config\": {\"quant_method\": \"mxfp4\"}}",
            Entry("mlp.experts.gate_up_proj_blocks", SafetensorsDtype.U8, [2, 3, 2, 16], Nibbles(codes)),
            Entry("mlp.experts.gate_up_proj_scales", SafetensorsDtype.U8, [2, 3, 2], scales)
        );
        RequireOnly(
            model,
            "mlp.experts.gate_up_proj",
            "gpt-oss-mxfp4",
            [2, 3, 64],
            [.. codes.Select((code, i) => MathF.ScaleB(Fp4[code], scales[i / 32] - 127))]
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void BitsAndBytes_NF4(bool nested)
    {
        const int rows = 6,
            columns = 64,
            block = 64;
        int[] codes = Codes(rows * columns, 4),
            scaleCodes = Codes(rows, 8);
        float[] levels = Scales(16),
            absmax = Scales(rows),
            nestedLevels = Scales(256),
            nestedScales = [2, 4, 8];
        string state = nested
            ? $"{{\"quant_type\": \"nf4\", \"blocksize\": {block}, \"dtype\": \"bfloat16\", \"shape\": [{rows}, {columns}], "
                + $"\"nested_blocksize\": 2, \"nested_offset\": 0.5}}"
            : $"{{\"quant_type\": \"nf4\", \"blocksize\": {block}, \"dtype\": \"bfloat16\", \"shape\": [{rows}, {columns}]}}";
        List<SafetensorsEntry> tensors =
        [
            Entry("a.weight", SafetensorsDtype.U8, [rows * columns / 2, 1], Nibbles(codes, lowFirst: false)),
            Floats("a.weight.quant_map", [16], levels),
            Entry(
                "a.weight.quant_state.bitsandbytes__nf4",
                SafetensorsDtype.U8,
                [state.Length],
                System.Text.Encoding.ASCII.GetBytes(state)
            ),
        ];
        if (nested)
        {
            tensors.Add(Entry("a.weight.absmax", SafetensorsDtype.U8, [rows], [.. scaleCodes.Select(code => (byte)code)]));
            tensors.Add(Floats("a.weight.nested_absmax", [3], nestedScales));
            tensors.Add(Floats("a.weight.nested_quant_map", [256], nestedLevels));
        }
        else
        {
            tensors.Add(Floats("a.weight.absmax", [rows], absmax));
        }
        using ModelFile model = Model(
            "{\"quantization_config\": {\"quant_method\": \"bitsandbytes\", \"load_in_4bit\": true}}",
            [.. tensors]
        );
        float Scale(int i) => nested ? nestedLevels[scaleCodes[i]] * nestedScales[i / 2] + 0.5f : absmax[i];
        RequireOnly(
            model,
            "a.weight",
            nested ? "bitsandbytes-nf4-g64-double" : "bitsandbytes-nf4-g64",
            [rows, columns],
            [.. codes.Select((code, i) => levels[code] * Scale(i / block))]
        );
    }

    [Theory]
    [InlineData("{\"quantization_config\": {\"quant_method\": \"hqq\"}}", "a.weight", "hqq")]
    [InlineData("{\"compression_config\": {\"quant_method\": \"compressed-tensors\"}}", "a.weight", "compressed-tensors")]
    [InlineData("{\"text_config\": {\"quantization_config\": {\"quant_method\": \"quip\"}}}", "a.weight", "quip")]
    [InlineData(null, "a.codebooks", "AQLM")]
    [InlineData(null, "a.weight_packed", "weight_shape")]
    [InlineData(null, "a.qweight", "GPTQ or AWQ")]
    public void A_dialect_that_is_not_read_is_refused_by_name(string? config, string name, string words)
    {
        SafetensorsEntry[] tensors = [Floats("b.weight", [32, 64], SmallModels.Gaussian(2048, 1)), Words(name, [32, 64], new uint[2048])];
        void Make(bool allow)
        {
            using ModelFile model = Model(config, tensors);
            QuantizationPlan.Make(
                model,
                new() { Format = SmallModels.Catalog["q8_0"], AllowRequantise = allow },
                ModelContainer.Safetensors
            );
        }
        foreach (bool allow in new[] { false, true })
        {
            Exception failure = Assert.ThrowsAny<Exception>(() => Make(allow));
            Assert.True(failure is QuantizationRuleException or ModelFormatException, failure.ToString());
            Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Scales_are_never_quantised_and_codes_without_them_are_refused()
    {
        SafetensorsEntry scales = Floats("x.weight_scale_inv", [64, 64], SmallModels.Gaussian(4096, 1)),
            plain = Floats("y.weight", [64, 64], SmallModels.Gaussian(4096, 2)),
            codes = Entry("z.weight", SafetensorsDtype.F8E4M3, [32, 64], new byte[2048]),
            scale = Floats("z.weight_scale", [], 2);
        var rules = new QuantizationRules { Format = SmallModels.Catalog["q8_0"], AllowRequantise = true };
        using (ModelFile model = Model(null, scales, plain, codes, scale))
        {
            QuantizationPlan plan = QuantizationPlan.Make(model, rules, ModelContainer.Safetensors);
            Assert.Equal(
                ["x.weight_scale_inv F32", "y.weight q8_0", "z.weight q8_0"],
                plan.Tensors.OrderBy(t => t.Source.Name).Select(t => $"{t.Source.Name} {t.Target}")
            );
            Assert.DoesNotContain(TensorSample.Candidates(model), tensor => tensor.Name == "x.weight_scale_inv");
            Assert.Contains(
                "z.weight': it is F8_E4M3×tensor already",
                Assert.Throws<ModelFormatException>(() => QuantizationPlan.Packed(model, SmallModels.Catalog["q8_0"])).Message,
                StringComparison.Ordinal
            );
        }
        using ModelFile orphan = Model("{\"quantization_config\": {\"quant_method\": \"fp8\"}}", plain, codes);
        Assert.Contains(
            "fp8 (z.weight has no scales)",
            Assert.Throws<QuantizationRuleException>(() => QuantizationPlan.Make(orphan, rules, ModelContainer.Safetensors)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Parts_that_do_not_fit_are_named()
    {
        SafetensorsEntry codes = Entry("a.weight", SafetensorsDtype.F8E4M3, [300, 200], new byte[60_000]);
        Assert.Contains(
            "'a.weight_scale': its shape [200, 3] is no grid over blocks of 2 × 67 of a.weight, [300, 200]",
            Assert.Throws<ModelFormatException>(() => Model(null, codes, Floats("a.weight_scale", [200, 3], new float[600]))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "'a.scales': it is F32 [3, 32]; next to its codes it has to be U8 or F16 or BF16 or F32 [2, 32]",
            Assert
                .Throws<ModelFormatException>(() =>
                    Model(
                        "{\"quantization\": {\"group_size\": 32, \"bits\": 4}}",
                        Words("a.weight", [2, 128], new uint[256], SafetensorsDtype.U32),
                        Floats("a.scales", [3, 32], new float[96]),
                        Floats("a.biases", [3, 32], new float[96])
                    )
                )
                .Message,
            StringComparison.Ordinal
        );
    }
}
