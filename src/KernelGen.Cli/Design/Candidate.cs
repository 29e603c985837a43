using KernelGen.Cli.Expressions;
using KernelGen.Generators.Emit;
using KernelGen.Generators.Model;
using KernelGen.Generators.Plan.Codecs;
using KernelGen.Kernels.Coding;
using KernelGen.Kernels.Elements;

namespace KernelGen.Cli.Design;

/// <summary>What a code of a format stands for.</summary>
internal enum DesignKind
{
    /// <summary>One weight, on a grid or in a codebook.</summary>
    Scalar,

    /// <summary>Several weights: a codebook of vectors, a lattice.</summary>
    Vector,

    /// <summary>Steps of a trellis.</summary>
    Trellis,
}

/// <summary>A format that the search may choose, as its declaration plans it; nothing of it is compiled.</summary>
/// <param name="name">An expression, or a name of the catalogue.</param>
/// <param name="model">The declaration.</param>
internal sealed class Candidate(string name, FormatModel model)
{
    /// <summary>The expression that declares it, or the name of a built-in format.</summary>
    public string Name { get; } = name;

    /// <summary>Sizes, as the compiled format states them.</summary>
    public FormatInfo Info { get; } = Describe(model);

    /// <summary>The kind of its codes.</summary>
    public DesignKind Kind { get; } =
        model.Element switch
        {
            TrellisElementModel => DesignKind.Trellis,
            VectorElementModel or LatticeElementModel => DesignKind.Vector,
            _ => DesignKind.Scalar,
        };

    /// <summary>Whether it has products of bytes.</summary>
    public bool HasIntegers => KernelSummary.Integers(model) is { HasIntegers: true };

    /// <summary>What judges it; made for each judgement, as trellises and codebooks have large tables.</summary>
    public RowCoder Coder() => CandidateCoder.Of(model);

    /// <summary>An expression as a candidate; null if no declaration can be so.</summary>
    public static Candidate? Of(string expression)
    {
        try
        {
            FormatExpression parsed = FormatExpression.Parse(expression);
            return new(parsed.Text, parsed.Model);
        }
        catch (ExpressionException)
        {
            return null;
        }
    }

    /// <summary>A declared format as a candidate; null if it is written by hand.</summary>
    public static Candidate? Of(CompressedFormat format) =>
        GeneratorSource.Model(format) is { } model ? new(format.Info.Name, model) : null;

    private static FormatInfo Describe(FormatModel model)
    {
        var format = new InnerFormat(model);
        return new()
        {
            Name = model.Name,
            Family = format.Family,
            ElementBits = format.ElementBits,
            Group = format.Group,
            Block = format.Block,
            BlockBytes = format.BlockBytes,
            RowHeaderBytes = format.RowHeaderBytes,
            TensorHeader = format.TensorHeader is { } header ? CandidateCoder.As<ScaleType>(header) : null,
            RowOutliers = format.RowOutliers is { } outliers
                ? new RowOutliers(outliers.Fraction, CandidateCoder.As<ScaleType>(outliers.Type))
                : null,
            CandidatesPerWeight = format.Candidates,
            Stages = [],
        };
    }
}
