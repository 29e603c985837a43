using System.Text.Json;

namespace KernelGen.Cli.Tests;

public sealed class ListShowEmitTests
{
    [Fact]
    public void List_as_JSON_has_the_promised_fields()
    {
        JsonElement[] rows = Cli.Run("list", "-o", "json").Succeeds().Rows;
        Assert.Equal(2, rows.Length);
        Assert.Equal("hand-int8", rows[0].GetProperty("format").GetString());
        Assert.Equal(16.0, rows[0].GetProperty("bits").GetDouble());
        Assert.Equal(4, rows[0].GetProperty("group").GetInt32());
        Assert.Equal(8, rows[0].GetProperty("block_bytes").GetInt32());
        Assert.Equal("int", rows[0].GetProperty("family").GetString());
        Assert.Equal(ScaleGroup.Row, rows[1].GetProperty("group").GetInt32());
    }

    [Fact]
    public void List_in_all_notations_says_the_same()
    {
        Assert.Equal(
            "format,bits,element_bits,group,block,block_bytes,family,stages\nhand-int8,16,8,4,4,8,int,\"8 bits, −127 … 127; "
                + "Float32 per 4, AbsMax\"\nrow-sign,8,1,-1,1,1,int,\"sign; Float32 per row, GaussianOptimal\"\n",
            Cli.Run("list", "-o", "csv").Succeeds().Out.ReplaceLineEndings("\n")
        );
        Assert.Equal(
            2,
            Cli.Run("list", "-o", "jsonl")
                .Succeeds()
                .Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonDocument.Parse(line))
                .Count()
        );
        string[] markdown = Cli.Run("list", "-o", "md").Succeeds().Out.ReplaceLineEndings("\n").Split('\n');
        Assert.StartsWith("| format    | bits | code | group | ", markdown[0], StringComparison.Ordinal);
        Assert.StartsWith("| --------- | ---: | ---: | ----: | ", markdown[1], StringComparison.Ordinal);
        Assert.StartsWith("| row-sign  |  8.0 |    1 |   row | ", markdown[3], StringComparison.Ordinal);
        string table = Cli.Run("list").Succeeds().Out;
        Assert.Contains("Float32 per row, GaussianOptimal", table, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', table);
    }

    [Fact]
    public void Show_tells_everything_the_constants_hold()
    {
        string text = Cli.Run("show", "ROW-SIGN").Succeeds().Out;
        Assert.All(
            [
                "row-sign: 8.0 bits per weight",
                "2. Scale: Float32 per row",
                "one scale per row",
                "1 weights in 1 bytes",
                "row header     4 bytes",
                "× RMS",
                "drawing of row-sign",
                "256, 128 bits, and scalar",
            ],
            words => Assert.Contains(words, text, StringComparison.Ordinal)
        );
        Assert.Contains("none, scalar only", Cli.Run("show", "hand-int8").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Emit_prints_the_code_and_nothing_else()
    {
        Assert.Equal(
            "// ── N.T.Info.g.cs\n// info of row-sign\n\n// ── N.T.Cpu.g.cs\n// code of row-sign\n\n",
            Cli.Run("emit", "row-sign").Succeeds().Out.ReplaceLineEndings("\n")
        );
        Assert.Equal("// code of row-sign\n", Cli.Run("emit", "row-sign", "--part", "cpu").Succeeds().Out);
        Cli.Run("emit", "row-sign", "--part", "gpu").Fails(2, "there is no part 'gpu'. Did you mean Cpu or Info?");
        Cli.Run("emit", "hand-int8").Fails(1, "is written by hand; the generator emits nothing for it");
    }
}
