namespace KernelGen.Models.Tests;

/// <summary>FP8, NVFP4 and MXFP4 as checkpoints have them.</summary>
public sealed class FloatDialectTests : DialectTests
{
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
}
