using KernelGen.Fuzz;

namespace KernelGen.Cli.Tests;

/// <summary>Inputs that fuzzing found to take every branch of a parser: each is read or refused, as when it was found.</summary>
public sealed class CorpusTests
{
    public static TheoryData<string> Parsers => [.. FuzzTarget.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Parsers))]
    public void Every_input_is_read_or_refused(string parser)
    {
        FuzzTarget target = FuzzTarget.All.Single(t => t.Name == parser);
        string[] files = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Corpus", parser));
        Assert.True(files.Length >= 10, $"{files.Length} inputs");
        int read = files.Count(file => target.Reads(File.ReadAllBytes(file)));
        Assert.InRange(read, 1, files.Length - 1);
    }
}
