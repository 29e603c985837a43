using Microsoft.CodeAnalysis;

namespace KernelGen.Generators.Rules;

/// <summary>The diagnostics. docs/diagnostics.md shows each with a wrong and a right declaration; the tests run both.</summary>
internal static class Descriptors
{
    private const string Category = "KernelGen.Declaration";

    public static readonly DiagnosticDescriptor NotPartial = Error(
        "KG0001",
        "A format must be partial",
        "'{0}' is declared without 'partial': write 'readonly partial struct {0}' so that its kernels can be generated into it"
    );
    public static readonly DiagnosticDescriptor NotAPlainStruct = Error(
        "KG0002",
        "A format must be a top-level struct without type parameters",
        "'{0}' is {1}: declare a format as a struct directly in a namespace, without type parameters"
    );
    public static readonly DiagnosticDescriptor BadName = Error(
        "KG0003",
        "A format's name has characters that cannot be typed",
        "The name '{0}' of '{1}' cannot be typed on a command line: use lower-case letters, digits, '.', '_' and '-', for example '{2}'"
    );
    public static readonly DiagnosticDescriptor DuplicateName = Error(
        "KG0004",
        "Two formats of the assembly have one name",
        "The name '{0}' is taken by '{1}' already: give '{2}' another one"
    );
    public static readonly DiagnosticDescriptor NoElement = Error(
        "KG0005",
        "A format needs an element",
        "'{0}' does not say what its elements are: add one of [IntElement], [FloatElement], [Codebook], [VectorCodebook], [Trellis], "
            + "[E8P], [TernaryElement], [SignElement]"
    );
    public static readonly DiagnosticDescriptor SeveralElements = Error(
        "KG0006",
        "A format has one element",
        "'{0}' declares {1} elements ({2}): keep one"
    );
    public static readonly DiagnosticDescriptor IntBits = Error(
        "KG0007",
        "Integer elements have 1 to 8 bits",
        "{0} bits for an integer element of '{1}': use {2}"
    );
    public static readonly DiagnosticDescriptor FloatShape = Error(
        "KG0008",
        "A float element has a shape that is not supported",
        "E{0}M{1} is {2} bits with its sign: use 1 or more exponent bits and 2 to 8 bits in all, or E5M10, E8M7, E8M23 with Specials = "
            + "FloatSpecials.Ieee and no scale"
    );
    public static readonly DiagnosticDescriptor FloatRange = Error(
        "KG0009",
        "A float element has no usable range",
        "E{0}M{1} with bias {2} holds magnitudes from 2^{3} to 2^{4}: {5}"
    );
    public static readonly DiagnosticDescriptor CodebookSize = Error(
        "KG0010",
        "A codebook has 2 to 256 values",
        "The codebook of '{0}' has {1} values: give it 2 to 256"
    );
    public static readonly DiagnosticDescriptor CodebookNotFinite = Error(
        "KG0011",
        "A codebook holds finite numbers",
        "Value {0} of the codebook of '{1}' is {2}: use a finite number"
    );
    public static readonly DiagnosticDescriptor CodebookDuplicate = Error(
        "KG0012",
        "A codebook holds each value once",
        "Values {0} and {1} of the codebook of '{2}' are both {3}: a code that is never chosen wastes its bits"
    );
    public static readonly DiagnosticDescriptor GroupSize = Error(
        "KG0013",
        "A group has at least one element",
        "A group of {0} in '{1}': use 1 to {2} elements, ScaleGroup.Row (-1) or ScaleGroup.Tensor (-2)"
    );
    public static readonly DiagnosticDescriptor ScaleCannotHoldRule = Error(
        "KG0014",
        "A scale type cannot hold what its rule gives",
        "ScaleRule.{0} gives {1}, which ScaleType.{2} cannot hold: use {3}"
    );
    public static readonly DiagnosticDescriptor PowerOfTwoWithOffset = Error(
        "KG0015",
        "E8M0 scales cannot be combined with an offset",
        "'{0}' has an E8M0 scale and an offset: a power of two cannot span the range between them; use Float16, BFloat16, Float32 or E4M3 "
            + "for the scale"
    );
    public static readonly DiagnosticDescriptor OffsetType = Error(
        "KG0016",
        "An offset is stored in a signed type of 16 or 32 bits",
        "An offset cannot be stored as {0}: use Float16, BFloat16 or Float32"
    );
    public static readonly DiagnosticDescriptor OffsetNeedsRange = Error(
        "KG0017",
        "Unsigned levels and offsets belong together",
        "'{0}' has {1}: {2}"
    );
    public static readonly DiagnosticDescriptor RuleNeedsGroup = Error(
        "KG0018",
        "A scale rule needs groups of a fixed size",
        "ScaleRule.{0} looks at one group at a time and cannot serve a whole {1}: use a group of 1 or more elements, or AbsMax, MxFloor, "
            + "MxCeiling or GaussianOptimal"
    );
    public static readonly DiagnosticDescriptor TensorScaleAlone = Error(
        "KG0019",
        "A tensor scale multiplies group scales",
        "'{0}' has a tensor scale {1}: it is a Float32 that multiplies the scales of groups of a fixed size with rule AbsMax and no offset"
    );
    public static readonly DiagnosticDescriptor LayoutCover = Error(
        "KG0020",
        "A layout names every part of the block once",
        "The layout of '{0}' {1} {2}: its {3}-bit codes need {4}"
    );
    public static readonly DiagnosticDescriptor LayoutGroups = Error(
        "KG0021",
        "A block of several groups needs group scales",
        "{0} groups in a block of '{1}': use 1 or more, and more than 1 only with a scale of a fixed group size; a block has up to {2} "
            + "elements"
    );
    public static readonly DiagnosticDescriptor Ties = Error(
        "KG0022",
        "An element cannot round ties that way",
        "TieRule.{0} is not defined for {1}: use {2}"
    );
    public static readonly DiagnosticDescriptor FractionBits = Error(
        "KG0023",
        "Fraction bits are 0 to 30",
        "{0} fraction bits in '{1}': use 0 to 30"
    );
    public static readonly DiagnosticDescriptor WideScaled = Error(
        "KG0024",
        "Elements wider than 8 bits take no scale",
        "'{0}' puts {1} on elements of {2} bits: remove it, or use an element of at most 8 bits"
    );
    public static readonly DiagnosticDescriptor NoLowestLevel = Error(
        "KG0025",
        "A signed-maximum rule needs a negative lowest level",
        "ScaleRule.{0} divides by the lowest level, which is {1} here: use an element with negative levels, or AbsMax"
    );
    public static readonly DiagnosticDescriptor UnknownEnum = Error(
        "KG0026",
        "An argument is not a member of its enum",
        "{0} is no {1}: use {2}"
    );
    public static readonly DiagnosticDescriptor GaussianNotSymmetric = Error(
        "KG0027",
        "GaussianOptimal places a grid around zero",
        "'{0}' combines ScaleRule.GaussianOptimal with {1}: use levels on both sides of zero and no offset"
    );
    public static readonly DiagnosticDescriptor TrellisRate = Error(
        "KG0030",
        "A trellis has 1 to 4.25 bits in steps of a sixteenth",
        "{0} bits for the trellis of '{1}': use 1 to 4.25 in steps of 0.0625, for example {2}"
    );
    public static readonly DiagnosticDescriptor TrellisStates = Error(
        "KG0031",
        "A trellis has 4096 to 65536 states",
        "{0} states for the trellis of '{1}': use 4096, 8192, 16384, 32768 or 65536, and 0 to 8 refinements (here {2})"
    );
    public static readonly DiagnosticDescriptor UnknownGrid = Error(
        "KG0032",
        "There is no Gaussian grid of that shape",
        "There is no grid of {0} entries in dimension {1} for '{2}': use {3}"
    );
    public static readonly DiagnosticDescriptor LatticeBits = Error(
        "KG0033",
        "E8P has 2, 3 or 4 bits",
        "{0} bits for the E8P codes of '{1}': use 2, 3 or 4"
    );
    public static readonly DiagnosticDescriptor TernaryPlanes = Error(
        "KG0034",
        "Ternary planes hold the elements of a group",
        "The planes of '{0}' hold {1} elements of a group of {2}: {3}"
    );
    public static readonly DiagnosticDescriptor BlockGroup = Error(
        "KG0035",
        "A group cannot be divided into whole codes",
        "A group of {0} under the [{1}] of '{2}': use {3}"
    );
    public static readonly DiagnosticDescriptor BlockScale = Error(
        "KG0036",
        "An element that codes whole blocks needs a scale that it can use",
        "'{0}' has {1} for its [{2}]: add [Scale(ScaleType.Float16, group: {3}, Rule = ScaleRule.{4})], or BFloat16 or Float32, or Rule = "
            + "ScaleRule.{5}"
    );
    public static readonly DiagnosticDescriptor BlockAlone = Error(
        "KG0037",
        "An element that codes whole blocks takes only its scale",
        "'{0}' combines [{1}] with {2}: {3}"
    );
    public static readonly DiagnosticDescriptor SparsePattern = Error(
        "KG0040",
        "A sparsity pattern keeps some of 2 to 16 weights",
        "{0}:{1} in '{2}' {3}: use {4}"
    );
    public static readonly DiagnosticDescriptor SparseGroup = Error(
        "KG0041",
        "A sparse format has a scale for a group of whole patterns",
        "The scale of '{0}' is per {1}: under [Sparse] use a group of a fixed size {2}, and no tensor scale"
    );
    public static readonly DiagnosticDescriptor SparseDensity = Error(
        "KG0042",
        "A density lies between 0 and 1",
        "A density of {0} in '{1}' keeps {2} of {3} weights: use one above 0 and below 1 that keeps at least 1 and drops at least 1"
    );
    public static readonly DiagnosticDescriptor SparseTwoBit = Error(
        "KG0043",
        "Two-bit places exist for 2:4, and for 4:8 by pairs",
        "SparseIndex.TwoBit in '{0}' cannot name the places of {1}: use 2:4, 4:8 with Pairs = true, or SparseIndex.Combinatorial"
    );
    public static readonly DiagnosticDescriptor OutlierFraction = Error(
        "KG0044",
        "Outliers are the few",
        "A fraction of {0} outliers in '{1}': use one above 0 and at most 0.5"
    );
    public static readonly DiagnosticDescriptor OutlierType = Error(
        "KG0045",
        "Outliers are stored in 16 bits",
        "Outliers of '{0}' cannot be stored as {1}: use Float16 or BFloat16"
    );
    public static readonly DiagnosticDescriptor OutlierScale = Error(
        "KG0046",
        "Outliers are taken out of blocks with scales of their own",
        "'{0}' has outliers and {1}: use a scale with a group of a fixed size, and no offset or tensor scale"
    );
    public static readonly DiagnosticDescriptor RotationSize = Error(
        "KG0047",
        "A rotation spans 16 to 4096 columns, a power of two",
        "A rotation of {0} columns in '{1}': use 16, 32, 64, 128, 256, 512, 1024, 2048 or 4096"
    );
    public static readonly DiagnosticDescriptor RotationBlock = Error(
        "KG0048",
        "Rotations and blocks divide each other",
        "'{0}' rotates {1} columns and codes blocks of {2}: one must be a multiple of the other, for example blocks of {3}"
    );
    public static readonly DiagnosticDescriptor RotationScale = Error(
        "KG0049",
        "A tensor-wide maximum says nothing about rotated weights",
        "'{0}' is rotated under {1}: use scales of groups or rows, or ScaleRule.GaussianOptimal, which rests on the RMS that a rotation "
            + "keeps"
    );
    public static readonly DiagnosticDescriptor BlockOfRow = Error(
        "KG0057",
        "What is kept of whole rows has no blocks of weights",
        "'{0}' takes outliers out of blocks of what is kept of whole rows: use the same Scope for both"
    );
    public static readonly DiagnosticDescriptor SparseArgument = Error(
        "KG0058",
        "Patterns and densities have arguments of their own",
        "{0} in '{1}' says nothing about {2}: {3}"
    );
    public static readonly DiagnosticDescriptor IntegerScaleAlone = Error(
        "KG0050",
        "Integer scales need a super-scale",
        "'{0}' stores {1} of type {2} without a [SuperScale]: add one, or use Float16"
    );
    public static readonly DiagnosticDescriptor SuperScaleOver = Error(
        "KG0051",
        "A super-scale multiplies integer group scales",
        "'{0}' has a super-scale over {1}: use {2}"
    );
    public static readonly DiagnosticDescriptor SuperBlock = Error(
        "KG0052",
        "A super-block has several groups of a multiple of 16 elements",
        "A super-block of '{0}' is {1} group(s) of {2}: use 2 or more groups of a multiple of 16 elements, up to {3} elements in all"
    );
    public static readonly DiagnosticDescriptor SubScaleOrder = Error(
        "KG0053",
        "An order of integer scales does not fit them",
        "SubScaleOrder.{0} cannot hold {1} entries of type {2} in '{3}': it needs {4}"
    );
    public static readonly DiagnosticDescriptor SuperScaleCombination = Error(
        "KG0054",
        "A super-scale cannot be combined with that",
        "'{0}' combines a super-scale with {1}: {2}"
    );
    public static readonly DiagnosticDescriptor Span = Error("KG0055", "A span does not fit its plane", "{0} = {1} in '{2}': {3}");
    public static readonly DiagnosticDescriptor SuperScaleType = Error(
        "KG0056",
        "A super-scale is stored in a signed type of 16 or 32 bits",
        "A super-scale cannot be stored as {0}: use Float16, BFloat16 or Float32"
    );
    public static readonly DiagnosticDescriptor ReservedName = Error(
        "KG0060",
        "A name is one that KernelGen generates",
        "'{0}' is the name of {1} that KernelGen generates for '{2}': rename {3}"
    );

    /// <summary>A fault of the generator itself; no declaration is known to cause it.</summary>
    public static readonly DiagnosticDescriptor CannotBeWritten = Error(
        "KG9999",
        "The kernels of a format could not be generated",
        "The kernels of '{0}' could not be generated ({1}): this is a fault of KernelGen; please report it with the declaration"
    );

    /// <summary>All that a declaration can cause, for the analyzer and the tests.</summary>
    public static IReadOnlyList<DiagnosticDescriptor> All { get; } =
    [
        .. typeof(Descriptors)
            .GetFields()
            .Select(field => field.GetValue(null))
            .OfType<DiagnosticDescriptor>()
            .Where(descriptor => descriptor != CannotBeWritten)
            .OrderBy(descriptor => descriptor.Id, StringComparer.Ordinal),
    ];

    /// <summary>All that the analyzer may report.</summary>
    public static IReadOnlyList<DiagnosticDescriptor> Reported { get; } = [.. All, CannotBeWritten];

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, Category, DiagnosticSeverity.Error, isEnabledByDefault: true);
}
