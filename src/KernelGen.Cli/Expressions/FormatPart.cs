using System.Text.RegularExpressions;

namespace KernelGen.Cli.Expressions;

/// <summary>A row of the table of parts: how a part is spelled, and what of a declaration it writes.</summary>
/// <param name="Spelling">How help and docs spell it; capitals are numbers.</param>
/// <param name="Pattern">The same as a regular expression.</param>
/// <param name="Example">An expression with it.</param>
/// <param name="Writes">What it writes in the example, as C#.</param>
/// <param name="Help">One line.</param>
/// <param name="Write">Writes it.</param>
internal sealed record FormatPart(
    string Spelling,
    string Pattern,
    string Example,
    string Writes,
    string Help,
    Action<Match, DeclarationDraft> Write
)
{
    private readonly Regex _whole = new($"^(?:{Pattern})$", RegexOptions.CultureInvariant);

    /// <summary>The element whose attribute it writes into; null if it writes one of its own.</summary>
    public string? Element { get; init; }

    /// <summary>The text as this part, or null.</summary>
    public Match? Read(string text) => _whole.Match(text) is { Success: true } match ? match : null;
}
