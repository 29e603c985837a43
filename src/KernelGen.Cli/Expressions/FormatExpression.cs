using System.Globalization;
using System.Text;
using KernelGen.Generators.Model;
using KernelGen.Generators.Reading;
using KernelGen.Generators.Rules;

namespace KernelGen.Cli.Expressions;

/// <summary>
/// A format as an expression: <c>element:part:part…</c>, for instance <c>int3:g32:f16:outliers1%</c>. It means one declaration, and is
/// checked by the rules that declarations are checked by.
/// </summary>
internal sealed class FormatExpression
{
    /// <summary>The namespace of declarations that expressions mean; in it the expression itself is a legal name.</summary>
    public const string Namespace = "KernelGen.Expressions";

    /// <summary>What belongs to the grammar of compositions after a format's name.</summary>
    private static readonly string[] Reaches = ["@token", "@row", "@tensor"];

    private FormatExpression(string text, IReadOnlyList<AttributeUse> attributes) => (Text, Attributes) = (text, attributes);

    /// <summary>The expression in small letters: the format's name.</summary>
    public string Text { get; }

    /// <summary>The attributes, without the name.</summary>
    public IReadOnlyList<AttributeUse> Attributes { get; }

    /// <summary>The declaration as the generator plans it.</summary>
    public FormatModel Model => ModelReading.Read(Declaration(TypeName));

    /// <summary>The struct's name.</summary>
    public string TypeName
    {
        get
        {
            var name = new StringBuilder();
            foreach (string word in Text.Split(':', '@'))
            {
                name.Append(char.ToUpperInvariant(word[0])).Append(word[1..].Replace('.', '_').Replace("%", "", StringComparison.Ordinal));
            }
            return name.ToString();
        }
    }

    /// <summary>A name that any declaration may have.</summary>
    public static string PlainName(string text) => text.Replace(':', '-').Replace('@', '-').Replace("%", "", StringComparison.Ordinal);

    /// <summary>
    /// Whether a text is meant as an expression: an element and parts, or an element alone. Compositions (<c>2:4+int4:g32 x e4m3</c>) are
    /// none, their formats may be.
    /// </summary>
    public static bool IsMeant(string text) =>
        text.Length > 0
        && char.IsAsciiLetter(text[0])
        && !text.Contains('+')
        && !text.Any(char.IsWhiteSpace)
        && !Reaches.Any(reach => text.EndsWith(reach, StringComparison.OrdinalIgnoreCase))
        && (text.Contains(':') || FormatParts.Elements.Any(element => element.Read(text.ToLowerInvariant()) is not null));

    /// <summary>Reads an expression.</summary>
    /// <exception cref="ExpressionException">It is wrong; the message shows where and says what is right.</exception>
    public static FormatExpression Parse(string typed)
    {
        string text = typed.ToLowerInvariant();
        var draft = new DeclarationDraft(text);
        int start = 0;
        foreach (string part in text.Split(':'))
        {
            draft.Place = start..(start + part.Length);
            Read(part, start == 0, draft);
            start += part.Length + 1;
        }
        draft.Place = null;
        Complete(text, draft);
        var expression = new FormatExpression(text, draft.Attributes());
        expression.Check(draft);
        return expression;
    }

    private static void Read(string part, bool first, DeclarationDraft draft)
    {
        IReadOnlyList<FormatPart> table = first ? FormatParts.Elements : FormatParts.Stages;
        foreach (FormatPart row in table)
        {
            if (row.Read(part) is { } match)
            {
                if (row.Element is { } element && !element.Contains(draft.Element, StringComparison.Ordinal))
                {
                    throw draft.Wrong($"'{part}' is a part of {element}, not of {draft.Element}.");
                }
                row.Write(match, draft);
                return;
            }
        }
        string nearest = NearestName.Sentence(part, table.Select(row => row.Spelling));
        throw draft.Wrong(
            part.Length == 0 ? "a part is missing here."
            : part.Contains('{') ? "a list in braces means several formats; one is asked for here."
            : first ? $"there is no element '{part}'. {nearest}"
            : FormatParts.Elements.Any(row => row.Read(part) is not null)
                ? $"'{part}' is an element, and there is one already: it comes first."
            : $"there is no part '{part}'. {nearest}"
        );
    }

    /// <summary>What follows from the parts that are there.</summary>
    private static void Complete(string text, DeclarationDraft draft)
    {
        bool scalar = draft.Element is "IntElement" or "FloatElement" or "Codebook";
        if (draft.Has("Offset"))
        {
            if (draft.Get("Scale", 0) is ScaleType and >= ScaleType.UInt4 and var shared)
            {
                draft.Replace("Offset", 0, shared); // under a super-scale both are integers of one type
            }
            if (draft.Element == "IntElement")
            {
                draft.Default("IntElement", "Levels", IntLevels.Unsigned);
            }
        }
        if (draft.Element == "IntElement" && draft.Get("IntElement", 0) is 1 or 8)
        {
            (string name, object value) = draft.Get("IntElement", 0) is 1
                ? ("Levels", (object)IntLevels.Midrise)
                : ("Code", IntCode.TwosComplement);
            if (name == "Levels" || draft.Get("IntElement", "Levels") is null)
            {
                draft.Default("IntElement", name, value);
            }
        }
        if (draft.Element == "Trellis")
        {
            draft.Default("Trellis", 1, 4096);
        }
        if (draft.Get("Scale", 1) is not int group)
        {
            if (draft.Element == "FloatElement" && !draft.Has("Scale"))
            {
                return;
            }
            throw new ExpressionException(
                text,
                text.Length..,
                $"the scale has no group: write for instance {text}:g64, or :grow or :gtensor."
            );
        }
        draft.Default("Scale", 0, group < 0 ? ScaleType.Float32 : ScaleType.Float16);
        ScaleRule rule =
            draft.Get("Scale", 0) is ScaleType.E8M0 ? ScaleRule.MxFloor
            : scalar ? ScaleRule.AbsMax
            : ScaleRule.MinimiseError;
        if (rule != ScaleRule.AbsMax)
        {
            draft.Default("Scale", "Rule", rule);
        }
    }

    /// <summary>The rules of declarations, at the parts that break them.</summary>
    private void Check(DeclarationDraft draft)
    {
        // in messages the format is called by its expression
        foreach (Violation broken in DeclarationRules.Check(Declaration(Text)))
        {
            string message = string.Format(CultureInfo.InvariantCulture, broken.Descriptor.MessageFormat.ToString(), broken.Arguments);
            throw new ExpressionException(Text, draft.Places(broken.At.Attribute, broken.Arguments), $"{message} ({broken.Descriptor.Id})");
        }
    }

    private Declaration Declaration(string typeName) =>
        new(
            Namespace,
            typeName,
            "public",
            IsStruct: true,
            IsPartial: true,
            IsReadOnly: true,
            IsTopLevel: true,
            TypeParameters: 0,
            new(Attributes.Prepend(new("CompressedFormat", [Text], [])).Select(attribute => attribute.Declared()))
        );
}
