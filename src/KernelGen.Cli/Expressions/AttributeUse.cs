using System.Globalization;
using System.Reflection;
using KernelGen.Generators.Model;
using KernelGen.Generators.Reading;

namespace KernelGen.Cli.Expressions;

/// <summary>One attribute of a declaration with its constants, enums as enums.</summary>
/// <param name="Name">Name of the attribute's type without "Attribute".</param>
/// <param name="Positional">Arguments of the constructor; an array is that of a <c>params</c> parameter.</param>
/// <param name="Named">Properties that are set.</param>
internal sealed record AttributeUse(string Name, IReadOnlyList<object> Positional, IReadOnlyList<KeyValuePair<string, object>> Named)
{
    /// <summary>Numbers that do not say themselves what they are.</summary>
    private static readonly Dictionary<(string, int), string> Labels = new()
    {
        [("Scale", 1)] = "group",
        [("SuperScale", 1)] = "groups",
        [("Trellis", 1)] = "states",
        [("VectorCodebook", 0)] = "dimension",
        [("VectorCodebook", 1)] = "entries",
    };

    /// <summary>The attribute as the compiler stored it.</summary>
    public static AttributeUse Of(CustomAttributeData data) =>
        new(
            data.AttributeType.Name[..^nameof(Attribute).Length],
            [.. data.ConstructorArguments.Select(Constant)],
            [.. data.NamedArguments.Select(named => KeyValuePair.Create(named.MemberName, Constant(named.TypedValue)))]
        );

    /// <summary>As the generator's rules read it.</summary>
    public DeclaredAttribute Declared() =>
        new(Name, new(Positional.Select(Plain)), new(Named.Select(named => KeyValuePair.Create(named.Key, Plain(named.Value)))));

    /// <summary>As C#, without brackets.</summary>
    public override string ToString()
    {
        IEnumerable<string> arguments = Positional
            .SelectMany((value, i) => value is Array list ? list.Cast<object>().Select(Text) : [Positioned(i, value)])
            .Concat(Named.Select(named => $"{named.Key} = {Text(named.Value)}"));
        string text = string.Join(", ", arguments);
        return text.Length == 0 ? Name : $"{Name}({text})";
    }

    private string Positioned(int position, object value) =>
        value is int and < 0 && Name == "Scale" ? ((int)value == ScaleGroup.Row ? "ScaleGroup.Row" : "ScaleGroup.Tensor")
        : Labels.TryGetValue((Name, position), out string? label) ? $"{label}: {Text(value)}"
        : Text(value);

    private static string Text(object value) =>
        value switch
        {
            Enum word => $"{word.GetType().Name}.{word}",
            bool flag => flag ? "true" : "false",
            float number => number.ToString("R", CultureInfo.InvariantCulture) + "f",
            string text => $"\"{text}\"",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };

    private static object? Plain(object value) =>
        value switch
        {
            Enum word => Convert.ToInt32(word, CultureInfo.InvariantCulture),
            Array list => new EquatableArray<object?>(list.Cast<object>().Select(Plain)),
            _ => value,
        };

    private static object Constant(CustomAttributeTypedArgument argument) =>
        argument.Value is IReadOnlyCollection<CustomAttributeTypedArgument> list ? list.Select(Constant).ToArray()
        : argument.ArgumentType.IsEnum ? Enum.ToObject(argument.ArgumentType, argument.Value!)
        : argument.Value!;
}
