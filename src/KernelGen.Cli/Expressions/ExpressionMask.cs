using System.Text.RegularExpressions;
using KernelGen.Scaling;

namespace KernelGen.Cli.Expressions;

/// <summary>Masks in expressions of formats are spelled as in compositions, and are declared stages here.</summary>
internal static class ExpressionMask
{
    private const string Block = "@block";

    public static void Write(Match match, DeclarationDraft to)
    {
        string text = match.Value;
        bool block = text.EndsWith(Block, StringComparison.Ordinal);
        switch (Read(block ? text[..^Block.Length] : text, to))
        {
            case BlockSparsity pattern when !block:
                to.Set("Sparse", 0, pattern.KeptPerBlock);
                to.Set("Sparse", 1, pattern.Block);
                if (pattern.Coding == PositionCoding.Index)
                {
                    to.Set("Sparse", "Index", SparseIndex.TwoBit);
                }
                if (pattern.Pairs)
                {
                    to.Set("Sparse", "Pairs", true);
                }
                break;
            case UnstructuredSparsity { WholeTensor: false, Coding: MaskCoding.Bitmap } share:
                to.Set("Sparse", 0, share.Density);
                if (block)
                {
                    to.Set("Sparse", "Scope", SelectionScope.Block);
                }
                break;
            default:
                throw to.Wrong(
                    "no declared format stores such a mask; those are sparse24, sparse4of8, sparse24@index, sparse50% and sparse50%@block."
                );
        }
    }

    private static Sparsity? Read(string mask, DeclarationDraft to)
    {
        try
        {
            return RepresentationParser.Parse(mask, new FormatCatalog()).Mask;
        }
        catch (FormatException e)
        {
            throw to.Wrong(e.InnerException is ArgumentOutOfRangeException wrong ? wrong.Message.Split(" (Parameter", 2)[0] : NoMask);
        }
    }

    private const string NoMask = "this is no mask: write sparse24, sparse4of8, sparse24@index, sparse50% or sparse50%@block.";
}
