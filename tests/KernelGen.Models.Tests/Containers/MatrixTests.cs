using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>Tensors of any rank as matrices, empty ones among them.</summary>
public sealed class MatrixTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(new long[] { }, 1, 1)]
    [InlineData(new long[] { 7 }, 1, 7)]
    [InlineData(new long[] { 6, 4 }, 6, 4)]
    [InlineData(new long[] { 8, 6, 64 }, 48, 64)] // stacked experts
    [InlineData(new long[] { 16, 64, 3 }, 16, 192)] // a convolution
    [InlineData(new long[] { 16, 64, 3, 3 }, 16, 576)]
    [InlineData(new long[] { 2, 8, 6, 64 }, 96, 64)]
    [InlineData(new long[] { 258, 1, 256 }, 258, 256)]
    [InlineData(new long[] { 0, 4096 }, 0, 4096)]
    [InlineData(new long[] { 4, 0 }, 4, 0)]
    [InlineData(new long[] { 4, 0, 64 }, 0, 64)]
    public void Columns_are_the_contracted_axis(long[] shape, long rows, long columns)
    {
        SafetensorsWriter.Write(
            _scratch["a.safetensors"],
            [SmallModels.Singles("t", shape, new float[shape.Aggregate(1L, (a, b) => a * b)])]
        );
        using ModelFile model = ModelFile.Open(_scratch["a.safetensors"], SmallModels.Catalog);
        Assert.Equal((rows, columns, rows * columns), (model["t"].Rows, model["t"].Columns, model["t"].Count));
        using SafetensorsFile file = SafetensorsFile.Open(_scratch["a.safetensors"]);
        Assert.Equal((rows, columns), (file["t"].Rows, file["t"].Columns));
    }

    public static TheoryData<string, bool> Targets()
    {
        var targets = new TheoryData<string, bool>();
        foreach (CompressedFormat format in SmallModels.Catalog.All)
        {
            targets.Add(format.Info.Name, false);
            if (TensorStorage.Of(format).Ggml is not null)
            {
                targets.Add(format.Info.Name, true);
            }
        }
        return targets;
    }

    /// <summary>Every format, both containers, through two conversions: what is written can be read.</summary>
    [Theory]
    [MemberData(nameof(Targets))]
    public void Empty_tensors_come_back_with_their_shapes(string format, bool gguf)
    {
        long[][] shapes =
        [
            [0, 4096],
            [4, 0],
            [0],
            [3, 0, 256],
            [2, 256],
        ];
        SafetensorsWriter.Write(
            _scratch["a.safetensors"],
            shapes.Select((shape, i) => SmallModels.Singles($"t{i}", shape, new float[shape.Aggregate(1L, (a, b) => a * b)]))
        );
        string first = _scratch[gguf ? "b.gguf" : "b.safetensors"],
            second = _scratch[gguf ? "c.safetensors" : "c.safetensors"];
        using (ModelFile model = ModelFile.Open(_scratch["a.safetensors"], SmallModels.Catalog))
        {
            var rules = new QuantizationRules { Format = SmallModels.Catalog[format], Pure = true };
            QuantizationPlan plan = QuantizationPlan.Make(model, rules, ModelContainers.Of(first)!.Value);
            new ModelWriter(model, plan.Tensors, plan.Container).Write(first, new());
        }
        using (ModelFile model = ModelFile.Open(first, SmallModels.Catalog))
        {
            new ModelWriter(model, QuantizationPlan.Unchanged(model, ModelContainer.Safetensors).Tensors, ModelContainer.Safetensors).Write(
                second,
                new()
            );
        }
        using ModelFile read = ModelFile.Open(second, SmallModels.Catalog);
        Assert.Equal(
            shapes.Select((shape, i) => $"t{i} [{string.Join(", ", shape)}]"),
            read.Tensors.OrderBy(t => t.Name).Select(t => $"{t.Name} {t.ShapeText}")
        );
        Assert.All(read.Tensors, tensor => Assert.Equal(tensor.Count, new TensorRows(tensor).ReadAll().Length));
    }

    [Fact]
    public void An_empty_tensor_of_a_packed_type_is_converted()
    {
        byte[] file = new GgufBytes(tensors: 1).Tensor("e", 2, 0, 4096, 0).WithData(0);
        using (ModelFile model = ModelFile.Open(_scratch.Write("min.gguf", file), SmallModels.Catalog))
        {
            new ModelWriter(model, QuantizationPlan.Unchanged(model, ModelContainer.Safetensors).Tensors, ModelContainer.Safetensors).Write(
                _scratch["o.safetensors"],
                new()
            );
        }
        using ModelFile read = ModelFile.Open(_scratch["o.safetensors"], SmallModels.Catalog);
        Assert.Equal("e [0, 4096] q4_0", $"{read.Tensors[0].Name} {read.Tensors[0].ShapeText} {read.Tensors[0].Storage}");
    }

    /// <summary>A file packed when columns were all dimensions but the first is read by the sizes that it states.</summary>
    [Fact]
    public void The_matrix_that_a_packed_file_states_is_believed()
    {
        float[] values = SmallModels.Gaussian(4 * 6 * 64, 5);
        CompressedFormat format = SmallModels.Catalog["q8_0"];
        var packed = new byte[format.Info.PackedBytes(4, 6 * 64)];
        format.Pack(values, 4, 6 * 64, packed);
        SafetensorsWriter.Write(
            _scratch["old.safetensors"],
            [new("t", SafetensorsDtype.U8, [packed.Length], stream => stream.Write(packed))],
            PackedMetadata.Write(new Dictionary<string, PackedTensor> { ["t"] = new("q8_0", 4, 6 * 64, [4, 6, 64]) }, [format.Info])
        );
        SafetensorsWriter.Write(_scratch["plain.safetensors"], [SmallModels.Singles("t", [4, 6, 64], values)]);
        using ModelFile old = ModelFile.Open(_scratch["old.safetensors"], SmallModels.Catalog);
        using ModelFile plain = ModelFile.Open(_scratch["plain.safetensors"], SmallModels.Catalog);
        Assert.Equal((4, 384), (old["t"].Rows, old["t"].Columns));
        TensorVerdict verdict = new ModelVerification(plain, old) { Repack = true }.Compare("t");
        Assert.Null(verdict.Problem);
        Assert.True(verdict.Repacked);
    }

    [Fact]
    public void Tensors_are_left_out_by_name_and_the_message_says_how()
    {
        SafetensorsWriter.Write(
            _scratch["a.safetensors"],
            [
                SmallModels.Singles("w", [32, 64], SmallModels.Gaussian(2048, 1)),
                new("attn.bias", SafetensorsDtype.Bool, [1, 1, 4, 4], stream => stream.Write(new byte[16])),
            ]
        );
        using ModelFile model = ModelFile.Open(_scratch["a.safetensors"], SmallModels.Catalog);
        QuantizationPlan plan = QuantizationPlan.Make(model, new() { Format = SmallModels.Catalog["q8_0"] }, ModelContainer.Gguf);
        string message = Assert.Throws<ModelFormatException>(() => new ModelWriter(model, plan.Tensors, plan.Container)).Message;
        Assert.Contains("tensor 'attn.bias'", message, StringComparison.Ordinal);
        Assert.Contains("--drop REGEX", message, StringComparison.Ordinal);
        Assert.Equal(["w"], model.Without([@"attn\.bias$"]).Tensors.Select(tensor => tensor.Name));
        Assert.Contains(
            "matches 'bais'",
            Assert.Throws<QuantizationRuleException>(() => model.Without(["bais"])).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Patterns_take_linear_time_and_bad_ones_are_named()
    {
        Assert.False(new TensorRule("(a+)+$", null).Matches(new string('a', 50_000) + "!"));
        Assert.Contains(
            "'(' is no regular",
            Assert.Throws<QuantizationRuleException>(() => TensorPattern.Of("(")).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "'(?!a)b' is no regular",
            Assert.Throws<QuantizationRuleException>(() => TensorPattern.Of("(?!a)b")).Message,
            StringComparison.Ordinal
        );
    }
}
