using System.Text.Json;
using KernelGen.Bench;

namespace KernelGen.Cli.Tests;

public sealed class BenchTests
{
    [Fact]
    public void Every_combination_is_a_row_with_consistent_numbers()
    {
        Cli run = Cli.Run("bench", "-s", "16x64,8x32", "-m", "1,3", "-t", "1,2", "-r", "2", "--working-set", "1", "-o", "json").Succeeds();
        JsonElement[] rows = run.Rows;
        Assert.Equal(2 * 2 * 2 * 2, rows.Length);
        Assert.Equal(8, rows.Count(row => row.GetProperty("format").GetString() == "row-sign"));
        foreach (JsonElement row in rows)
        {
            double seconds = row.GetProperty("microseconds").GetDouble() * 1e-6;
            double operations =
                2.0 * row.GetProperty("rows").GetInt32() * row.GetProperty("columns").GetInt32() * row.GetProperty("batch").GetInt32();
            Assert.Equal(operations / seconds / 1e9, row.GetProperty("gflop_per_s").GetDouble(), 1e-9);
            CompressedFormat format = Cli.Catalog[row.GetProperty("format").GetString()!];
            double bytes = format.Info.PackedBytes(row.GetProperty("rows").GetInt32(), row.GetProperty("columns").GetInt32());
            Assert.Equal(bytes / seconds / 1e9, row.GetProperty("gb_per_s").GetDouble(), 1e-9);
            Assert.Equal(
                100 * row.GetProperty("gb_per_s").GetDouble() / row.GetProperty("memory_gb_per_s").GetDouble(),
                row.GetProperty("memory_percent").GetDouble(),
                1e-9
            );
            Assert.True(row.GetProperty("memory_gb_per_s").GetDouble() > 0.01);
            Assert.InRange(row.GetProperty("peak_percent").GetDouble(), 1e-6, 100);
        }
    }

    [Fact]
    public void Scalar_code_is_marked_and_noted()
    {
        Cli run = Cli.Run("bench", "-s", "8x32", "-r", "1", "--working-set", "0", "-f", "hand-int8").Succeeds();
        Assert.Contains("SCALAR", run.Out, StringComparison.Ordinal);
        Assert.Contains(
            "Scalar code only, as there is no vector code for this format on this machine: hand-int8",
            run.Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void One_copy_is_not_held_against_the_memory()
    {
        JsonElement row = Cli.Run("bench", "-s", "8x32", "-t", "1", "-r", "1", "--working-set", "0", "-f", "hand-int8", "-o", "json")
            .Succeeds()
            .Rows.Single();
        Assert.Equal(
            (JsonValueKind.Null, JsonValueKind.Null),
            (row.GetProperty("memory_gb_per_s").ValueKind, row.GetProperty("memory_percent").ValueKind)
        );
    }

    [Fact]
    public void Dense_products_have_rows_of_their_own()
    {
        JsonElement[] rows = [.. Cli.Run("bench", "dense", "48,96", "-t", "1,2", "-r", "2", "-o", "json").Succeeds().Rows];
        Assert.Equal(
            [(48, 1), (48, 2), (96, 1), (96, 2)],
            rows.Select(row => (row.GetProperty("size").GetInt32(), row.GetProperty("threads").GetInt32()))
        );
        Assert.All(rows, row =>
            Assert.True(row.GetProperty("gflop_per_s").GetDouble() > 0 && row.GetProperty("peak_percent").GetDouble() > 0)
        );
        Cli.Run("bench", "dense").Fails(2, "Required argument 'SIZES' missing", "bench dense --help");
        Cli.Run("bench", "dense", "20000").Fails(2, "up to 16384");
        Cli.Run("bench", "dense", "16", "--peer-blas", "no-such-library.so")
            .Fails(2, "no-such-library.so cannot be used as a BLAS library");
    }

    [Fact]
    public void Training_steps_have_rows_of_their_own()
    {
        JsonElement row = Cli.Run("bench", "training", "64", "-t", "1", "-r", "1", "-o", "json").Succeeds().Rows.Single();
        Assert.Equal(64, row.GetProperty("width").GetInt32());
        Assert.InRange(row.GetProperty("peak_percent").GetDouble(), 0.1, 100);
        Cli.Run("bench", "training", "64,100").Fails(2, "multiples of 64, up to 4096; 100 is none");
    }

    [Fact]
    public void Cancelling_stops_it() => Cli.Run(new CancellationToken(canceled: true), "bench", "-s", "8x32").Fails(1, "cancelled");

    [Fact]
    public void Speeds_are_those_of_packing_unpacking_and_matvec()
    {
        JsonElement[] rows = Cli.Run("speeds", "-o", "json").Succeeds().Rows;
        Assert.Equal(["hand-int8", "row-sign"], rows.Select(row => row.GetProperty("format").GetString()));
        foreach (JsonElement row in rows)
        {
            double pack = row.GetProperty("pack_mweights_per_s").GetDouble();
            Assert.True(pack > 0 && row.GetProperty("unpack_mweights_per_s").GetDouble() > 0);
            CompressedFormat format = Cli.Catalog[row.GetProperty("format").GetString()!];
            Assert.Equal(pack * 1e6 / format.Info.Block, row.GetProperty("pack_blocks_per_s").GetDouble(), 1e-6 * pack * 1e6);
            Assert.True(row.GetProperty("matvec_gflop_per_s").GetDouble() > 0 && row.GetProperty("matvec_percent_of_peak").GetDouble() > 0);
            Assert.All(["pack_ggml_mweights_per_s", "pack_ggml_ratio", "unpack_ggml_mweights_per_s", "unpack_ggml_ratio"], peer =>
                Assert.Equal(JsonValueKind.Null, row.GetProperty(peer).ValueKind)
            );
        }
        Cli.Run("speeds", "hand-int9").Fails(2, "there is no format 'hand-int9'");
        Cli.Run("speeds", "hand-int8", "--peer-ggml", "/nowhere").Fails(2, "there is no");
    }

    [Fact]
    public void Middle_and_spread_are_quartiles()
    {
        Assert.Equal(new Sample(3, 1), Sample.Of([5, 1, 4, 2, 3]));
        Assert.Equal(new Sample(1.5, 0.25), Sample.Of([1, 2]));
        Assert.Equal(new Sample(7, 0), Sample.Of([7]));
    }
}
