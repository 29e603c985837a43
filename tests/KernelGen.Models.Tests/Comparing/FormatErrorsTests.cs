using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>Errors of a format on a tensor against a calculation of the whole tensor, and with weights by hand.</summary>
public sealed class FormatErrorsTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("q4_0")]
    [InlineData("nvfp4")]
    [InlineData("int3-g32")]
    public void Parts_give_the_error_of_the_whole(string name)
    {
        using ModelFile model = ModelFile.Open(SmallModels.Write(_scratch["m.safetensors"]), SmallModels.Catalog);
        ModelTensor tensor = model["layers.0.up.weight"];
        CompressedFormat format = SmallModels.Catalog[name];
        float[] values = new TensorRows(tensor).ReadAll(),
            result = new float[values.Length];
        format.RoundTrip(values, (int)tensor.Rows, (int)tensor.Columns, result);
        double error = values.Zip(result, (a, b) => Math.Pow(a - (double)b, 2)).Sum(),
            squares = values.Sum(a => (double)a * a),
            products = values.Zip(result, (a, b) => (double)a * b).Sum();
        double rms = Math.Sqrt(squares / values.Length);
        FormatErrors measured = FormatErrors.Measure(TensorSample.Read(tensor, long.MaxValue), format)!;
        Assert.Equal(error / squares, measured.Errors.RelativeError, 1e-9);
        Assert.Equal(products / Math.Sqrt(squares * result.Sum(b => (double)b * b)), measured.Errors.Cosine, 1e-9);
        Assert.Equal(values.Count(a => Math.Abs(a) > 4 * rms), measured.Errors.Outliers);
        Assert.Equal(
            values.Zip(result).Where(pair => Math.Abs(pair.First) > 4 * rms).Sum(pair => Math.Pow(pair.First - (double)pair.Second, 2))
                / error,
            measured.Errors.OutlierErrorShare,
            1e-9
        );
        Assert.Equal(format.Info.PackedBytes(tensor.Rows, (int)tensor.Columns), measured.Bytes);
        FormatErrors sampled = FormatErrors.Measure(TensorSample.Read(tensor, 100_000), format)!;
        Assert.InRange(sampled.Errors.Count, 90_000, 100_000);
        Assert.InRange(sampled.Errors.RelativeError / measured.Errors.RelativeError, 0.9, 1.1);
    }

    [Fact]
    public void Weights_count_columns()
    {
        ValueErrors errors = ValueErrors.Of([1, 2, 3, 4], [1, 1, 1, 4], [10, 1]);
        Assert.Equal((5, 30), (errors.SquaredError, errors.Squares));
        Assert.Equal((10 * 4 + 1, 10 * 10 + 20), (errors.WeightedError, errors.WeightedSquares));
        Assert.Equal((10 * 4 + 18) / Math.Sqrt(120 * (20 + 17)), errors.WeightedCosine, 1e-12);
        Assert.Equal(2, errors.Largest);
        Assert.Equal((0, 1), (new ValueErrors().RelativeError, new ValueErrors().Cosine));
    }

    [Fact]
    public void Importance_is_read_under_its_names_and_checked()
    {
        float[] ones = [.. Enumerable.Repeat(3f, 768)];
        Write(
            ("layers.0.up.weight.in_sum2", ones),
            ("layers.0.up.weight.counts", [6f]),
            ("layers.0.down.weight.importance", SmallModels.Gaussian(512, 9).Select(Math.Abs).ToArray())
        );
        ImportanceFile importance = ImportanceFile.Read(_scratch["i.safetensors"], SmallModels.Catalog);
        using ModelFile model = ModelFile.Open(SmallModels.Write(_scratch["m.safetensors"]), SmallModels.Catalog);
        Assert.Equal(0.5f, importance.For(model["layers.0.up.weight"])!.Runs(0, 1).Single().Weights.Span[7]);
        Assert.Equal(512, importance.For(model["layers.0.down.weight"])!.Runs(3, 2).Single().Weights.Length);
        Assert.Null(importance.For(model["norm.weight"]));
        Write(("layers.0.up.weight", [1f, 2f]));
        Assert.Contains(
            "it has 2 values; the tensor has 768 columns",
            Assert
                .Throws<ModelFormatException>(() =>
                    ImportanceFile.Read(_scratch["i.safetensors"], SmallModels.Catalog).For(model["layers.0.up.weight"])
                )
                .Message,
            StringComparison.Ordinal
        );
        Write(("a", [1f, -2f]));
        Assert.Contains(
            "value 1 is -2",
            Assert.Throws<ModelFormatException>(() => ImportanceFile.Read(_scratch["i.safetensors"], SmallModels.Catalog)).Message,
            StringComparison.Ordinal
        );
        void Write(params (string Name, float[] Values)[] tensors) =>
            SafetensorsWriter.Write(
                _scratch["i.safetensors"],
                tensors.Select(t => SmallModels.Singles(t.Name, [t.Values.Length], t.Values)),
                overwrite: true
            );
    }
}
