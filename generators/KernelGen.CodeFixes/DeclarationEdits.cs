using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace KernelGen.CodeFixes;

/// <summary>The edits of a <see cref="Fault"/> as changes of a declaration's text.</summary>
/// <param name="type">The declared struct.</param>
/// <param name="symbol">Its symbol.</param>
/// <param name="model">Model of the file.</param>
/// <param name="place">Where the diagnostic is: new attributes follow the one there.</param>
internal sealed class DeclarationEdits(TypeDeclarationSyntax type, INamedTypeSymbol symbol, SemanticModel model, TextSpan place)
{
    private const string Space = "KernelGen";
    private static readonly Regex Names = new(@"(?<![\w.])[A-Z]\w*(?=[.(])", RegexOptions.CultureInvariant);

    /// <summary>What each edit does, in words, with its change of the text; nothing if one of them cannot be made.</summary>
    public IReadOnlyList<(string Title, TextChange Change)> Of(string fix)
    {
        var changes = new List<(string, TextChange)>();
        var attributes = new Dictionary<string, (AttributeSyntax Old, AttributeSyntax New, List<string> Titles)>();
        foreach (string line in fix.Split('\n'))
        {
            int equals = line.IndexOf('=');
            string target = equals < 0 ? line : line.Substring(0, equals);
            string? value = equals < 0 ? null : Qualified(line.Substring(equals + 1));
            int dot = target.IndexOf('.');
            if (line[0] is '+' or '-')
            {
                changes.AddRange(Modifier(line.Substring(1), line[0] == '+'));
                continue;
            }
            string name = dot < 0 ? target : target.Substring(0, dot);
            AttributeSyntax? attribute = Find(name);
            if (dot < 0)
            {
                changes.AddRange(value is null ? Removed(name, attribute) : [($"Add {value}", Added(value))]);
                continue;
            }
            if (attribute is null)
            {
                return [];
            }
            (AttributeSyntax Old, AttributeSyntax New, List<string> Titles) entry = attributes.TryGetValue(name, out var known)
                ? known
                : (attribute, attribute, []);
            string argument = target.Substring(dot + 1);
            var arguments = new AttributeArguments(attribute, model);
            if ((value is null ? arguments.Remove(entry.New, argument) : arguments.Set(entry.New, argument, value)) is { } edited)
            {
                entry.Titles.Add(value is null ? $"Remove {argument} of [{name}]" : $"Set {argument} of [{name}] to {value}");
                attributes[name] = (entry.Old, edited, entry.Titles);
            }
        }
        foreach ((AttributeSyntax old, AttributeSyntax edited, List<string> titles) in attributes.Values)
        {
            // what is left without arguments says nothing any more
            changes.AddRange(
                edited.ArgumentList is { Arguments.Count: 0 }
                    ? Removed(old.Name.ToString(), old)
                    : [(string.Join("; ", titles), Least(old.Span, old.ToString(), edited.ToString()))]
            );
        }
        return changes;
    }

    /// <summary>The attribute of ours with a name, where it is written in this part of the struct.</summary>
    private AttributeSyntax? Find(string name) =>
        symbol
            .GetAttributes()
            .Where(data =>
                data.AttributeClass is { ContainingNamespace: { Name: Space, ContainingNamespace.IsGlobalNamespace: true } } own
                && own.Name == name + "Attribute"
            )
            .Select(data => data.ApplicationSyntaxReference)
            .Where(reference => reference?.SyntaxTree == type.SyntaxTree && type.Span.Contains(reference.Span))
            .Select(reference => reference!.GetSyntax())
            .OfType<AttributeSyntax>()
            .FirstOrDefault();

    /// <summary>Names of ours with the namespace, where it is not imported.</summary>
    private string Qualified(string text) =>
        Names.Replace(text, match =>
            new[] { match.Value, match.Value + "Attribute" }
                .SelectMany(name => model.LookupNamespacesAndTypes(type.SpanStart, name: name))
                .Any(found => found.ContainingNamespace is { Name: Space })
                ? match.Value
                : $"{Space}.{match.Value}"
        );

    private IEnumerable<(string, TextChange)> Modifier(string word, bool add)
    {
        SyntaxToken token = type.ChildTokens().FirstOrDefault(token => token.Text == word);
        if (add && token.RawKind == 0)
        {
            yield return ($"Add '{word}'", new(new(type.Keyword.SpanStart, 0), word + " "));
        }
        else if (!add && token.RawKind != 0)
        {
            yield return ($"Remove '{word}'", new(TextSpan.FromBounds(token.SpanStart, token.GetNextToken().SpanStart), ""));
        }
    }

    /// <summary>A new attribute behind the one at fault, on a line of its own if that one ends its line.</summary>
    private TextChange Added(string attribute)
    {
        AttributeListSyntax? list = type.AttributeLists.FirstOrDefault(list => list.Span.Contains(place))
            ?? type.AttributeLists.LastOrDefault();
        if (list is null)
        {
            return new(new(type.SpanStart, 0), attribute + " ");
        }
        TextLine line = model.SyntaxTree.GetText().Lines.GetLineFromPosition(list.Span.End);
        string before = line.ToString();
        bool ends = before.Substring(list.Span.End - line.Start).Trim().Length == 0;
        string indentation = before.Substring(0, before.Length - before.TrimStart().Length);
        return new(new(list.Span.End, 0), ends ? $"\n{indentation}{attribute}" : $" {attribute}");
    }

    /// <summary>An attribute without its brackets where it has them for itself, and without its line where that is all of it.</summary>
    private IEnumerable<(string, TextChange)> Removed(string name, AttributeSyntax? attribute)
    {
        if (attribute?.Parent is not AttributeListSyntax list)
        {
            yield break;
        }
        SourceText text = model.SyntaxTree.GetText();
        (int start, int end) = (list.SpanStart, list.Span.End);
        if (list.Attributes.Count > 1)
        {
            int index = list.Attributes.IndexOf(attribute);
            (start, end) =
                index > 0 ? (list.Attributes[index - 1].Span.End, attribute.Span.End) : (attribute.SpanStart, list.Attributes[1].SpanStart);
        }
        else
        {
            TextLine first = text.Lines.GetLineFromPosition(start),
                last = text.Lines.GetLineFromPosition(end);
            bool starts = string.IsNullOrWhiteSpace(text.ToString(TextSpan.FromBounds(first.Start, start)));
            bool ends = string.IsNullOrWhiteSpace(text.ToString(TextSpan.FromBounds(end, last.End)));
            if (starts && ends)
            {
                (start, end) = (first.Start, last.EndIncludingLineBreak);
            }
            while (!starts && char.IsWhiteSpace(text[start - 1]))
            {
                start--;
            }
            while (starts && !ends && char.IsWhiteSpace(text[end]))
            {
                end++;
            }
        }
        yield return ($"Remove [{name}]", new(TextSpan.FromBounds(start, end), ""));
    }

    /// <summary>The change of one text into another without what both start and end with.</summary>
    private static TextChange Least(TextSpan span, string old, string edited)
    {
        int shorter = Math.Min(old.Length, edited.Length),
            start = 0,
            end = 0;
        while (start < shorter && old[start] == edited[start])
        {
            start++;
        }
        while (end < shorter - start && old[old.Length - 1 - end] == edited[edited.Length - 1 - end])
        {
            end++;
        }
        return new(TextSpan.FromBounds(span.Start + start, span.End - end), edited.Substring(start, edited.Length - start - end));
    }
}
