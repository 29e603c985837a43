using System.Globalization;

namespace KernelGen.CodeFixes;

/// <summary>Where a rule is broken and, where one answer is right, the edits that mend it. The generator compiles this file too.</summary>
/// <param name="Attribute">The attribute at fault, or null for the struct itself.</param>
/// <param name="Fix">
/// Edits, one a line: <c>Scale.group=32</c> writes an argument, <c>Scale.Rule</c> removes one; <c>Offset=[Offset(…)]</c> adds an
/// attribute, <c>Offset</c> removes one; <c>+partial</c> and <c>-ref</c> add and remove a modifier.
/// Edits of what is not there are left out.
/// </param>
internal readonly record struct Fault(string? Attribute, string? Fix = null)
{
    /// <summary>The property of a diagnostic that holds its edits.</summary>
    public const string Property = "KernelGen.Fix";

    public static implicit operator Fault(string? attribute) => new(attribute);

    public static Fault Set(string attribute, string argument, object value)
    {
        string text = value is Enum name ? $"{name.GetType().Name}.{name}" : Convert.ToString(value, CultureInfo.InvariantCulture)!;
        return new(attribute, $"{attribute}.{argument}={text}");
    }

    public static Fault Remove(string attribute, params string[] arguments) =>
        new(attribute, arguments.Length == 0 ? attribute : string.Join("\n", arguments.Select(name => $"{attribute}.{name}")));

    /// <summary>The argument as the nearest of some numbers, of two the rounder in binary; no edit if there are none.</summary>
    public static Fault Nearest(string attribute, string argument, int value, IEnumerable<int> legal)
    {
        int[] nearest = [.. legal.OrderBy(number => Math.Abs((long)number - value)).ThenByDescending(number => number & -number).Take(1)];
        return nearest.Length == 0 || nearest[0] == value ? attribute : Set(attribute, argument, nearest[0]);
    }

    /// <summary>The argument as the nearest multiple of a step in a range that starts with one.</summary>
    public static Fault Nearest(string attribute, string argument, int value, int least, int most, int step = 1) =>
        Nearest(attribute, argument, value, Enumerable.Range(0, Math.Max(0, (most - least) / step + 1)).Select(i => least + i * step));

    /// <summary>Both, at the place of this one.</summary>
    public Fault And(Fault other) =>
        new(
            Attribute,
            Fix is null ? other.Fix
                : other.Fix is null ? Fix
                : $"{Fix}\n{other.Fix}"
        );

    /// <summary>The same place, with edits on a condition only.</summary>
    public Fault When(bool offered) => offered ? this : new(Attribute);
}
