namespace KernelGen.Cli.Expressions;

/// <summary>A declaration while the parts of an expression write it: each constant once, with the part that wrote it.</summary>
/// <param name="text">The expression, for messages.</param>
internal sealed class DeclarationDraft(string text)
{
    /// <summary>Attributes in the order in which they are written; the element comes after the first three.</summary>
    private static readonly string[] Order = ["Hadamard", "Outliers", "Sparse", "Scale", "Offset", "SuperScale", "TensorScale", "Layout"];

    private readonly record struct Slot(string Attribute, object Argument, object Value, Range? Place);

    private readonly List<Slot> _slots = [];

    /// <summary>Characters of the part that is writing; null for what follows from the others.</summary>
    public Range? Place { get; set; }

    /// <summary>The attribute of the element.</summary>
    public string Element { get; private set; } = "";

    /// <summary>An element without arguments, or with the first of them.</summary>
    public void SetElement(string attribute, params object[] positional)
    {
        Element = attribute;
        for (int i = 0; i < positional.Length; i++)
        {
            Set(attribute, i, positional[i]);
        }
    }

    /// <summary>An argument by position or name.</summary>
    /// <exception cref="ExpressionException">Another part has written it.</exception>
    public void Set(string attribute, object argument, object value)
    {
        if (_slots.FindIndex(slot => slot.Attribute == attribute && slot.Argument.Equals(argument)) is >= 0 and var found)
        {
            Range before = _slots[found].Place!.Value,
                here = Place!.Value;
            throw new ExpressionException(text, [before, here], $"'{text[before]}' and '{text[here]}' say the same thing twice; keep one.");
        }
        _slots.Add(new(attribute, argument, value, Place));
    }

    /// <summary>A value where no part has written one.</summary>
    public void Default(string attribute, object argument, object value)
    {
        if (Get(attribute, argument) is null)
        {
            _slots.Add(new(attribute, argument, value, null));
        }
    }

    /// <summary>Another value in the place of one that a part has written.</summary>
    public void Replace(string attribute, object argument, object value)
    {
        int found = _slots.FindIndex(slot => slot.Attribute == attribute && slot.Argument.Equals(argument));
        _slots[found] = _slots[found] with { Value = value };
    }

    public bool Has(string attribute) => _slots.Any(slot => slot.Attribute == attribute);

    public object? Get(string attribute, object argument) =>
        _slots.FirstOrDefault(slot => slot.Attribute == attribute && slot.Argument.Equals(argument)).Value;

    /// <summary>The part that is writing is wrong.</summary>
    public ExpressionException Wrong(string problem) => new(text, Place!.Value, problem);

    /// <summary>The attributes as they are declared.</summary>
    public IReadOnlyList<AttributeUse> Attributes() =>
        [.. Order[..3].Append(Element).Concat(Order[3..]).Where(name => name == Element || Has(name)).Select(Attribute)];

    /// <summary>The parts that wrote into an attribute, of them those whose value a message names; the whole text if none did.</summary>
    public IReadOnlyList<Range> Places(string? attribute, IReadOnlyList<object> named)
    {
        Slot[] written = [.. _slots.Where(slot => slot.Attribute == attribute && slot.Place is not null)];
        Slot[] meant = [.. written.Where(slot => named.Any(word => word.ToString() == slot.Value.ToString()))];
        Range[] places = [.. (meant.Length > 0 ? meant : written).Select(slot => slot.Place!.Value).Distinct()];
        return places.Length > 0 ? places : [Range.All];
    }

    private AttributeUse Attribute(string name)
    {
        Slot[] own = [.. _slots.Where(slot => slot.Attribute == name)];
        return new(
            name,
            [.. own.Where(slot => slot.Argument is int).OrderBy(slot => (int)slot.Argument).Select(slot => slot.Value)],
            [.. own.Where(slot => slot.Argument is string).Select(slot => KeyValuePair.Create((string)slot.Argument, slot.Value))]
        );
    }
}
