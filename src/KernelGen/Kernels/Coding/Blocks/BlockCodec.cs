using System.ComponentModel;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;
using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Coding;

/// <summary>
/// The coder of one block of a format, in two forms: the kernels and their scalar reference. Generated code makes it from the numbers of
/// the
/// declaration.
/// </summary>
/// <param name="name">The format's name, for messages.</param>
/// <param name="block">Elements per block.</param>
/// <param name="blockBytes">Bytes per block.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class BlockCodec(string name, int block, int blockBytes)
{
    private protected string Name { get; } = name;

    private protected int Block { get; } = block;

    private protected int BlockBytes { get; } = blockBytes;

    /// <summary>Encodes one block, its scales included.</summary>
    /// <param name="values">The block's values; fewer than a block at the end of a row, where the rest counts as zero and enters no
    /// scale.</param>
    /// <param name="importance">A weight for every element of a whole block, 0 for missing ones, or none; codecs that do not search take no
    /// notice.</param>
    /// <param name="row">Row, for messages.</param>
    /// <param name="column">First column, for messages.</param>
    /// <param name="block">Receives the block's bytes; need not be clear.</param>
    /// <exception cref="NonFiniteWeightException">A value is NaN or infinite.</exception>
    public abstract void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, int row, int column, Span<byte> block);

    /// <summary>Decodes one block, bit for bit as the reference decoder does.</summary>
    /// <param name="block">The block's bytes.</param>
    /// <param name="values">Receives all values of the block.</param>
    public abstract void Decode(ReadOnlySpan<byte> block, Span<float> values);

    /// <summary>The scalar reference of <see cref="Encode"/>.</summary>
    /// <param name="values">The block's values, or fewer at the end of a row.</param>
    /// <param name="row">Row, for messages.</param>
    /// <param name="column">First column, for messages.</param>
    /// <param name="block">Receives the block's bytes; need not be clear.</param>
    public abstract void ReferenceEncode(ReadOnlySpan<float> values, int row, int column, Span<byte> block);

    /// <summary>The scalar reference of <see cref="Decode"/>.</summary>
    /// <param name="block">The block's bytes.</param>
    /// <param name="values">Receives all values of the block.</param>
    public abstract void ReferenceDecode(ReadOnlySpan<byte> block, Span<float> values);

    /// <summary>Reads one group as codes; see <see cref="ICompressedFormat{TSelf}.ReadGroup"/>.</summary>
    /// <param name="packedRow">The packed row.</param>
    /// <param name="group">Index of the group in its row.</param>
    /// <param name="codes">Receives the codes of the group, one a byte.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="offset">The offset; 0 if there is none.</param>
    public virtual void ReadGroup(ReadOnlySpan<byte> packedRow, int group, Span<byte> codes, out float scale, out float offset) =>
        throw new InvalidOperationException($"{Name} has no integer kernels.");

    /// <summary>Reads neighbouring groups as codes.</summary>
    /// <param name="packedRow">The packed row.</param>
    /// <param name="firstGroup">The first group, which starts a block.</param>
    /// <param name="codes">Receives the codes of whole blocks, one a byte.</param>
    /// <param name="scales">Receives a scale for every group of them.</param>
    /// <param name="offsets">Receives an offset for every group.</param>
    public virtual void ReadGroups(ReadOnlySpan<byte> packedRow, int firstGroup, Span<byte> codes, Span<float> scales, Span<float> offsets)
    {
        int group = codes.Length / Math.Max(1, scales.Length);
        for (int g = 0; g < scales.Length; g++)
        {
            ReadGroup(packedRow, firstGroup + g, codes.Slice(g * group, group), out scales[g], out offsets[g]);
        }
    }

    /// <summary>The matrix repacked for products in float32 alone; null without a layout for that.</summary>
    internal virtual ProductMatrix? Repack(FormatInfo info, ReadOnlySpan<byte> packed, int rows, int columns) => null;

    /// <summary>Signs.</summary>
    /// <param name="name">The format's name.</param>
    /// <param name="block">Elements per block.</param>
    /// <param name="parts">Where the parts of a block lie.</param>
    /// <param name="searches">Whether the scale is the one of least error rather than that of a Gaussian.</param>
    public static BlockCodec Signs(string name, int block, ScaledBlock parts, bool searches) => new SignCodec(name, block, parts, searches);

    /// <summary>Elements −1, 0 and 1.</summary>
    /// <param name="name">The format's name.</param>
    /// <param name="block">Elements per block.</param>
    /// <param name="parts">Where the parts of a block lie.</param>
    /// <param name="code">How elements share bytes.</param>
    /// <param name="rule">How the scale is chosen.</param>
    /// <param name="unrounded">Whether codes are chosen by the scale before it is rounded to its type.</param>
    /// <param name="planes">The planes of a block.</param>
    public static BlockCodec Ternary(
        string name,
        int block,
        ScaledBlock parts,
        TernaryCode code,
        ScaleRule rule,
        bool unrounded,
        TernaryPart[] planes
    ) => new TernaryCodec(name, block, parts, code, rule, unrounded, planes);

    /// <summary>Points of the lattice E8.</summary>
    /// <param name="name">The format's name.</param>
    /// <param name="block">Elements per block.</param>
    /// <param name="parts">Where the parts of a block lie.</param>
    /// <param name="bits">Bits per element: 2, or 3 and 4 with a second stage.</param>
    /// <param name="searches">Whether several scales are tried.</param>
    public static BlockCodec Lattice(string name, int block, ScaledBlock parts, int bits, bool searches) =>
        bits == 2 ? new LatticeCodec(name, block, parts, searches) : new LatticePairCodec(name, block, parts, bits, searches);

    /// <summary>A trellis.</summary>
    /// <param name="name">The format's name.</param>
    /// <param name="spec">The trellis.</param>
    /// <param name="parts">Where the parts of a block lie.</param>
    /// <param name="refinements">Searches after the first.</param>
    /// <param name="searches">Whether several scales are tried.</param>
    public static BlockCodec Trellis(string name, TrellisSpec spec, ScaledBlock parts, int refinements, bool searches) =>
        new TrellisCodec(name, spec, parts, refinements, searches);

    /// <summary>Indices into a codebook.</summary>
    /// <param name="name">The format's name.</param>
    /// <param name="block">Elements per block.</param>
    /// <param name="parts">Where the parts of a block lie.</param>
    /// <param name="dimension">Dimension of the entries.</param>
    /// <param name="entries">The entries one after the other, a power of two of them.</param>
    /// <param name="searches">Whether several scales are tried.</param>
    public static BlockCodec Vectors(
        string name,
        int block,
        ScaledBlock parts,
        int dimension,
        ReadOnlySpan<float> entries,
        bool searches
    ) => new VectorCodec(name, block, parts, new(dimension, entries.ToArray()), searches);

    /// <summary>A mask after a block of kept weights.</summary>
    /// <typeparam name="TKept">The format of the kept weights.</typeparam>
    /// <param name="name">The format's name.</param>
    /// <param name="mask">The mask.</param>
    /// <param name="zeroCode">The code of zero of the kept weights' format, −1 if there is none.</param>
    public static BlockCodec Sparse<TKept>(string name, SparseBlock mask, int zeroCode = -1)
        where TKept : struct, ICompressedFormat<TKept> => new SparseCodec<TKept>(name, mask, zeroCode);

    /// <summary>Outliers after a block of the rest.</summary>
    /// <typeparam name="TInliers">The format of the rest.</typeparam>
    /// <param name="name">The format's name.</param>
    /// <param name="count">Outliers per block.</param>
    /// <param name="type">Type of their values.</param>
    public static BlockCodec Outliers<TInliers>(string name, int count, ScaleType type)
        where TInliers : struct, ICompressedFormat<TInliers> => new OutlierBlockCodec<TInliers>(name, count, type);

    /// <summary>Groups whose scales are integers times a super-scale.</summary>
    /// <typeparam name="TRecipe">The format's own part.</typeparam>
    /// <param name="spec">The super-block.</param>
    public static BlockCodec SuperScales<TRecipe>(SuperBlockSpec spec)
        where TRecipe : struct, ISuperBlockRecipe => new SuperScaleCodec<TRecipe>(spec);

    /// <summary>The same without generated code: blocks are decoded as the reference decodes them.</summary>
    /// <param name="spec">The super-block.</param>
    public static BlockCodec SuperScales(SuperBlockSpec spec) => new SuperScaleCodec<NoRecipe>(spec);

    /// <summary>The recipe of no vector width.</summary>
    private readonly struct NoRecipe : ISuperBlockRecipe
    {
        public static int Widths => 0;
        public static int Groups => 0;
        public static int Entries => 0;
        public static ScaleType Super => ScaleType.Float16;
        public static int SuperScaleOffset => 0;
    }
}
