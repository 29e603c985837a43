namespace KernelGen.Scaling.Tests;

/// <summary>Ways in which other tools write a table: separators, comments, arrays, numbers that are none.</summary>
public class RunTableNotationTests
{
    private static RunTable Csv(string text, RunTableOptions? options = null) =>
        RunTable.ReadCsv(new StringReader(text), "runs.csv", options);

    private static RunTable Json(string text, RunTableOptions? options = null) =>
        RunTable.ReadJsonLines(new StringReader(text), "runs.json", options);

    [Theory]
    [InlineData("params,tokens,loss\n1e9,2e10,2.5\n")]
    [InlineData("params;tokens;loss\n1e9;2e10;2.5\n")]
    [InlineData("params\ttokens\tloss\n1e9\t2e10\t2.5\n")]
    [InlineData("params|tokens|loss\n1e9|2e10|2.5\n")]
    [InlineData("sep=;\nparams;tokens;loss\n1e9;2e10;2.5\n")]
    [InlineData("# exported by a tool, version 1\nparams,tokens,loss\n1e9,2e10,2.5\n")]
    [InlineData("params;tokens;loss;\"a,b,c,d,e\"\n1e9;2e10;2.5;1\n")]
    public void Separators_and_comments(string text)
    {
        TrainingRun run = Assert.Single(Csv(text).Runs);
        Assert.Equal((1e9, 2e10, 2.5), (run.Input.Params, run.Input.Tokens, run.Loss));
    }

    [Theory]
    [InlineData("params;tokens;loss\n1e9;2e10;2,5\n", "'2,5'")]
    [InlineData("params,tokens,loss\n\"1,000,000\",2e10,2.5\n", "'1,000,000'")]
    public void Numbers_of_other_countries_are_refused_with_the_right_form(string text, string number)
    {
        RunTableException e = Assert.Throws<RunTableException>(() => Csv(text));
        Assert.Contains(number, e.Message);
        Assert.Contains("decimal point", e.Message);
        Assert.Equal(2, e.Line);
    }

    [Theory]
    [InlineData("[{\"params\": 1e9, \"tokens\": 2e10, \"loss\": 2.5},\n {\"params\": 2e9, \"tokens\": 2e10, \"loss\": 2.4}]")]
    [InlineData("{\"params\": 1e9, \"tokens\": 2e10, \"loss\": 2.5}\n{\"params\": 2e9, \"tokens\": 2e10, \"loss\": 2.4}\n")]
    public void Objects_in_an_array_or_one_a_line(string text)
    {
        IReadOnlyList<TrainingRun> runs = Json(text).Runs;
        Assert.Equal([(2.5, 1), (2.4, 2)], runs.Select(run => (run.Loss, run.Line)));
    }

    [Fact]
    public void Braces_and_NaN_in_strings_are_text()
    {
        TrainingRun run = Assert.Single(Json("{\"params\": 1, \"tokens\": 2, \"loss\": 3, \"group\": \"a } NaN \\\" {\"}").Runs);
        Assert.Equal("a } NaN \" {", run.Group);
    }

    [Fact]
    public void Rows_that_are_no_numbers_are_rows()
    {
        const string Lines = "{\"params\": 1, \"tokens\": 2, \"loss\": 3}\n{\"params\": 1, \"tokens\": 2, \"loss\": NaN}\n",
            Comma = "params,tokens,loss\n1,2,3\n1,2,nan\n";
        var finite = new RunTableOptions { Where = RunCondition.Parse("loss!=NaN") };
        Assert.Equal(3, Assert.Single(Json(Lines, finite).Runs).Loss);
        Assert.Equal(3, Assert.Single(Csv(Comma, finite).Runs).Loss);
        Assert.Equal(2, Assert.Throws<RunTableException>(() => Json(Lines)).Line);
        Assert.Equal(3, Assert.Throws<RunTableException>(() => Csv(Comma)).Line);
    }

    [Theory]
    [InlineData("1, 2")]
    [InlineData("[1, 2]")]
    [InlineData("{\"params\": 1")]
    public void What_is_no_object_is_named(string text) => Assert.Equal(1, Assert.Throws<RunTableException>(() => Json(text)).Line);

    [Fact]
    public void A_file_is_read_by_what_it_begins_with()
    {
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".json");
        File.WriteAllText(file, " [{\"params\": 1e9, \"tokens\": 2e10, \"loss\": 2.5}]");
        try
        {
            Assert.Equal(2.5, Assert.Single(RunTable.Read(file).Runs).Loss);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
