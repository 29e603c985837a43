using KernelGen.Generators.Model;
using KernelGen.Generators.Reading;

namespace KernelGen.Generators.Rules;

/// <summary>A cast can put any number where an enum is wanted.</summary>
internal static class EnumRules
{
    /// <summary>Attribute, argument (a position or a name), enum.</summary>
    private static readonly (string Attribute, object Argument, Type Enum)[] Table =
    [
        ("IntElement", "Levels", typeof(IntLevels)),
        ("IntElement", "Code", typeof(IntCode)),
        ("IntElement", "Ties", typeof(TieRule)),
        ("FloatElement", "Specials", typeof(FloatSpecials)),
        ("FloatElement", "Ties", typeof(TieRule)),
        ("TernaryElement", 0, typeof(TernaryCode)),
        ("Scale", 0, typeof(ScaleType)),
        ("Scale", "Rule", typeof(ScaleRule)),
        ("Scale", "Use", typeof(ScaleUse)),
        ("Offset", 0, typeof(ScaleType)),
        ("TensorScale", 0, typeof(ScaleType)),
        ("SuperScale", 0, typeof(ScaleType)),
        ("SuperScale", "Order", typeof(SubScaleOrder)),
        ("Layout", 0, typeof(BlockField)),
        ("Layout", "Nibbles", typeof(CodeOrder)),
        ("Layout", "Pairs", typeof(CodeOrder)),
        ("Layout", "Bits", typeof(CodeOrder)),
        ("Sparse", "Index", typeof(SparseIndex)),
        ("Sparse", "Scope", typeof(SelectionScope)),
        ("Outliers", 1, typeof(ScaleType)),
        ("Outliers", "Scope", typeof(SelectionScope)),
    ];

    public static IEnumerable<Violation> Check(Declaration declaration)
    {
        foreach ((string attribute, object argument, Type type) in Table)
        {
            if (declaration.Find(attribute) is not { } declared)
            {
                continue;
            }
            object? value = argument is int position ? declared.Positional[position] : declared.Get<object?>((string)argument, null);
            IEnumerable<object?> numbers =
                value is EquatableArray<object?> list ? list
                : value is null ? []
                : [value];
            foreach (object? number in numbers)
            {
                if (!Enum.IsDefined(type, number!))
                {
                    yield return new(Descriptors.UnknownEnum, attribute, number!, type.Name, string.Join(", ", Enum.GetNames(type)));
                }
            }
        }
    }
}
