using System.Text;
using KernelGen.Generators.Reading;
using KernelGen.Reports;

namespace KernelGen.Cli.Expressions;

/// <summary>Declarations as C#.</summary>
internal static class DeclarationText
{
    /// <summary>A declaration under a name.</summary>
    public static string Of(string name, string typeName, IEnumerable<AttributeUse> attributes)
    {
        var text = new StringBuilder();
        foreach (AttributeUse attribute in attributes.Prepend(new("CompressedFormat", [name], [])))
        {
            text.AppendLine(LineBreaks.In($"[{attribute}]", "    "));
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
}
