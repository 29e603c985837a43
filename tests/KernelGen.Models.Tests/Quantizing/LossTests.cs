using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>Numeric loss is never silent: where scales leave their type, groups vanish or values become infinite, a word is said.</summary>
public sealed class LossTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private (ModelWriteReport Report, TensorVerdict Verdict) Quantise(string format, float[] values, long[] shape, bool saturate = false)
    {
        SafetensorsWriter.Write(_scratch["a.safetensors"], [SmallModels.Singles("w", shape, values)], overwrite: true);
        using ModelFile model = ModelFile.Open(_scratch["a.safetensors"], SmallModels.Catalog);
        QuantizationPlan plan = QuantizationPlan.Make(
            model,
            new() { Rules = [new("w", SmallModels.Catalog[format])] },
            ModelContainer.Safetensors
        );
        ModelWriteReport report = new ModelWriter(model, plan.Tensors, plan.Container).Write(
            _scratch["b.safetensors"],
            new() { Overwrite = true, Saturate = saturate }
        );
        using ModelFile packed = ModelFile.Open(_scratch["b.safetensors"], SmallModels.Catalog);
        return (report, new ModelVerification(model, packed).Compare("w"));
    }

    [Theory]
    [InlineData(1e9f, "q4_0", "relative error")]
    [InlineData(1e6f, "q4_0", "relative error")]
    [InlineData(1e-8f, "q4_0", "became zero")]
    [InlineData(1e9f, "q8_0", "groups that lost nearly all")]
    [InlineData(1e12f, "q4_k", "groups that lost nearly all")]
    [InlineData(1e-9f, "f16", "became zero")]
    public void Scales_beyond_their_type_are_found_by_both(float size, string format, string words)
    {
        (ModelWriteReport report, TensorVerdict verdict) = Quantise(
            format,
            [.. SmallModels.Gaussian(32 * 256, 1).Select(value => value * size)],
            [32, 256]
        );
        Assert.NotNull(verdict.Problem);
        TensorLoss loss = Assert.Single(report.Losses);
        Assert.Equal("w", loss.Tensor.Source.Name);
        Assert.True(
            loss.Words.Contains(words, StringComparison.Ordinal) || loss.Words.Contains("lost nearly all", StringComparison.Ordinal),
            loss.Words
        );
    }

    [Fact]
    public void What_an_interrupted_run_lost_is_judged_by_the_run_that_continues()
    {
        const int columns = 768,
            chunkRows = (1 << 19) / columns;
        float[] values = SmallModels.Gaussian(6 * chunkRows * columns, 1);
        for (int chunk = 0; chunk < 6; chunk++)
        {
            values.AsSpan(chunk * chunkRows * columns, 16).Fill(1e9f);
        }
        SafetensorsWriter.Write(_scratch["a.safetensors"], [SmallModels.Singles("w", [6 * chunkRows, columns], values)]);
        using ModelFile model = ModelFile.Open(_scratch["a.safetensors"], SmallModels.Catalog);
        QuantizationPlan plan = QuantizationPlan.Make(model, new() { Format = SmallModels.Catalog["q8_0"] }, ModelContainer.Gguf);
        var writer = new ModelWriter(model, plan.Tensors, plan.Container);
        PackingLoss whole = Assert.Single(writer.Write(_scratch["whole.gguf"], new()).Losses).Loss;
        using var cancellation = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            writer.Write(
                _scratch["b.gguf"],
                new()
                {
                    Threads = 1,
                    Cancellation = cancellation.Token,
                    Progress = (_, _) => cancellation.Cancel(),
                }
            )
        );
        ModelWriteReport report = writer.Write(_scratch["b.gguf"], new() { Resume = true });
        Assert.InRange(report.Reused, 1, model.Bytes - 1);
        PackingLoss both = Assert.Single(report.Losses).Loss;
        Assert.Equal((whole.Groups, whole.Saturated, whole.Flushed), (both.Groups, both.Saturated, both.Flushed));
        Assert.Equal(whole.SquaredError, both.SquaredError, whole.SquaredError * 1e-9);
    }

    /// <summary>One group in a large tensor, wherever it lies.</summary>
    [Theory]
    [InlineData(0, 1e9f)]
    [InlineData(1099 * 768 + 700, 1e9f)]
    [InlineData(600 * 768 + 32, 1e9f)]
    public void One_bad_group_in_many_is_found(int at, float value)
    {
        float[] values = SmallModels.Gaussian(1100 * 768, 1);
        values.AsSpan(at, 16).Fill(value);
        (ModelWriteReport report, TensorVerdict verdict) = Quantise("q4_0", values, [1100, 768]);
        Assert.Single(report.Losses);
        Assert.NotNull(verdict.Problem);
    }

    [Fact]
    public void Rows_that_vanish_are_counted()
    {
        float[] values = SmallModels.Gaussian(64 * 256, 1);
        foreach (ref float value in values.AsSpan(8 * 256, 256))
        {
            value *= 1e-9f;
        }
        (ModelWriteReport report, TensorVerdict verdict) = Quantise("q4_0", values, [64, 256]);
        Assert.Equal(8, verdict.Loss.Flushed);
        Assert.Null(verdict.Problem); // they bear 10^-18 of the energy
        Assert.Contains("groups that became zero", Assert.Single(report.Losses).Words, StringComparison.Ordinal);
    }

    public static TheoryData<string> Formats() => [.. SmallModels.Catalog.All.Select(format => format.Info.Name)];

    /// <summary>Gaussian values and zeros alarm no format, and heavy tails none but those of one scale for many groups.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void What_formats_are_made_for_does_not_alarm(string format)
    {
        float[] gaussian = SmallModels.Gaussian(16 * 512, 1),
            tails = [.. SmallModels.Gaussian(16 * 512, 2).Zip(SmallModels.Gaussian(16 * 512, 3), (a, b) => 0.02f * a * MathF.Exp(b / 2))];
        gaussian.AsSpan(512, 512).Clear();
        foreach (float[] values in SmallModels.Catalog[format].Info.Group > 0 ? [gaussian, tails] : new[] { gaussian })
        {
            (ModelWriteReport report, TensorVerdict verdict) = Quantise(format, values, [16, 512]);
            Assert.True(report.Losses.Count == 0, report.Losses.FirstOrDefault()?.Words);
            Assert.Null(verdict.Problem);
        }
    }

    [Theory]
    [InlineData("f16", 65_520f, 65_504f)]
    [InlineData("bf16", 3.4e38f, 3.3895313892515355e38f)]
    public void Values_beyond_a_plain_type_are_an_error_or_cut(string format, float value, float largest)
    {
        float[] values = SmallModels.Gaussian(4 * 64, 1);
        values[3 * 64 + 5] = -value;
        ModelFormatException failure = Assert.Throws<ModelFormatException>(() => Quantise(format, values, [4, 64]));
        Assert.Contains("tensor 'w': the value at row 3, column 5 is -", failure.Message, StringComparison.Ordinal);
        Assert.Contains("--saturate", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_scratch.Files, file => file.StartsWith("b.", StringComparison.Ordinal));
        Quantise(format, values, [4, 64], saturate: true);
        using ModelFile packed = ModelFile.Open(_scratch["b.safetensors"], SmallModels.Catalog);
        Assert.Equal(-largest, new TensorRows(packed["w"]).ReadAll()[3 * 64 + 5]);
    }

    [Fact]
    public void Magnitudes_are_those_of_runs()
    {
        float[] values = [.. Enumerable.Repeat(1f, 400)];
        values[130] = -7;
        values.AsSpan(256, 128).Fill(1e-9f);
        Assert.Equal((1e-9f, 7f), LossWatch.Magnitudes(values));
        Assert.Equal((float.PositiveInfinity, 0f), LossWatch.Magnitudes(new float[400]));
        Assert.Equal((3f, 3f), LossWatch.Magnitudes([0, -3]));
    }
}
