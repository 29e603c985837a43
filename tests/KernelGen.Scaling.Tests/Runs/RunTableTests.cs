namespace KernelGen.Scaling.Tests;

public class RunTableTests
{
    private static RunTable Csv(string text, RunTableOptions? options = null) =>
        RunTable.ReadCsv(new StringReader(text), "runs.csv", options);

    [Fact]
    public void Csv_with_representations_and_further_columns()
    {
        RunTable table = Csv(
            "params,tokens,weights,activations,method,loss,group_size\n1e9,2e10,int4,bf16,quest,2.5,128\n",
            QuestRepresentations.Options
        );
        TrainingRun run = Assert.Single(table.Runs);
        Assert.Equal((1e9, 2e10, 2.5, 128.0, 2), (run.Input.Params, run.Input.Tokens, run.Loss, run.Input["group_size"], run.Line));
        Assert.Equal("int4", run.Input.Weights.Name);
        Assert.True(run.Input.Activations.IsDense);
        Assert.Equal("quest", run.Input.Method);
    }

    [Fact]
    public void Aliases_filters_quotes_and_tokens_from_flop()
    {
        RunTable table = Csv(
            "Model Size,Training FLOP,loss,note\n1e9,1.2e20,2.5,\"a, \"\"b\"\"\"\n2e9,1.2e20,2.4,c\n",
            new RunTableOptions
            {
                Columns = RunTableOptions.ParsePairs("params=Model Size, flops=Training FLOP"),
                Where = RunCondition.Parse("note=c"),
            }
        );
        TrainingRun run = Assert.Single(table.Runs);
        Assert.Equal(1e10, run.Input.Tokens, 1);
        Assert.Equal(3, run.Line);
    }

    [Theory]
    [InlineData("kind=a|b", 2)]
    [InlineData("kind!=a", 2)]
    [InlineData("kind!=a|b", 1)]
    [InlineData("kind!=a,loss=3", 1)]
    public void Rows_are_kept_by_value_or_left_out_by_value(string where, int rows) =>
        Assert.Equal(
            rows,
            Csv(
                "params,tokens,loss,kind\n1,1,2,a\n1,1,3,b\n1,1,4,c\n",
                new RunTableOptions { Where = RunCondition.Parse(where) }
            ).Runs.Count
        );

    [Fact]
    public void Json_lines()
    {
        RunTable table = RunTable.ReadJsonLines(
            new StringReader(
                "{\"params\":1e9,\"tokens\":2e10,\"loss\":2.5,\"weights\":\"int4\"}\n\n{\"params\":2e9,\"tokens\":2e10,\"loss\":2.4}\n"
            ),
            "runs.jsonl",
            QuestRepresentations.Options
        );
        Assert.Equal(["int4", "dense"], table.Runs.Select(run => run.Input.Weights.Name));
    }

    [Theory]
    [InlineData("", "runs.csv: the file is empty")]
    [InlineData("params,tokens,loss\n", "runs.csv: the table has no rows")]
    [InlineData("params,tokens,loss,loss\n1,2,3,4\n", "runs.csv:1, column 'loss': the header has this column twice")]
    [InlineData("params,tokens\n1,2\n", "runs.csv, column 'loss': there is no such column")]
    [InlineData("N,D,loss\n1,2,3\n", "runs.csv, column 'params': there is no such column. The table has: N, D, loss")]
    [InlineData("params,tokens,loss\n1e9,1e10,2.5\n1e9,1e10,NaN\n", "runs.csv:3, column 'loss': NaN will not do")]
    [InlineData("params,tokens,loss\n1e9,1e10,-2.5\n", "runs.csv:2, column 'loss': -2.5 will not do: loss must be positive")]
    [InlineData("params,tokens,loss\n0,1e10,2.5\n", "runs.csv:2, column 'params': 0 will not do")]
    [InlineData("params,tokens,loss\n1e9,,2.5\n", "runs.csv:2, column 'tokens': the cell is empty")]
    [InlineData("params,tokens,loss\n1e9,many,2.5\n", "runs.csv:2, column 'tokens': 'many' is not a number")]
    [InlineData("params,tokens,loss\n1e9,1e10\n", "runs.csv:2: the row has 2 cells, the header 3")]
    [InlineData("params,tokens,loss\n1e9,1e10,\"2\n", "runs.csv:2: a quotation mark is never closed")]
    [InlineData(
        "params,tokens,weights,loss\n1e9,1e10,int44,2\n",
        "runs.csv:2, column 'weights': 'int44' is no representation that is known. Did you mean int4"
    )]
    public void Bad_tables_are_named_by_line_and_column(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<RunTableException>(() => Csv(text, QuestRepresentations.Options)).Message);

    [Fact]
    public void A_mapped_column_must_exist()
    {
        var options = new RunTableOptions { Columns = RunTableOptions.ParsePairs("params=Modelsize") };
        Assert.Contains(
            "Did you mean Model Size",
            Assert.Throws<RunTableException>(() => Csv("Model Size,tokens,loss\n1,2,3\n", options)).Message
        );
    }

    [SharedDataFact]
    public void The_published_tables_can_be_read()
    {
        Assert.Equal(245, SharedData.Chinchilla().Count);
        Assert.Equal(91, SharedData.Quest().Count);
        Assert.Equal(59, SharedData.Quest().Count(QuestRepresentations.IsCore));
    }
}
