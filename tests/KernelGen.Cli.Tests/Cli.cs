using System.Text.Json;
using KernelGen.Tests;

namespace KernelGen.Cli.Tests;

/// <summary>Runs the command in process, with one hand-written format.</summary>
internal sealed record Cli(int Code, string Out, string Error)
{
    public static readonly FormatCatalog Catalog = new(CompressedFormat.Of<HandWrittenInt8>(), CompressedFormat.Of<HandWrittenRow1>());

    public static Cli Run(params string[] args) => Run(default, args);

    public static Cli Run(CancellationToken cancellation, params string[] args) => RunWith(Catalog, new FixedSource(), cancellation, args);

    public static Cli RunWith(FormatCatalog catalog, IFormatSource source, CancellationToken cancellation, string[] args) =>
        RunIn(environment => environment with { Catalog = catalog, Source = source, Cancellation = cancellation }, args);

    /// <summary>Runs in an environment that differs from the usual one.</summary>
    public static Cli RunIn(Func<CommandEnvironment, CommandEnvironment> different, params string[] args)
    {
        using StringWriter output = new(),
            error = new();
        int code = KernelGenCommand.Run(
            args,
            different(
                new CommandEnvironment
                {
                    Catalog = Catalog,
                    Source = new FixedSource(),
                    Out = output,
                    Error = error,
                }
            )
        );
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

    public sealed class FixedSource : IFormatSource
    {
        public IReadOnlyList<(string, string)> Files(CompressedFormat format) =>
            format.Info.Name == "hand-int8"
                ? []
                : [("N.T.Info.g.cs", $"// info of {format}\n"), ("N.T.Cpu.g.cs", $"// code of {format}\n")];

        public IReadOnlyList<string> Layout(CompressedFormat format) => [$"drawing of {format}"];

        public IReadOnlyList<int> VectorWidths(CompressedFormat format) => format.Info.Name == "hand-int8" ? [] : [256, 128];

        public IReadOnlyList<(string, string)> Kernels(CompressedFormat format) => [("packed rows", $"recipe of {format}")];
    }
}
