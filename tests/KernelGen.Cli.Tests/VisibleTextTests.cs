using System.Text.Json;
using KernelGen.Cli.Output;
using KernelGen.Reports;

namespace KernelGen.Cli.Tests;

/// <summary>Names from files on every way out: what a terminal, a browser or a spreadsheet would obey is seen and does nothing.</summary>
public sealed class VisibleTextTests
{
    /// <summary>Clears a screen, links, rings, starts a line, turns the direction, hides a character.</summary>
    private const string Hostile = "a\u001b[2J\u001b]8;;http://x/\u001b\\\u0007\r\n\u202eb\u200b\u2028\u0085c\ud83d\ude00";

    private static readonly string[] Notations = ["table", "md", "csv", "json", "jsonl"];

    [Theory]
    [InlineData("blk.0.attn_q.weight", "blk.0.attn_q.weight")]
    [InlineData("слово 😀 é", "слово 😀 é")]
    [InlineData("\u001b[31mred", "\\u001b[31mred")]
    [InlineData("a\nb\tc\rd", "a\\nb\\tc\\rd")]
    [InlineData("a\u202eb\u2066c\u200d", "a\\u202eb\\u2066c\\u200d")]
    [InlineData("a\udb40\udc41", "a\\udb40\\udc41")] // a tag character, which has no shape
    public void What_is_not_seen_is_shown(string text, string visible) => Assert.Equal(visible, VisibleText.Of(text));

    [Fact]
    public void Half_of_a_pair_is_no_character() => Assert.Equal("a\ufffdb", VisibleText.Of($"a{(char)0xD800}b"));

    [Theory]
    [InlineData("=1+2", "'=1+2")]
    [InlineData("+x", "'+x")]
    [InlineData("-x", "'-x")]
    [InlineData("@x", "'@x")]
    [InlineData("a=b", "a=b")]
    public void Formulas_are_text_and_come_back(string text, string cell)
    {
        Assert.Equal(cell, VisibleText.Cell(text));
        Assert.Equal(text, VisibleText.OfCell(cell));
    }

    [Theory]
    [InlineData("a_b_c", "a_b_c")]
    [InlineData("_a_", "\\_a\\_")]
    [InlineData("<b>|`x`|*y*|[z](u)|~~|\\|&lt;", "&lt;b>\\|\\`x\\`\\|\\*y\\*\\|\\[z](u)\\|\\~\\~\\|\\\\\\|&amp;lt;")]
    public void Markdown_begins_nothing(string text, string escaped) => Assert.Equal(escaped, VisibleText.Markdown(text));

    [Fact]
    public void Every_notation_is_clean()
    {
        var table = new DataTable(new Column("name", "name"), new Column("n", "n"));
        table.Add(Hostile, 1);
        foreach (string notation in Notations)
        {
            using var text = new StringWriter { NewLine = "\n" };
            var environment = new CommandEnvironment
            {
                Catalog = Cli.Catalog,
                Source = new Cli.FixedSource(),
                Out = new VisibleWriter(text, mayFail: true),
                Error = TextWriter.Null,
            };
            TableWriter.Write(table, notation, environment);
            IsClean(text.ToString().Replace("\n", ""), notation);
            int rows =
                notation is "json" or "table" or "md" ? 3
                : notation == "csv" ? 2
                : 1;
            Assert.Equal(rows, text.ToString().TrimEnd('\n').Split('\n').Length);
            if (notation == "jsonl")
            {
                Assert.Equal(Hostile, JsonDocument.Parse(text.ToString()).RootElement.GetProperty("name").GetString());
            }
        }
        IsClean(SvgPlot.Text(Hostile), "svg");
        var section = new ReportSection(Hostile, Hostile) { Tables = [table], Warnings = [Hostile] };
        IsClean(ReportPage.Html(Hostile, [section]).Replace("\n", ""), "html");
        IsClean(ReportPage.Markdown(Hostile, [section], null).Replace("\n", ""), "md page");
    }

    [Fact]
    public void Errors_are_one_clean_line()
    {
        Cli cli = Cli.Run("inspect", "none\u001b[2J\nkernelgen: all is well.gguf").Fails(1, "none\\u001b[2J\\nkernelgen");
        Assert.Single(cli.Error.TrimEnd().Split('\n'));
        IsClean(cli.Error.Replace(Environment.NewLine, ""), "error");
        IsClean(Cli.Run("\u001b[2J").Error.Replace(Environment.NewLine, ""), "usage");
    }

    [Fact]
    public void Columns_of_words_are_cut_at_the_margin_and_numbers_never()
    {
        var table = new DataTable([
            .. Enumerable.Range(0, 12).Select(i => new Column($"column{i}", $"column {i}")),
            new Column("words", "words"),
        ]);
        table.Add([.. Enumerable.Range(0, 12).Select(i => (object?)(1234567890L + i)), new string('w', 50)]);
        using var text = new StringWriter();
        var environment = new CommandEnvironment
        {
            Catalog = Cli.Catalog,
            Source = new Cli.FixedSource(),
            Out = text,
            Error = TextWriter.Null,
            OutIsTerminal = true,
        };
        TableWriter.Write(table, "table", environment);
        string row = text.ToString().TrimEnd().Split('\n')[^1];
        Assert.Contains("1234567901", row);
        Assert.EndsWith("w…", row);
        Assert.DoesNotContain(new string('w', 50), row);
    }

    private static void IsClean(string text, string where) =>
        Assert.True(
            text.All(c => !char.IsControl(c) && c is not ('\u202e' or '\u200b' or '\u2028' or '\u2029')),
            $"{where}: {string.Concat(text.Where(char.IsControl).Select(c => $"{(int)c:x} "))}"
        );
}
