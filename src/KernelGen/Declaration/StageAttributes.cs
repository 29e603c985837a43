using KernelGen.Kernels.Elements;

namespace KernelGen;

/// <summary>
/// Only the weights of largest magnitude are kept and coded; a mask that is stored with them says which. <c>[Sparse(2, 4)]</c> on 4-bit
/// integers stores 2/4 · 4 bits of codes and 3/4 bit of mask per weight, plus the scale. The scale rule
/// sees the kept weights alone. <c>Scale</c>'s group counts all columns, kept or not, so a group of 64 under 2:4 has one
/// scale for 32 codes.
/// </summary>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class SparseAttribute : Attribute
{
    /// <summary>
    /// N:M sparsity: of every m neighbouring weights the n of largest magnitude are kept, of equal ones those further left.
    /// </summary>
    /// <param name="n">Weights kept, 1 to m − 1; even with <see cref="Pairs"/>.</param>
    /// <param name="m">Weights of a pattern, 2 to 16; even with <see cref="Pairs"/>.</param>
    public SparseAttribute(int n, int m) => (N, M) = (n, m);

    /// <summary>
    /// Sparsity without a pattern: the largest weights of every row (or block, see <see cref="Scope"/>) are kept, for each of its groups
    /// density · group of them rounded to the nearest, and a bitmap of one bit a weight says which.
    /// </summary>
    /// <param name="density">Share of the weights that is kept, above 0 and below 1.</param>
    public SparseAttribute(double density) => Density = density;

    /// <summary>Weights kept of a pattern; 0 without one.</summary>
    public int N { get; }

    /// <summary>Weights of a pattern; 0 without one.</summary>
    public int M { get; }

    /// <summary>Share of kept weights without a pattern.</summary>
    public double Density { get; }

    /// <summary>How the kept places of a pattern are stored. Default: as the number of the pattern.</summary>
    public SparseIndex Index { get; set; } = SparseIndex.Combinatorial;

    /// <summary>
    /// Without a pattern: where the largest weights are looked for. Default: in whole rows, under groups of a multiple of 8.
    /// </summary>
    public SelectionScope Scope { get; set; }

    /// <summary>
    /// Whether neighbouring pairs are kept or dropped together, by their sum of squares (4:8 by pairs: 4-bit sparse tensor cores).
    /// </summary>
    public bool Pairs { get; set; }
}

/// <summary>
/// The few largest weights are stored by themselves: <c>[Outliers(0.01, ScaleType.Float16)]</c> takes 1 % of them out, about ¼ bit per
/// weight, so that scales fit the others. The weights of largest magnitude of every row (or block, see <see cref="Scope"/>) are stored in
/// 16 bits with their places and are removed, that is replaced by zero, before the scale is chosen. A row of n columns, padded to whole
/// blocks, has ⌈fraction · n⌉ of them (<see cref="RowOutliers"/> says how they lie), a block (<c>Layout.Groups</c> groups) ⌈fraction ·
/// block⌉.
/// </summary>
/// <param name="fraction">Share of outliers, above 0 and at most ½.</param>
/// <param name="type">Their type: Float16 (saturates at 65504) or BFloat16.</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class OutliersAttribute(double fraction, ScaleType type) : Attribute
{
    /// <summary>Share of outliers.</summary>
    public double Fraction { get; } = fraction;

    /// <summary>Their type.</summary>
    public ScaleType Type { get; } = type;

    /// <summary>Where the largest weights are looked for. Default: in whole rows.</summary>
    public SelectionScope Scope { get; set; }
}

/// <summary>
/// Rows are rotated before they are coded, which spreads outliers over their neighbours, for no stored bits and one transform of the
/// activations per product: <c>[Hadamard(128)]</c> over groups of 128 or 64. Blocks of <c>size</c> columns, padded with zeros at the end of
/// a row, are multiplied by seeded signs and by the orthonormal Hadamard matrix (see <see cref="HadamardRotation"/>). Unpacking rotates
/// back; matvec and matmul rotate the activations instead, once per call.
/// </summary>
/// <param name="size">Columns of a rotation: a power of two from 16 to 4096, and a multiple or a divisor of the block beneath.</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class HadamardAttribute(int size) : Attribute
{
    /// <summary>Columns of a rotation.</summary>
    public int Size { get; } = size;

    /// <summary>Seed of the signs. Default 0.</summary>
    public uint Seed { get; set; }
}
