using System.Text.Json;
using KernelGen.Cli.Design;
using KernelGen.Formats;
using KernelGen.Scaling;
using KernelGen.Tests;

namespace KernelGen.Cli.Tests;

/// <summary><c>kernelgen design</c>: the search, its constraints, its file, and what it refuses.</summary>
public sealed class DesignTests : IDisposable
{
    /// <summary>Few candidates that are quick to judge, and few values for the winners.</summary>
    private static readonly string[] Small = ["design", "--bits", "3.5", "--tolerance", "0.01", "--integer", "-n", "1e5", "-o", "json"];

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private static Cli Run(params string[] args) =>
        Cli.RunIn(environment => environment with { Catalog = DeclaredFormats.Catalog, Source = new GeneratorSource() }, args);

    /// <summary>All of a result that no clock has a part in.</summary>
    private static string[] Untimed(Cli result) =>
        [
            .. result
                .Succeeds()
                .Rows.Select(row =>
                    string.Join(' ', row.EnumerateObject().Where(entry => entry.Name != "speed").Select(entry => entry.Value))
                ),
        ];

    private static string Word(JsonElement row, string name) => row.GetProperty(name).GetString()!;

    private static double Number(JsonElement row, string name) => row.GetProperty(name).GetDouble();

    private static JsonElement[] Found(Cli result) => [.. result.Succeeds().Rows.Where(row => Word(row, "origin") == "found")];

    [Fact]
    public void The_same_seed_gives_the_same_front_on_any_number_of_threads()
    {
        string[] first = Untimed(Run([.. Small, "-t", "1"]));
        Assert.Equal(first, Untimed(Run([.. Small, "-t", "3"])));
        Assert.NotEqual(first, Untimed(Run([.. Small, "--seed", "5"])));
    }

    /// <summary>Also a known winner: at 4.25 bits no scalar grid beats the levels of IQ4_NL under 6-bit scales.</summary>
    [Fact]
    public void Winners_keep_the_budget_and_are_a_front()
    {
        Cli result = Run("design", "--bits", "4.25", "--tolerance", "0.05", "--integer", "-n", "1e6", "-o", "json");
        JsonElement[] found = Found(result);
        Assert.All(found, row => Assert.InRange(Number(row, "bits"), 4.2, 4.25));
        Assert.All(found, row => Assert.Equal("scalar", Word(row, "kind")));
        Assert.All(found, row => Assert.Contains("public readonly partial struct", Word(row, "declaration")));
        Assert.All(found, row => Assert.True(Candidate.Of(Word(row, "format"))!.HasIntegers));
        Assert.All(found.Zip(found.Skip(1)), pair =>
        {
            Assert.True(Number(pair.First, "bits") < Number(pair.Second, "bits"));
            Assert.True(Number(pair.First, "gmse") > Number(pair.Second, "gmse"));
        });
        Assert.Equal("iq4:g32:minerr:i6:super8", Word(found[^1], "format"));
        JsonElement builtIn = Assert.Single(result.Rows, row => Word(row, "origin") == "built in" && Word(row, "kind") == "scalar");
        Assert.True(Number(found[^1], "gmse") <= Number(builtIn, "gmse"), result.Out);
    }

