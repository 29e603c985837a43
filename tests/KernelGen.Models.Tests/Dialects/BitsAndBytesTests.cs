namespace KernelGen.Models.Tests;

/// <summary>int8 and NF4 of bitsandbytes, nested scales too.</summary>
public sealed class BitsAndBytesTests : DialectTests
{
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
}
