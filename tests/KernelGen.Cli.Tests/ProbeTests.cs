using System.Text.Json;
using KernelGen.Models;
using KernelGen.Tests;

namespace KernelGen.Cli.Tests;

public sealed class ProbeTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private static double Number(JsonElement row, string name) => row.GetProperty(name).GetDouble();

    private static string Name(JsonElement row) => row.GetProperty("format").GetString()!;

    private static void HasTheContract(JsonElement row)
    {
        Assert.All(["bits", "gmse", "gmse_se", "effective_bits", "gap_bits", "capacity"], name =>
            Assert.Equal(JsonValueKind.Number, row.GetProperty(name).ValueKind)
        );
        Assert.Equal(-0.5 * Math.Log2(Number(row, "gmse")), Number(row, "effective_bits"), 1e-9);
        Assert.Equal(Number(row, "bits") - Number(row, "effective_bits"), Number(row, "gap_bits"), 1e-9);
        Assert.InRange(Number(row, "capacity"), 0, 1);
    }

    [Fact]
    public void Probe_has_the_promised_fields_and_the_known_error()
    {
        JsonElement[] rows = Cli.Run("probe", "row-sign", "hand-int8", "--samples", "2e5", "-o", "json").Succeeds().Rows;
        Assert.Equal(["row-sign", "hand-int8"], rows.Select(Name));
        Assert.All(rows, HasTheContract);
        // Two levels at ±√(2/π): 1 − 2/π.
        Assert.Equal(0.363380228, Number(rows[0], "exact_gmse"), 1e-6);
        Assert.InRange(
            Number(rows[0], "gmse"),
            0.363380228 - 5 * Number(rows[0], "gmse_se") - 2e-3,
            0.363380228 + 5 * Number(rows[0], "gmse_se") + 2e-3
        );
        Assert.Equal(JsonValueKind.Null, rows[1].GetProperty("exact_gmse").ValueKind);
        Assert.True(Number(rows[1], "samples") >= 2e5);
    }

    [Fact]
    public void The_seed_decides_and_threads_do_not()
    {
        static string Numbers(params string[] args) =>
            string.Join(
                ' ',
                Cli.Run(["probe", "hand-int8", "-n", "50000", "-o", "json", .. args])
                    .Succeeds()
                    .Rows.Select(row => $"{Number(row, "gmse"):R} {Number(row, "gmse_se"):R}")
            );
        Assert.Equal(Numbers("--seed", "7", "-t", "1"), Numbers("--seed", "7", "-t", "3"));
        Assert.NotEqual(Numbers("--seed", "7"), Numbers("--seed", "8"));
    }

    [Theory]
    [InlineData("logistic", "logistic")]
    [InlineData("laplace", "laplace")]
    [InlineData("student", "student-t:5")]
    [InlineData("Student:3.5", "student-t:3.5")]
    public void Sources_are_taken_by_name(string text, string name)
    {
        JsonElement row = Cli.Run("probe", "hand-int8", "-n", "20000", "--source", text, "-o", "json").Succeeds().Rows.Single();
        Assert.Equal(name, row.GetProperty("source").GetString());
        HasTheContract(row);
    }

    [Theory]
    [InlineData("probe")]
    [InlineData("probe hand-int8 --samples 0")]
    [InlineData("probe hand-int8 --samples many")]
    [InlineData("probe hand-int8 --seed -1")]
    [InlineData("probe hand-int8 --threads 0")]
    [InlineData("compare --summary")]
    public void Wrong_options_are_exit_code_2(string line) => Cli.Run(line.Split(' ')).Fails(ExitCode.Usage);

    [Theory]
    [InlineData("probe hand-int9", "there is no format 'hand-int9'. Did you mean hand-int8 or row-sign?")]
    [InlineData("compare hand-int9", "there is no format 'hand-int9'. Did you mean hand-int8 or row-sign?")]
    [InlineData("compare 2:4+hand-int9", "'hand-int9' is neither a format nor a mask")]
    [InlineData("probe hand-int8 --source gausian", "there is no source 'gausian'. Did you mean gaussian")]
    [InlineData("probe hand-int8 --source student:1", "degrees of freedom must be a number above 2")]
    public void Wrong_names_are_exit_code_2_and_suggest(string line, string words) => Cli.Run(line.Split(' ')).Fails(ExitCode.Usage, words);

    [Fact]
    public void Compare_takes_all_formats_by_bits_then_error()
    {
        JsonElement[] rows = Cli.Run("compare", "--samples", "50000", "-o", "json").Succeeds().Rows;
        Assert.Equal(["row-sign", "hand-int8"], rows.Select(Name)); // 8 and 16 bits
        Assert.All(rows, HasTheContract);
        Assert.All(rows, row => Assert.False(row.TryGetProperty("tensor", out _)));
        Assert.Contains("| row-sign ", Cli.Run("compare", "row-sign", "-n", "1e4", "-o", "md").Succeeds().Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Expressions_are_composed_at_run_time()
    {
        JsonElement[] rows = Cli.Run("compare", "sparse24+hand-int8 x row-sign", "hand-int8", "-n", "50000", "-o", "json").Succeeds().Rows;
        Assert.Equal(2, rows.Length);
        Assert.All(rows, HasTheContract);
        JsonElement composed = rows.Single(row => Name(row) == "sparse24+hand-int8 x row-sign");
        Assert.InRange(Number(composed, "gmse"), 0.12, 0.145); // 2:4 alone is .1322
        Assert.Equal(0.363380228, Number(composed, "activations_gmse"), 1e-2);
        Assert.Equal(Number(composed, "capacity_product") - Number(composed, "capacity"), Number(composed, "factorisation_error"), 1e-12);
        Assert.Equal(JsonValueKind.Null, rows.Single(row => Name(row) == "hand-int8").GetProperty("activations_gmse").ValueKind);
    }

    [Fact]
    public void Tensors_of_a_file_give_a_row_each_with_their_own_error()
    {
        string model = _scratch["model.safetensors"];
        float[] w = [1, 2, 127, 3.5f, -127, 0],
            exact = [127, 1];
        SafetensorsWriter.Write(
            model,
            [
                new("w", SafetensorsDtype.F32, [2, 3], s => RawFloatFile.Write(s, w)),
                new("exact", SafetensorsDtype.F32, [2], s => RawFloatFile.Write(s, exact)),
                new("zero", SafetensorsDtype.F32, [1], s => RawFloatFile.Write(s, [0f])),
                new("ids", SafetensorsDtype.I64, [1], s => s.Write(new byte[8])),
                new("mask", SafetensorsDtype.F32, [2, 1], s => RawFloatFile.Write(s, [0, float.NegativeInfinity])),
                new("empty", SafetensorsDtype.F32, [0, 3], _ => { }),
            ]
        );
        Cli run = Cli.Run("compare", "hand-int8", "--tensor", model, "-n", "20000", "-o", "json").Succeeds();
        Assert.Contains("ids: left out, I64 are no numbers to compress", run.Error, StringComparison.Ordinal);
        Assert.Contains("mask: left out, its value at row 1, column 0 is -Infinity", run.Error, StringComparison.Ordinal);
        Assert.Contains("empty: left out, it has no values", run.Error, StringComparison.Ordinal);
        Dictionary<string, JsonElement> rows = run.Rows.ToDictionary(row => row.GetProperty("tensor").GetString()!);
        Assert.Equal(["exact", "w", "zero"], rows.Keys.Order(StringComparer.Ordinal));
        Assert.All(rows.Values, HasTheContract);
        Assert.Equal(0, Number(rows["exact"], "tensor_mse"));
        Assert.Equal(0, Number(rows["zero"], "tensor_mse"));
        var result = new float[6];
        HandWrittenInt8.RoundTrip(w, 2, 3, result);
        double expected = w.Zip(result, (a, b) => Math.Pow(a - b, 2)).Sum() / w.Sum(a => Math.Pow(a, 2));
        Assert.True(expected > 0);
        Assert.Equal(expected, Number(rows["w"], "tensor_mse"), 1e-12);
        Assert.Equal(8.0 * 16 / 6, Number(rows["w"], "tensor_bits"), 1e-12); // 3 columns take a block of 4 codes

        Assert.Equal(
            "w",
            Cli.Run("compare", "hand-int8", "--tensor", $"{model}:w", "-n", "20000", "-o", "json")
                .Succeeds()
                .Rows.Single()
                .GetProperty("tensor")
                .GetString()
        );
        Cli.Run("compare", "hand-int8", "--tensor", $"{model}:v", "-n", "20000").Fails(1, "has no tensor 'v'. Did you mean");
        Cli.Run("compare", "hand-int8", "--tensor", $"{model}:mask", "-n", "20000")
            .Fails(1, "tensor 'mask': its value at row 1, column 0 is -Infinity");
        Cli.Run("compare", "hand-int8", "--tensor", $"{model}:ids", "-n", "20000").Fails(1, "its values are I64");
        Cli.Run("compare", "--tensor", _scratch["absent.safetensors"]).Fails(1, "absent.safetensors");
        Cli.Run("compare", "--tensor", _scratch.Write("a.txt", [1])).Fails(2, "tensors are read from .f32 and .safetensors files");
        Cli.Run("compare", "--tensor", _scratch.Write("bad.safetensors", [1])).Fails(1, "the file has 1 bytes");

        JsonElement whole = Cli.Run("compare", "hand-int8", "--tensor", model, "--summary", "-n", "20000", "-o", "json")
            .Succeeds()
            .Rows.Single();
        double squares = w.Sum(a => Math.Pow(a, 2));
        Assert.Equal(expected * squares / (squares + 127 * 127 + 1), Number(whole, "tensor_mse"), 1e-12);
    }

    [Fact]
    public void A_raw_tensor_is_a_source()
    {
        string file = _scratch["w.f32"];
        using (OutputFile output = OutputFile.Create(file, overwrite: false))
        {
            RawFloatFile.Write(output.Stream, [1, 2, 127, 3.5f, -127, 0]);
            output.Commit();
        }
        Assert.Equal(
            8.0 * 16 / 6,
            Number(Cli.Run("probe", "hand-int8", "--source", file, "-o", "json").Succeeds().Rows.Single(), "bits"),
            1e-12
        );
        Assert.Equal(
            8.0 * 24 / 6,
            Number(Cli.Run("probe", "hand-int8", "--source", $"{file}:3x2", "-o", "json").Succeeds().Rows.Single(), "bits"),
            1e-12
        );
        Cli.Run("probe", "hand-int8", "--source", $"{file}:3x3").Fails(1, "it has 6 values; 3 × 3 are 9");
        Cli.Run("probe", "hand-int8", "--source", $"{file}:three").Fails(2, "'three' is no shape");
        Cli.Run("probe", "hand-int8", "--source", _scratch["absent.f32"]).Fails(1, "absent.f32");
    }

    [Fact]
    public void Cancelling_stops_it()
    {
        var cancelled = new CancellationToken(canceled: true);
        Cli.Run(cancelled, "probe", "hand-int8").Fails(1, "cancelled");
        Cli.Run(cancelled, "compare").Fails(1, "cancelled");
    }

    [Fact]
    public void A_model_is_compared_tensor_by_tensor()
    {
        using var scratch = new ScratchFolder();
        string model = scratch["model.safetensors"];
        var random = new Random(1);
        SafetensorsWriter.Write(
            model,
            [Noise("conv1.weight", 64, 16, 3), Noise("lstm.weight", 128, 64), Noise("conv1.bias", 64)],
            new Dictionary<string, string>()
        );
        SafetensorsEntry Noise(string name, params long[] shape)
        {
            float[] values = [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => random.NextSingle() - 0.5f)];
            return new(name, SafetensorsDtype.F32, shape, stream => RawFloatFile.Write(stream, values));
        }

        JsonElement[] rows = Cli.Run("compare", "--tensor", model, "-n", "20000", "-o", "json").Succeeds().Rows;
        Assert.Equal(2 * 3, rows.Length);
        Assert.All(rows.Where(row => Name(row) == "hand-int8"), row => Assert.InRange(Number(row, "tensor_mse"), 0, 1e-4));
        Assert.All(rows.Where(row => Name(row) == "row-sign" && row.GetProperty("tensor").GetString() == "conv1.weight"), row =>
            Assert.InRange(Number(row, "tensor_mse"), 0.1, 0.9)
        );
    }
}
