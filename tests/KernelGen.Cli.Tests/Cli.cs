using System.Text.Json;
using KernelGen.Tests;

namespace KernelGen.Cli.Tests;

/// <summary>Runs the command in process, with one hand-written format.</summary>
internal sealed record Cli(int Code, string Out, string Error)
{
    public static readonly FormatCatalog Catalog = new(CompressedFormat.Of<HandWrittenInt8>(), CompressedFormat.Of<HandWrittenRow1>());

    public static Cli Run(params string[] args) => Run(default, args);

    public static Cli Run(CancellationToken cancellation, params string[] args)
    {
        using StringWriter output = new(), error = new();
        int code = KernelGenCommand.Run(args, new CommandEnvironment
        {
            Catalog = Catalog,
            Source = new FixedSource(),
            Out = output,
            Error = error,
            Cancellation = cancellation,
        });
        return new(code, output.ToString(), error.ToString());
    }

    /// <summary>The rows of a JSON result.</summary>
    public JsonElement[] Rows => [.. JsonDocument.Parse(Out).RootElement.EnumerateArray()];

    public Cli Succeeds()
    {
        Assert.True(Code == 0, $"exit code {Code}\n{Out}\n{Error}");
        return this;
    }

    /// <summary>Failed as expected, with nothing where results go.</summary>
    public Cli Fails(int code, params string[] words)
    {
        Assert.True(Code == code, $"exit code {Code}, not {code}\n{Out}\n{Error}");
        Assert.Empty(Out);
        Assert.All(words, word => Assert.Contains(word, Error, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        return this;
    }

    private sealed class FixedSource : IFormatSource
    {
        public string Code(CompressedFormat format) => $"// code of {format}\n";

        public string Layout(CompressedFormat format) => $"drawing of {format}\n";

        public IReadOnlyList<int> VectorWidths(CompressedFormat format) => format.Info.Name == "hand-int8" ? [] : [256, 128];
    }
}
