using KernelGen.Generators.Model;
using KernelGen.Generators.Reading;

namespace KernelGen.Generators.Rules;

/// <summary>
/// What makes a declaration legal. Structure is checked first, because a model can only be built from one element;
/// then each stage by itself; then stages against each other.
/// </summary>
internal static class DeclarationRules
{
    private static readonly string[] Elements = ["IntElement", "FloatElement", "Codebook", .. BlockElementReading.Attributes];

    public static IReadOnlyList<Violation> Check(Declaration declaration)
    {
        Violation[] structure = [.. Structure(declaration), .. EnumRules.Check(declaration)];
        if (structure.Length > 0)
        {
            return structure;
        }
        FormatModel model = ModelReading.Read(declaration);
        if (model.Element is BlockElementModel)
        {
            Violation[] block = [.. BlockElementRules.Check(model, declaration)];
            return block.Length > 0 ? block : [.. WrapperRules.Check(model)];
        }
        Violation[] stages = [.. ElementRules.Check(model), .. ScaleRules.CheckStage(model), .. SuperScaleRules.CheckStage(model)];
        Violation[] combinations =
            stages.Length > 0
                ? stages
                : [.. ScaleRules.CheckCombination(model), .. LayoutRules.Check(model), .. SuperScaleRules.CheckCombination(model)];
        return combinations.Length > 0 ? combinations : [.. WrapperRules.Check(model)];
    }

    private static IEnumerable<Violation> Structure(Declaration declaration)
    {
        string? shape =
            !declaration.IsStruct ? "not a struct"
            : !declaration.IsTopLevel ? "nested in another type"
            : declaration.TypeParameters > 0 ? $"generic with {declaration.TypeParameters} type parameter(s)"
            : declaration.OtherForm is { } other ? $"a {other} struct"
            : null;
        if (shape is not null)
        {
            Fault form = new(null, declaration.OtherForm is { } word ? "-" + word : null);
            yield return new(Descriptors.NotAPlainStruct, form, declaration.TypeName, shape);
        }
        else if (!declaration.IsPartial)
        {
            yield return new(Descriptors.NotPartial, new(null, "+partial"), declaration.TypeName);
        }

        foreach (Violation reserved in ReservedNames.Check(declaration))
        {
            yield return reserved;
        }

        string name = declaration.Find("CompressedFormat")?.Positional[0] as string ?? "";
        string signs = declaration.Namespace == "KernelGen.Expressions" ? ".:@%" : "._-"; // the command's expressions are names too
        if (name.Length == 0 || !name.All(c => c is >= 'a' and <= 'z' or >= '0' and <= '9' || signs.Contains(c)))
        {
            string right = Suggestion(name.Any(char.IsLetterOrDigit) ? name : declaration.TypeName);
            yield return new(Descriptors.BadName, Fault.Set("CompressedFormat", "name", $"\"{right}\""), name, declaration.TypeName, right);
        }

        string[] elements = [.. Elements.Where(element => declaration.Find(element) is not null)];
        if (elements.Length == 0)
        {
            yield return new(Descriptors.NoElement, null, declaration.TypeName);
        }
        else if (elements.Length > 1)
        {
            yield return new(Descriptors.SeveralElements, elements[1], declaration.TypeName, elements.Length, string.Join(", ", elements));
        }
    }

    private static string Suggestion(string name) =>
        new([.. name.Select(char.ToLowerInvariant).Select(c => c is >= 'a' and <= 'z' or >= '0' and <= '9' or '.' or '_' ? c : '-')]);
}
