using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Gpu;
using Microsoft.CodeAnalysis.CSharp;

namespace KernelGen.Cli.Expressions;

/// <summary>
/// Formats that are expressions, compiled when they are asked for: those of the command line together, one that a file names by itself.
/// Each once in a process.
/// </summary>
internal sealed class ExpressionFormats
{
    private sealed record Compiled(CompressedFormat Format, GpuCatalog? Kernels);

    private static readonly Dictionary<(string Text, bool OnDevice), Compiled> Cache = [];
    private static readonly Lock Guard = new();

    private readonly CommandEnvironment _environment;
    private readonly bool _onDevice;

    private ExpressionFormats(CommandEnvironment environment, bool onDevice) => (_environment, _onDevice) = (environment, onDevice);

    /// <summary>The environment whose catalogue knows expressions, those of the command line compiled already.</summary>
    public static CommandEnvironment Join(CommandEnvironment environment, ParseResult parsed)
    {
        var self = new ExpressionFormats(environment, OwnFormats.AsksForDevice(parsed));
        IEnumerable<GpuCatalog> kernels = self.Compile([.. parsed.Tokens.SelectMany(token => self.In(token.Value))])
            .Select(one => one.Kernels)
            .OfType<GpuCatalog>()
            .Distinct();
        return environment with
        {
            Catalog = environment.Catalog.WithLookup(self.Find),
            Kernels = kernels.Aggregate(environment.Kernels, (all, one) => all.With(one)),
        };
    }

    /// <summary>Expressions compiled together.</summary>
    public static IReadOnlyList<CompressedFormat> Compile(CommandEnvironment environment, IReadOnlyList<FormatExpression> expressions) =>
        [.. new ExpressionFormats(environment, onDevice: false).Compile(expressions).Select(one => one.Format)];

    private CompressedFormat? Find(string name)
    {
        if (!FormatExpression.IsMeant(name))
        {
            return null;
        }
        return Compile([FormatExpression.Parse(name)])[0].Format;
    }

    /// <summary>Expressions in an argument, alone or in a composition. What is wrong is reported by who takes it for a format.</summary>
    private IEnumerable<FormatExpression> In(string argument)
    {
        if (!argument.Contains(':'))
        {
            yield break;
        }
        foreach (string name in Names(argument))
        {
            if (FormatExpression.IsMeant(name) && !_environment.Catalog.TryGet(name, out _) && Parsed(name) is { } expression)
            {
                yield return expression;
            }
        }
    }

    private static IEnumerable<string> Names(string argument)
    {
        try
        {
            return
            [
                .. BraceList
                    .Separate(argument)
                    .SelectMany(side =>
                        side.Split([" x ", " X ", " × ", "+", "=", "@token", "@row", "@tensor"], StringSplitOptions.TrimEntries)
                    ),
            ];
        }
        catch (ExpressionException)
        {
            return [];
        }
    }

    private static FormatExpression? Parsed(string name)
    {
        try
        {
            return FormatExpression.Parse(name);
        }
        catch (ExpressionException)
        {
            return null;
        }
    }

    private List<Compiled> Compile(IReadOnlyList<FormatExpression> expressions)
    {
        lock (Guard)
        {
            FormatExpression[] missing =
            [
                .. expressions
                    .DistinctBy(expression => expression.Text)
                    .Where(expression => !Cache.ContainsKey((expression.Text, _onDevice))),
            ];
            if (missing.Length > 0)
            {
                var files = missing.Select(expression =>
                    CSharpSyntaxTree.ParseText(
                        $"namespace {FormatExpression.Namespace};\n"
                            + DeclarationText.Of(expression.Text, expression.TypeName, expression.Attributes),
                        FormatCompiler.Parsing,
                        path: expression.TypeName + ".cs"
                    )
                );
                FormatCompiler.Result result = FormatCompiler.Compile(FormatExpression.Namespace, files, _onDevice, _environment);
                foreach (FormatExpression expression in missing)
                {
                    Cache[(expression.Text, _onDevice)] = new(result.Formats[expression.Text], result.Kernels);
                }
            }
            return [.. expressions.Select(expression => Cache[(expression.Text, _onDevice)])];
        }
    }
}