    [Fact]
    public void Each_kind_has_its_front_next_to_the_best_built_in_format()
    {
        Cli result = Run("design", "--bits", "1.0625", "--tolerance", "0.001", "-n", "1e5");
        Assert.Matches(@"scalar +\S+ +found", result.Succeeds().Out);
        Assert.Matches(@"vector +\S+ +found", result.Out);
        Assert.Matches(@"trellis +trellis1:g256:states\d+ +found .*\*", result.Out);
        Assert.Matches(@"scalar +\S+ +built in", result.Out);
        Assert.Contains("[Trellis(1, states: ", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_search_that_goes_on_ends_as_one_that_was_not_stopped()
    {
        string[] whole = Untimed(Run(Small)),
            resumed = [.. Small, "--resume", _scratch["judged"]];
        Untimed(Run(resumed));
        string[] lines = File.ReadAllLines(_scratch["judged"]);
        Assert.Equal("kernelgen design: gaussian, seed 0", lines[0]);
        File.WriteAllLines(_scratch["judged"], lines[..(lines.Length / 2)]);
        Assert.Equal(whole, Untimed(Run(resumed)));
        Assert.Equal(lines, File.ReadAllLines(_scratch["judged"]));
    }

    /// <summary>A known judgement is taken as it is: of two that were never made the winner is the one that the file says.</summary>
    [Fact]
    public void Judgements_of_the_file_are_not_made_again()
    {
        string[] resumed = [.. Small, "--resume", _scratch["judged"]];
        JsonElement[] before = Found(Run(resumed));
        string[] lines = File.ReadAllLines(_scratch["judged"]);
        string loser = lines.First(line => line.StartsWith("4096 ", StringComparison.Ordinal)).Split(' ')[2];
        File.WriteAllLines(
            _scratch["judged"],
            [
                .. lines.Where(line => !line.EndsWith(' ' + loser)),
                .. new[] { 1 << 12, 1 << 15, DesignSample.Most }.Select(values => $"{values} 1E-06 {loser}"),
            ]
        );
        Assert.DoesNotContain(before, row => Word(row, "format") == loser);
        Assert.Contains(Found(Run(resumed)), row => Word(row, "format") == loser);
    }

    /// <summary>Nothing is a thousand times as fast, everything is a millionth as fast.</summary>
    [Fact]
    public void Slow_formats_are_left_out()
    {
        string[] few = ["design", "--bits", "3.5", "--tolerance", "0.001", "--integer", "-n", "1e5", "-o", "json"];
        Run([.. few, "--min-speed", "1000"]).Fails(ExitCode.Usage, "no candidate", "--min-speed");
        Assert.Equal(Untimed(Run(few)), Untimed(Run([.. few, "--min-speed", "0.000001"])));
    }

    /// <summary>Rows of one large value and small ones: outliers and rotations are what helps, scales alone are not.</summary>
    [Fact]
    public void A_tensor_has_winners_of_its_own()
    {
        float[] values = new float[16 * 256];
        ValueSource.Gaussian.Fill(1, 0, values);
        for (int i = 37; i < values.Length; i += 256)
        {
            values[i] = 100;
        }
        string file = _scratch.Write("w.f32", System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values).ToArray());
        string[] search = ["design", "--bits", "3.5", "--tolerance", "0.06", "--integer", "-o", "json", "--tensor", file + ":16x256"];
        JsonElement best = Found(Run(search)).MinBy(row => Number(row, "gmse"));
        Assert.Contains("outliers", Word(best, "format"), StringComparison.Ordinal);
        Assert.InRange(Number(best, "bits"), 3.44, 3.5);
    }

    [Theory]
    [InlineData("--bits 0", "'0' is no number of bits above 0 and up to 16")]
    [InlineData("--bits 17", "'17' is no number of bits")]
    [InlineData("--bits four", "'four' is no number of bits")]
    [InlineData("--tolerance 1", "--bits")]
    [InlineData("--bits 4 --min-speed -1", "'-1' is no number of times the speed")]
    [InlineData("--bits 0.3 --tolerance 0.1", "no candidate has")]
    [InlineData("--bits 4 --tensor absent.safetensors", "there is no file absent.safetensors")]
    public void Wrong_searches_are_refused(string options, string problem) =>
        Run(["design", .. options.Split(' ')]).Fails(ExitCode.Usage, problem);

    [Fact]
    public void Files_of_other_searches_are_refused()
    {
        string judged = _scratch.Write("judged", "kernelgen design: gaussian, seed 1\n"u8.ToArray()),
            foreign = _scratch.Write("foreign", "name,bits\n"u8.ToArray()),
            wrong = _scratch.Write("wrong", "kernelgen design: gaussian, seed 0\n4096 x int4:g32\n"u8.ToArray());
        Run([.. Small, "--resume", judged]).Fails(ExitCode.Usage, "gaussian, seed 1", "gaussian, seed 0", "Name another file");
        Run([.. Small, "--resume", foreign]).Fails(ExitCode.Usage, "this is no file of a search");
        Run([.. Small, "--resume", wrong]).Fails(ExitCode.Usage, "line 2");
    }

    [Theory]
    [InlineData("", "holds several tensors; name one", ":a or ")]
    [InlineData(":c", "c", "Did you mean")]
    public void A_tensor_of_several_needs_its_name(string name, params string[] problem)
    {
        string file = _scratch.Write(
            "w.safetensors",
            SafetensorsBytes(
                """{"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]}}"""
            )
        );
        Run("design", "--bits", "4", "--tensor", file + name).Fails(ExitCode.Usage, problem);
    }

    private static byte[] SafetensorsBytes(string header) =>
        [.. BitConverter.GetBytes((long)header.Length), .. System.Text.Encoding.ASCII.GetBytes(header), .. new byte[16]];

    [Fact]
    public void A_cancelled_search_keeps_what_it_has_judged()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Cli cancelled = Cli.RunIn(
            environment =>
                environment with
                {
                    Catalog = DeclaredFormats.Catalog,
                    Source = new GeneratorSource(),
                    Cancellation = source.Token,
                },
            [.. Small, "--resume", _scratch["judged"]]
        );
        Assert.NotEqual(ExitCode.Ok, cancelled.Code);
        Assert.Equal("kernelgen design: gaussian, seed 0\n", File.ReadAllText(_scratch["judged"]));
    }
}
