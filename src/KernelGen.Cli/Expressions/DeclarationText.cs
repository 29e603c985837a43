using System.Text;
using KernelGen.Generators.Reading;

namespace KernelGen.Cli.Expressions;

/// <summary>Declarations as C#.</summary>
internal static class DeclarationText
{
    private const int Columns = 140;

    /// <summary>A declaration under a name.</summary>
    public static string Of(string name, string typeName, IEnumerable<AttributeUse> attributes)
    {
        var text = new StringBuilder();
        foreach (AttributeUse attribute in attributes.Prepend(new("CompressedFormat", [name], [])))
        {
            text.AppendLine(Wrapped($"[{attribute}]"));
        }
        return text.Append($"public readonly partial struct {typeName};").AppendLine().ToString();
    }

    /// <summary>The declaration of a compiled format, under a name that any declaration may have; null for one written by hand.</summary>
    public static string? Of(CompressedFormat format)
    {
        AttributeUse[] attributes =
        [
            .. format
                .Declaration.GetCustomAttributesData()
                .Where(data => data.AttributeType.Namespace == SymbolReading.AttributeNamespace)
                .Select(AttributeUse.Of),
        ];
        return attributes.All(attribute => attribute.Name != "CompressedFormat")
            ? null
            : Of(
                FormatExpression.PlainName(format.Info.Name),
                format.Declaration.Name,
                attributes.Where(attribute => attribute.Name != "CompressedFormat")
            );
    }

    /// <summary>A long list of values in several lines.</summary>
    private static string Wrapped(string line)
    {
        var text = new StringBuilder();
        int column = 0;
        foreach (string word in line.Split(' '))
        {
            if (column > 0)
            {
                bool fits = column + 1 + word.Length <= Columns;
                text.Append(fits ? " " : Environment.NewLine + "    ");
                column = fits ? column + 1 : 4;
            }
            text.Append(word);
            column += word.Length;
        }
        return text.ToString();
    }
}
