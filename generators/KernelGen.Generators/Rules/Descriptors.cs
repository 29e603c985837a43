using Microsoft.CodeAnalysis;

namespace KernelGen.Generators.Rules;

/// <summary>The diagnostics. docs/diagnostics.md shows each with a wrong and a right declaration; the tests run both.</summary>
internal static class Descriptors
{
    private const string Category = "KernelGen.Declaration";

    public static readonly DiagnosticDescriptor NotPartial = Error("KG0001", "A format must be partial",
        "'{0}' is declared without 'partial': write 'readonly partial struct {0}' so that its kernels can be generated into it");

    public static readonly DiagnosticDescriptor NotAPlainStruct = Error("KG0002", "A format must be a top-level struct without type parameters",
        "'{0}' is {1}: declare a format as a struct directly in a namespace, without type parameters");

    public static readonly DiagnosticDescriptor BadName = Error("KG0003", "A format's name has characters that cannot be typed",
        "The name '{0}' of '{1}' cannot be typed on a command line: use lower-case letters, digits, '.', '_' and '-', for example '{2}'");

    public static readonly DiagnosticDescriptor DuplicateName = Error("KG0004", "Two formats of the assembly have one name",
        "The name '{0}' is taken by '{1}' already: give '{2}' another one");

    public static readonly DiagnosticDescriptor NoElement = Error("KG0005", "A format needs an element",
        "'{0}' does not say what its elements are: add one of [IntElement], [FloatElement], [Codebook]");

    public static readonly DiagnosticDescriptor SeveralElements = Error("KG0006", "A format has one element",
        "'{0}' declares {1} elements ({2}): keep one");

    public static readonly DiagnosticDescriptor IntBits = Error("KG0007", "Integer elements have 1 to 8 bits",
        "{0} bits for an integer element of '{1}': use {2}");

    public static readonly DiagnosticDescriptor FloatShape = Error("KG0008", "A float element has a shape that is not supported",
        "E{0}M{1} is {2} bits with its sign: use 1 or more exponent bits and 2 to 8 bits in all, or E5M10, E8M7, E8M23 with Specials = FloatSpecials.Ieee and no scale");

    public static readonly DiagnosticDescriptor FloatRange = Error("KG0009", "A float element has no usable range",
        "E{0}M{1} with bias {2} holds magnitudes from 2^{3} to 2^{4}: {5}");

    public static readonly DiagnosticDescriptor CodebookSize = Error("KG0010", "A codebook has 2 to 256 values",
        "The codebook of '{0}' has {1} values: give it 2 to 256");

    public static readonly DiagnosticDescriptor CodebookNotFinite = Error("KG0011", "A codebook holds finite numbers",
        "Value {0} of the codebook of '{1}' is {2}: use a finite number");

    public static readonly DiagnosticDescriptor CodebookDuplicate = Error("KG0012", "A codebook holds each value once",
        "Values {0} and {1} of the codebook of '{2}' are both {3}: a code that is never chosen wastes its bits");

    public static readonly DiagnosticDescriptor GroupSize = Error("KG0013", "A group has at least one element",
        "A group of {0} in '{1}': use 1 to {2} elements, ScaleGroup.Row (-1) or ScaleGroup.Tensor (-2)");

    public static readonly DiagnosticDescriptor ScaleCannotHoldRule = Error("KG0014", "A scale type cannot hold what its rule gives",
        "ScaleRule.{0} gives {1}, which ScaleType.{2} cannot hold: use {3}");

    public static readonly DiagnosticDescriptor PowerOfTwoWithOffset = Error("KG0015", "E8M0 scales cannot be combined with an offset",
        "'{0}' has an E8M0 scale and an offset: a power of two cannot span the range between them; use Float16, BFloat16, Float32 or E4M3 for the scale");

    public static readonly DiagnosticDescriptor OffsetType = Error("KG0016", "An offset is stored in a signed type of 16 or 32 bits",
        "An offset cannot be stored as {0}: use Float16, BFloat16 or Float32");

    public static readonly DiagnosticDescriptor OffsetNeedsRange = Error("KG0017", "Unsigned levels and offsets belong together",
        "'{0}' has {1}: {2}");

    public static readonly DiagnosticDescriptor RuleNeedsGroup = Error("KG0018", "A scale rule needs groups of a fixed size",
        "ScaleRule.{0} looks at one group at a time and cannot serve a whole {1}: use a group of 1 or more elements, or AbsMax, MxFloor, MxCeiling or GaussianOptimal");

