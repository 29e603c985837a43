namespace KernelGen.Generators.Model;

/// <summary>A legal declaration as values: all that plans and emitters know of a format.</summary>
internal sealed record FormatModel(
    string Namespace,
    string TypeName,
    string Accessibility,
    bool IsReadOnly,
    string Name,
    ElementModel Element,
    ScaleModel? Scale,
    OffsetModel? Offset,
    bool HasTensorScale,
    LayoutModel Layout,
    KernelTargets Targets
)
{
    /// <summary>Stage that drops weights before elements code the rest, or null.</summary>
    public SparseModel? Sparse { get; init; }

    /// <summary>Stage that stores the largest weights apart, or null.</summary>
    public OutlierModel? Outliers { get; init; }

    /// <summary>Stage that rotates rows before anything else, or null.</summary>
    public RotationModel? Rotation { get; init; }

    /// <summary>Whether the outermost of these stages, a rotation apart, chooses among the weights of whole rows.</summary>
    public bool ChoosesInRows => Outliers is { } outliers ? outliers.Scope == SelectionScope.Row : Sparse is { Scope: SelectionScope.Row };

    /// <summary>
    /// For the format inside a stage, which is a struct nested in the declared one: the structs around it, outermost first.
    /// </summary>
    public EquatableArray<string> Enclosing { get; init; }

    /// <summary>Whether its matrices are repacked in memory: declared formats, and those that they rotate for.</summary>
    public bool IsRepacked { get; init; } = true;

    /// <summary>The scale of integer group scales, if they have one.</summary>
    public SuperScaleModel? SuperScale { get; init; }

    /// <summary>Whether using the struct is an error, by [Obsolete].</summary>
    public bool IsObsolete { get; init; }

    /// <summary>Whether types are written out in full, because a name of theirs means something else to the user's code.</summary>
    public bool WritesNamesOut { get; init; }

    /// <summary>
    /// What sets the files' names apart from those of a format whose name differs in case only; empty for the first of them.
    /// </summary>
    public string HintSuffix { get; init; } = "";

    /// <summary>The struct's name with its namespace.</summary>
    public string FullName => Namespace.Length == 0 ? TypeName : Namespace + "." + TypeName;

    /// <summary>Stem of the generated files' names; unique in a compilation, ASCII.</summary>
    public string HintName
    {
        get
        {
            string outermost = Enclosing.Count > 0 ? Enclosing[0] : TypeName;
            string name = Namespace.Length == 0 ? outermost : Namespace + "." + outermost;
            return string.Concat(name.Where(c => c != '@').Select(c => c < 128 ? c.ToString() : $"_u{(int)c:X4}")) + HintSuffix;
        }
    }

    /// <summary>
    /// The models under file names that differ, as they have to, by more than case. The first of equal names in ordinal order keeps its
    /// own; the number of each other one follows a hyphen, which no name has.
    /// </summary>
    public static IEnumerable<FormatModel> WithUniqueHints(IReadOnlyCollection<FormatModel> models) =>
        models
            .GroupBy(model => model.HintName, StringComparer.OrdinalIgnoreCase)
            .SelectMany(same =>
                same.GroupBy(model => model.FullName, StringComparer.Ordinal)
                    .Select(parts => parts.First())
                    .OrderBy(model => model.FullName, StringComparer.Ordinal)
                    .Select((model, i) => i == 0 ? model : model with { HintSuffix = $"-{i + 1}" })
            );

    /// <summary>The format inside a stage of this one, under a name of its own.</summary>
    public FormatModel Inside(string typeName) =>
        this with
        {
            TypeName = typeName,
            Accessibility = "private",
            Enclosing = new([.. Enclosing, TypeName]),
            IsRepacked = false,
        };
}

/// <summary>What a code stands for before scaling.</summary>
internal abstract record ElementModel(int Bits);

internal sealed record IntElementModel(int Bits, IntLevels Levels, IntCode Code, TieRule Ties, int FractionBits) : ElementModel(Bits)
{
    /// <summary>Smallest integer.</summary>
    public int Lowest =>
        Levels switch
        {
            IntLevels.Symmetric => -((1 << (Bits - 1)) - 1),
            IntLevels.Unsigned => 0,
            _ => -(1 << (Bits - 1)),
        };

    /// <summary>Largest integer; of a mid-rise grid, ½ less than its largest level.</summary>
    public int Highest => Levels == IntLevels.Unsigned ? (1 << Bits) - 1 : (1 << (Bits - 1)) - 1;

    /// <summary>What is subtracted from an offset-binary code.</summary>
    public int Zero => Levels == IntLevels.Unsigned ? 0 : 1 << (Bits - 1);
}

internal sealed record FloatElementModel(int Exponent, int Mantissa, FloatSpecials Specials, int Bias, TieRule Ties, bool NegativeZero)
    : ElementModel(1 + Exponent + Mantissa);

internal sealed record CodebookElementModel(EquatableArray<float> Values) : ElementModel(BitsFor(Values.Count))
{
    private static int BitsFor(int count)
    {
        int bits = 1;
        while (1 << bits < count)
        {
            bits++;
        }
        return bits;
    }
}

/// <summary><c>Group</c> is a number of elements, or −1 for a row, −2 for the tensor.</summary>
internal sealed record ScaleModel(ScaleType Type, int Group, ScaleRule Rule, ScaleUse Use)
{
    public const int Row = -1;
    public const int Tensor = -2;
}

internal sealed record OffsetModel(ScaleType Type);

internal sealed record SuperScaleModel(ScaleType Type, int Groups, SubScaleOrder Order);

internal sealed record LayoutModel(EquatableArray<BlockField> Fields, CodeOrder Nibbles, CodeOrder Pairs, CodeOrder Bits, int Groups)
{
    public static LayoutModel Default { get; } = new(new([]), CodeOrder.Split, CodeOrder.LowFirst, CodeOrder.LowFirst, 1);

    /// <summary>Elements over which a split plane of a super-block runs; 0 means all of them.</summary>
    public int NibblesSpan { get; init; }

    public int PairsSpan { get; init; }

    public int BitsSpan { get; init; }
}
