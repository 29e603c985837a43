using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>Streaming quantisation: the same bytes as packing in one piece, regardless of the threads and interruptions.</summary>
public sealed class QuantizingTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private static QuantizationRules For(string format) => new() { Format = SmallModels.Catalog[format] };

    private string Quantise(string format, string output, ModelWriteOptions? options = null)
    {
        if (!File.Exists(_scratch["model.safetensors"]))
        {
            SmallModels.Write(_scratch["model.safetensors"]);
        }
        using ModelFile model = ModelFile.Open(_scratch["model.safetensors"], SmallModels.Catalog);
        QuantizationPlan plan = QuantizationPlan.Make(model, For(format), ModelContainers.Of(output)!.Value);
        new ModelWriter(model, plan.Tensors, plan.Container).Write(_scratch[output], options ?? new());
        return _scratch[output];
    }

    [Theory]
    [InlineData("q4_0", "out.gguf")]
    [InlineData("q6_k", "out.gguf")]
    [InlineData("int4-g32", "out.safetensors")]
    [InlineData("nvfp4", "out.safetensors")] // a scale for the whole tensor
    [InlineData("int4", "out.safetensors")] // a scale for the whole tensor, from all its squares
    [InlineData("int4-hadamard", "out.safetensors")] // a scale for each row
    [InlineData("f16", "out.gguf")]
    [InlineData("bf16", "out.safetensors")]
    public void Chunks_make_the_bytes_of_the_whole(string name, string output)
    {
        CompressedFormat format = SmallModels.Catalog[name];
        using ModelFile model = ModelFile.Open(SmallModels.Write(_scratch["model.safetensors"]), SmallModels.Catalog);
        using ModelFile packed = ModelFile.Open(Quantise(name, output), SmallModels.Catalog);
        foreach (string tensor in new[] { "layers.0.up.weight", "layers.0.down.weight" })
        {
            ModelTensor before = model[tensor],
                after = packed[tensor];
            var expected = new byte[format.Info.PackedBytes(before.Rows, (int)before.Columns)];
            format.Pack(new TensorRows(before).ReadAll(), (int)before.Rows, (int)before.Columns, expected);
            Assert.True(expected.AsSpan().SequenceEqual(SmallModels.Bytes(after)), tensor);
            var values = new float[before.Count];
            format.Unpack(expected, (int)before.Rows, (int)before.Columns, values);
            Assert.Equal(values, new TensorRows(after).ReadAll());
        }
        Assert.Equal(SmallModels.Bytes(model["norm.weight"]), SmallModels.Bytes(packed["norm.weight"]));
        Assert.Equal((SafetensorsDtype.I64, 6L), (packed["ids"].Storage.Dtype, packed["ids"].Count));
        Assert.DoesNotContain(_scratch.Files, file => file.Contains("partial", StringComparison.Ordinal));
        var verification = new ModelVerification(model, packed) { Repack = true };
        Assert.All(verification.Names.Select(verification.Compare), verdict => Assert.Null(verdict.Problem));
    }

    [Fact]
    public void The_file_does_not_depend_on_threads()
    {
        byte[] one = File.ReadAllBytes(Quantise("q4_k", "one.gguf", new() { Threads = 1 }));
        Assert.Equal(one, File.ReadAllBytes(Quantise("q4_k", "many.gguf", new() { Threads = 7 })));
    }

    [Theory]
    [InlineData("q5_k", "x.gguf")]
    [InlineData("nvfp4", "x.safetensors")]
    public void Interrupted_work_is_continued_to_the_same_bytes(string format, string output)
    {
        byte[] whole = File.ReadAllBytes(Quantise(format, "whole" + Path.GetExtension(output)));
        Interrupt(format, output);
        Assert.Contains(output + ".partial", _scratch.Files);
        Assert.DoesNotContain(output, _scratch.Files);
        Assert.Contains(
            "Continue it with --resume",
            Assert.Throws<IOException>(() => Quantise(format, output)).Message,
            StringComparison.Ordinal
        );

        // Damage one finished chunk and cut the journal in a line, as a loss of power would.
        string partial = _scratch[output + ".partial"],
            journal = partial + ".journal";
        string[] lines = File.ReadAllLines(journal);
        Assert.True(lines.Length > 2);
        using (FileStream damaged = File.OpenWrite(partial))
        {
            damaged.Position = damaged.Length - 100_000;
            damaged.Write(new byte[64]);
        }
        File.WriteAllText(journal, string.Join('\n', lines) + "\n7 12");
        using (ModelFile model = ModelFile.Open(_scratch["model.safetensors"], SmallModels.Catalog))
        {
            QuantizationPlan plan = QuantizationPlan.Make(model, For(format), ModelContainers.Of(output)!.Value);
            long reused = new ModelWriter(model, plan.Tensors, plan.Container).Write(_scratch[output], new() { Resume = true }).Reused;
            Assert.InRange(reused, 1, model.Bytes - 1);
        }
        Assert.Equal(whole, File.ReadAllBytes(_scratch[output]));
        Assert.DoesNotContain(_scratch.Files, file => file.Contains("partial", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("q4_k", true)]
    [InlineData("mxfp4", false)] // takes its scale from the largest value
    public void Importance_lowers_the_error_that_counts(string format, bool honours)
    {
        Assert.Equal(honours, SmallModels.Catalog[format].Info.HonoursImportance);
        float[] weights = [.. SmallModels.Gaussian(768, 11).Select(value => MathF.Exp(3 * value))];
        SafetensorsWriter.Write(_scratch["importance.safetensors"], [SmallModels.Singles("layers.0.up.weight", [768], weights)]);
        ImportanceFile importance = ImportanceFile.Read(_scratch["importance.safetensors"], SmallModels.Catalog);
        using ModelFile plain = ModelFile.Open(Quantise(format, "plain.gguf"), SmallModels.Catalog);
        using ModelFile weighed = ModelFile.Open(Quantise(format, "weighed.gguf", new() { Importance = importance }), SmallModels.Catalog);
        using ModelFile model = ModelFile.Open(_scratch["model.safetensors"], SmallModels.Catalog);
        double Error(ModelFile file) =>
            new ModelVerification(model, file) { Importance = importance }
                .Compare("layers.0.up.weight")
                .Errors!.Value.WeightedRelativeError;
        Assert.InRange(Error(weighed) / Error(plain), honours ? 0.01 : 1, honours ? 0.9 : 1);
        Assert.Equal(SmallModels.Bytes(plain["layers.0.down.weight"]), SmallModels.Bytes(weighed["layers.0.down.weight"]));
        var verification = new ModelVerification(model, weighed)
        {
            Importance = importance,
            Repack = true,
            Catalog = SmallModels.Catalog,
        };
        Assert.True(verification.Compare("layers.0.up.weight").Repacked);
    }

    [Fact]
    public void Other_work_is_not_continued()
    {
        Interrupt("q5_k", "x.gguf");
        using ModelFile model = ModelFile.Open(_scratch["model.safetensors"], SmallModels.Catalog);
        QuantizationPlan other = QuantizationPlan.Make(model, For("q4_k"), ModelContainer.Gguf);
        var writer = new ModelWriter(model, other.Tensors, other.Container);
        Assert.Contains(
            "is of other work",
            Assert.Throws<IOException>(() => writer.Write(_scratch["x.gguf"], new() { Resume = true })).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(0, writer.Write(_scratch["x.gguf"], new() { Overwrite = true }).Reused);
    }

    [Fact]
    public void A_weight_that_is_not_finite_is_named_and_nothing_is_left()
    {
        float[] values = SmallModels.Gaussian(1100 * 768, 1);
        values[1000 * 768 + 5] = float.NaN;
        foreach (string format in new[] { "q4_0", "nvfp4" })
        {
            using ModelFile model = ModelFile.Open(SmallModels.Write(_scratch["model.safetensors"], values), SmallModels.Catalog);
            QuantizationPlan plan = QuantizationPlan.Make(model, For(format), ModelContainer.Safetensors);
            var failure = Assert.Throws<ModelFormatException>(() =>
                new ModelWriter(model, plan.Tensors, plan.Container).Write(_scratch["x.safetensors"], new())
            );
            Assert.Contains("tensor 'layers.0.up.weight': Weight at row 1000, column 5 is NaN", failure.Message, StringComparison.Ordinal);
            Assert.Equal(["model.safetensors"], _scratch.Files);
        }
    }

    private void Interrupt(string format, string output)
    {
        using var cancellation = new CancellationTokenSource();
        int chunks = 0;
        var options = new ModelWriteOptions
        {
            Threads = 1,
            Cancellation = cancellation.Token,
            Progress = (_, _) =>
            {
                if (++chunks == 3)
                {
                    cancellation.Cancel();
                }
            },
        };
        Assert.Throws<OperationCanceledException>(() => Quantise(format, output, options));
    }
}
