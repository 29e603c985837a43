using System.Text.Json;
using KernelGen.Cli.Output;
using KernelGen.Reports;

namespace KernelGen.Cli.Tests;

public sealed class TableTests
{
    private static readonly DataTable Odd = Make();

    private static DataTable Make()
    {
        var table = new DataTable(
            new Column("name", "name"),
            new Column("value", "value", "0.00"),
            new Column("count", "count"),
            new Column("flag", "flag")
        );
        table.Add("a,\"b\"|[red]", 1.23456789012345, 12345678901L, true);
        table.Add(null, double.NaN, null, false);
        table.Add("c\nd", double.PositiveInfinity, 3, null);
        return table;
    }

    private static string Written(string notation)
    {
        using var writer = new StringWriter();
        TableWriter.Write(
            Odd,
            notation,
            new CommandEnvironment
            {
                Catalog = Cli.Catalog,
                Source = new Cli.FixedSource(),
                Out = writer,
                Error = TextWriter.Null,
            }
        );
        return writer.ToString().ReplaceLineEndings("\n");
    }

    [Fact]
    public void JSON_has_all_digits_and_null_for_what_is_no_number()
    {
        JsonElement[] rows = [.. JsonDocument.Parse(Written("json")).RootElement.EnumerateArray()];
        Assert.Equal(1.23456789012345, rows[0].GetProperty("value").GetDouble());
        Assert.Equal(12345678901L, rows[0].GetProperty("count").GetInt64());
        Assert.True(rows[0].GetProperty("flag").GetBoolean());
        Assert.Equal("a,\"b\"|[red]", rows[0].GetProperty("name").GetString());
        Assert.Equal(JsonValueKind.Null, rows[1].GetProperty("value").ValueKind);
        Assert.Equal(JsonValueKind.Null, rows[2].GetProperty("value").ValueKind);
        Assert.Equal(3, Written("jsonl").TrimEnd().Split('\n').Length);
    }

    [Fact]
    public void CSV_quotes_and_leaves_missing_numbers_empty() =>
        Assert.Equal(
            "name,value,count,flag\n\"a,\"\"b\"\"|[red]\",1.23456789012345,12345678901,true\n,,,false\nc\\nd,,3,\n",
            Written("csv")
        );

    [Fact]
    public void Markdown_escapes_bars()
    {
        string[] lines = Written("md").TrimEnd().Split('\n');
        Assert.Equal(5, lines.Length);
        Assert.Contains("a,\"b\"\\|\\[red]", lines[2], StringComparison.Ordinal);
        Assert.Contains("1.23", lines[2], StringComparison.Ordinal);
        Assert.Single(lines.Select(line => line.Length).Distinct());
    }

    [Fact]
    public void The_screen_table_takes_text_as_it_is()
    {
        string table = Written("table");
        Assert.Contains("a,\"b\"|[red]", table, StringComparison.Ordinal);
        Assert.All(table.TrimEnd().Split('\n'), line => Assert.Equal(line.TrimEnd(), line));
    }

    [Fact]
    public void An_empty_table_is_an_empty_array()
    {
        using var writer = new StringWriter();
        JsonTable.Write(new DataTable(new Column("a", "a")), writer, lines: false);
        Assert.Empty(JsonDocument.Parse(writer.ToString()).RootElement.EnumerateArray());
    }

    [Fact]
    public void Plain_progress_is_silent_for_quick_work()
    {
        using var writer = new StringWriter();
        new PlainProgress(writer).Run("work", 3, report => report(3, "done"));
        Assert.Empty(writer.ToString());
    }
}
