using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelGen.CodeFixes;

/// <summary>Writes and removes arguments of an attribute, by the names of its properties and of its constructor's parameters.</summary>
internal sealed class AttributeArguments(AttributeSyntax declared, SemanticModel model)
{
    private readonly IMethodSymbol? _constructor = model.GetSymbolInfo(declared).Symbol as IMethodSymbol;

    /// <summary>The attribute with an argument of a value, in the place where it has one.</summary>
    public AttributeSyntax Set(AttributeSyntax attribute, string name, string value)
    {
        SeparatedSyntaxList<AttributeArgumentSyntax> arguments = Of(attribute);
        int[] old = Find(arguments, name);
        if (old.Length > 0)
        {
            AttributeArgumentSyntax first = arguments[old[0]];
            string label = $"{first.NameEquals}{first.NameColon}";
            AttributeArgumentSyntax[] written = Parsed(label.Length > 0 ? $"{label} {value}" : value);
            arguments = Without(arguments, [.. old.Skip(1)]);
            arguments = arguments.Replace(arguments[old[0]], written[0].WithTriviaFrom(first)).InsertRange(old[0] + 1, written.Skip(1));
            return With(attribute, Spaced(arguments));
        }
        // those of the constructor precede those of properties
        bool ofConstructor = Parameter(name) is not null;
        int index = ofConstructor ? arguments.Count(argument => argument.NameEquals is null) : arguments.Count;
        return With(attribute, Spaced(arguments.Insert(index, Parsed(ofConstructor ? $"{name}: {value}" : $"{name} = {value}")[0])));
    }

    /// <summary>
    /// The attribute without an argument, or null if it has none of that name; <c>values[3]</c> is one of a list that is written out.
    /// </summary>
    public AttributeSyntax? Remove(AttributeSyntax attribute, string name)
    {
        int bracket = name.IndexOf('[');
        int[] old = Find(Of(attribute), bracket < 0 ? name : name.Substring(0, bracket));
        if (bracket >= 0)
        {
            int index = int.Parse(name.Substring(bracket + 1, name.Length - bracket - 2), CultureInfo.InvariantCulture);
            old = old.Length > 1 && index < old.Length ? [old[index]] : [];
        }
        return old.Length == 0 ? null : With(attribute, Without(Of(attribute), old));
    }

    private IParameterSymbol? Parameter(string name) => _constructor?.Parameters.FirstOrDefault(parameter => parameter.Name == name);

    /// <summary>Where the arguments are that a name means: several for a list that is written out.</summary>
    private int[] Find(SeparatedSyntaxList<AttributeArgumentSyntax> arguments, string name)
    {
        int named = arguments.IndexOf(argument => (argument.NameEquals?.Name ?? argument.NameColon?.Name)?.Identifier.ValueText == name);
        if (named >= 0 || Parameter(name) is not { } parameter)
        {
            return named < 0 ? [] : [named];
        }
        int positional = arguments.TakeWhile(argument => argument is { NameEquals: null, NameColon: null }).Count();
        int[] found = [.. Enumerable.Range(0, positional).Skip(parameter.Ordinal)];
        return parameter.IsParams ? found : [.. found.Take(1)];
    }

    private static SeparatedSyntaxList<AttributeArgumentSyntax> Of(AttributeSyntax attribute) =>
        attribute.ArgumentList?.Arguments ?? default;

    private static SeparatedSyntaxList<AttributeArgumentSyntax> Without(SeparatedSyntaxList<AttributeArgumentSyntax> list, int[] places) =>
        places.OrderByDescending(place => place).Aggregate(list, (left, place) => left.RemoveAt(place));

    /// <summary>A space behind the commas that have none.</summary>
    private static SeparatedSyntaxList<AttributeArgumentSyntax> Spaced(SeparatedSyntaxList<AttributeArgumentSyntax> arguments)
    {
        for (int i = 0; i < arguments.SeparatorCount; i++)
        {
            SyntaxToken comma = arguments.GetSeparator(i);
            if (comma.TrailingTrivia.FullSpan.IsEmpty && arguments[i + 1].GetLeadingTrivia().FullSpan.IsEmpty)
            {
                arguments = arguments.ReplaceSeparator(comma, comma.WithTrailingTrivia(SyntaxFactory.Space));
            }
        }
        return arguments;
    }

    private static AttributeArgumentSyntax[] Parsed(string text) => [.. SyntaxFactory.ParseAttributeArgumentList($"({text})")!.Arguments];

    private static AttributeSyntax With(AttributeSyntax attribute, SeparatedSyntaxList<AttributeArgumentSyntax> arguments) =>
        attribute.WithArgumentList((attribute.ArgumentList ?? SyntaxFactory.AttributeArgumentList()).WithArguments(arguments));
}
