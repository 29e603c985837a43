namespace KernelGen.Cli.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("", "Required command was not provided")]
    [InlineData("lst", "'lst' was not matched. Did you mean one of the following?")]
    [InlineData("list --nonsense", "--nonsense")]
    [InlineData("list -o yaml", "'yaml'")]
    [InlineData("show", "Required argument 'FORMAT' missing for command: 'show'")]
    [InlineData("pack a.f32 b", "--format")]
    [InlineData("pack a.f32 b -f hand-int8 --columns 0", "'0' is no whole number from 1 to 2147483647")]
    [InlineData("pack a.f32 b -f hand-int8 --rows x", "'x' is no whole number")]
    [InlineData("bench -s 4096", "'4096' is no shape; rows and columns are written like 4096x1024")]
    [InlineData("bench -s 0x5", "'0x5' is no shape")]
    [InlineData("bench -m 1,0", "'0' is no whole number")]
    [InlineData("bench --peer-ggml no-such-folder", "in no-such-folder; --peer-ggml takes the folder that holds ggml's shared libraries")]
    [InlineData("bench -r 0", "'0' is no whole number")]
    [InlineData("bench -s 100000x100000 -f hand-int8", "100000x100000 with 1 activation vectors is more than")]
    public void A_wrong_command_line_is_exit_code_2(string line, string words) =>
        Cli.Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Fails(ExitCode.Usage, words);

    [Theory]
    [InlineData("show hand-int9")]
    [InlineData("emit hand-int9")]
    [InlineData("pack in.f32 out -f hand-int9")]
    [InlineData("unpack in out.f32 -f hand-int9")]
    [InlineData("bench -f row-sign,hand-int9")]
    public void An_unknown_format_suggests_the_nearest(string line) =>
        Cli.Run(line.Split(' ')).Fails(ExitCode.Usage, "there is no format 'hand-int9'. Did you mean hand-int8 or row-sign?");

    [Fact]
    public void Errors_of_parsing_point_to_help()
    {
        Cli.Run("pack").Fails(ExitCode.Usage, "See kernelgen pack --help.");
        Cli.Run("nonsense").Fails(ExitCode.Usage, "See kernelgen --help.");
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("bench --help")]
    [InlineData("pack -h")]
    public void Help_is_a_result(string line)
    {
        Cli run = Cli.Run(line.Split(' ')).Succeeds();
        Assert.NotEmpty(run.Out);
        Assert.Empty(run.Error);
    }

    [Fact]
    public void Every_command_and_option_is_described()
    {
        string[] commands = ["list", "show", "emit", "pack", "unpack", "probe", "compare", "bench", "factor-table"];
        string root = Cli.Run("--help").Out;
        Assert.All(commands, command => Assert.Matches($@"(?m)^  {command}.*  \S.*$", root));
        foreach (string command in commands)
        {
            string[] undescribed =
            [
                .. Cli.Run(command, "--help")
                    .Out.Split('\n')
                    .Where(line =>
                        line.StartsWith("  -", StringComparison.Ordinal) && !line.TrimStart().Contains("  ", StringComparison.Ordinal)
                    ),
            ];
            Assert.Empty(undescribed);
        }
    }

    [Fact]
    public void Shells_get_the_words_that_may_follow()
    {
        Assert.Equal(["compare"], Words("kernelgen comp"));
        Assert.Equal(["--samples"], Words("kernelgen compare --sam"));
        Assert.Contains("hand-int8", Words("kernelgen show han"));
        Assert.Contains("hand-int8", Words("kernelgen bench -f "));
        Assert.Contains("list", Cli.Run("[suggest]", "kernelgen ").Succeeds().Out);

        static string[] Words(string line) =>
            Cli.Run($"[suggest:{line.Length}]", line).Succeeds().Out.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }
}