    public static readonly DiagnosticDescriptor TensorScaleAlone = Error("KG0019", "A tensor scale multiplies group scales",
        "'{0}' has a tensor scale {1}: it is a Float32 that multiplies the scales of groups of a fixed size with rule AbsMax and no offset");

    public static readonly DiagnosticDescriptor LayoutCover = Error("KG0020", "A layout names every part of the block once",
        "The layout of '{0}' {1} {2}: its {3}-bit codes need {4}");

    public static readonly DiagnosticDescriptor LayoutGroups = Error("KG0021", "A block of several groups needs group scales",
        "{0} groups in a block of '{1}': use 1 or more, and more than 1 only with a scale of a fixed group size; a block has up to {2} elements");

    public static readonly DiagnosticDescriptor Ties = Error("KG0022", "An element cannot round ties that way",
        "TieRule.{0} is not defined for {1}: use {2}");

    public static readonly DiagnosticDescriptor FractionBits = Error("KG0023", "Fraction bits are 0 to 30",
        "{0} fraction bits in '{1}': use 0 to 30");

    public static readonly DiagnosticDescriptor WideScaled = Error("KG0024", "Elements wider than 8 bits take no scale",
        "'{0}' puts {1} on elements of {2} bits: remove it, or use an element of at most 8 bits");

    public static readonly DiagnosticDescriptor NoLowestLevel = Error("KG0025", "A signed-maximum rule needs a negative lowest level",
        "ScaleRule.{0} divides by the lowest level, which is {1} here: use an element with negative levels, or AbsMax");

    public static readonly DiagnosticDescriptor UnknownEnum = Error("KG0026", "An argument is not a member of its enum",
        "{0} is no {1}: use {2}");

    public static readonly DiagnosticDescriptor GaussianNotSymmetric = Error("KG0027", "GaussianOptimal places a grid around zero",
        "'{0}' combines ScaleRule.GaussianOptimal with {1}: use levels on both sides of zero and no offset");

    public static readonly DiagnosticDescriptor IntegerScaleAlone = Error("KG0050", "Integer scales need a super-scale",
        "'{0}' stores {1} of type {2} without a [SuperScale]: add one, or use Float16");

    public static readonly DiagnosticDescriptor SuperScaleOver = Error("KG0051", "A super-scale multiplies integer group scales",
        "'{0}' has a super-scale over {1}: use {2}");

    public static readonly DiagnosticDescriptor SuperBlock = Error("KG0052", "A super-block has several groups of a multiple of 16 elements",
        "A super-block of '{0}' is {1} group(s) of {2}: use 2 or more groups of a multiple of 16 elements, up to {3} elements in all");

    public static readonly DiagnosticDescriptor SubScaleOrder = Error("KG0053", "An order of integer scales does not fit them",
        "SubScaleOrder.{0} cannot hold {1} entries of type {2} in '{3}': it needs {4}");

    public static readonly DiagnosticDescriptor SuperScaleCombination = Error("KG0054", "A super-scale cannot be combined with that",
        "'{0}' combines a super-scale with {1}: {2}");

    public static readonly DiagnosticDescriptor Span = Error("KG0055", "A span does not fit its plane",
        "{0} = {1} in '{2}': {3}");

    public static readonly DiagnosticDescriptor SuperScaleType = Error("KG0056", "A super-scale is stored in a signed type of 16 or 32 bits",
        "A super-scale cannot be stored as {0}: use Float16, BFloat16 or Float32");

    /// <summary>All of them, for the analyzer and the tests.</summary>
    public static IReadOnlyList<DiagnosticDescriptor> All { get; } =
    [
        NotPartial, NotAPlainStruct, BadName, DuplicateName, NoElement, SeveralElements, IntBits, FloatShape, FloatRange, CodebookSize,
        CodebookNotFinite, CodebookDuplicate, GroupSize, ScaleCannotHoldRule, PowerOfTwoWithOffset, OffsetType, OffsetNeedsRange,
        RuleNeedsGroup, TensorScaleAlone, LayoutCover, LayoutGroups, Ties, FractionBits, WideScaled, NoLowestLevel, UnknownEnum,
        GaussianNotSymmetric,
        IntegerScaleAlone, SuperScaleOver, SuperBlock, SubScaleOrder, SuperScaleCombination, Span, SuperScaleType,
    ];

    private static DiagnosticDescriptor Error(string id, string title, string message)
        => new(id, title, message, Category, DiagnosticSeverity.Error, isEnabledByDefault: true);
}
