using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;

namespace KernelGen.Kernels.Coding;

/// <summary>
/// Trellises, vector codebooks and lattices: their scale is a multiple of the RMS, the best for a Gaussian or the best of a few.
/// </summary>
/// <param name="name">The format's name.</param>
/// <param name="block">Elements per block.</param>
/// <param name="codeBytes">Bytes of the codes.</param>
/// <param name="parts">Where the parts of a block lie.</param>
/// <param name="unit">The multiple of the RMS that is best for a Gaussian.</param>
/// <param name="searches">Whether several scales are tried.</param>
internal abstract class SearchedCodec(string name, int block, int codeBytes, ScaledBlock parts, double unit, bool searches)
    : ScaledCodec(name, block, codeBytes, parts)
{
    /// <summary>The scales that are tried for any block, in units of the one that is best for a Gaussian.</summary>
    protected virtual ReadOnlySpan<float> Multiples => [0.94f, 1f, 1.06f];

    /// <summary>Codes of values in units of the scale. The reference is the same search without vectors.</summary>
    protected abstract void EncodeCodes(ReadOnlySpan<float> units, ReadOnlySpan<float> importance, Span<byte> block, bool reference);

    protected sealed override void Encode(
        ReadOnlySpan<float> values,
        ReadOnlySpan<float> importance,
        int row,
        int column,
        Span<byte> block,
        bool reference
    )
    {
        double gaussian = BlockScale.RootMeanSquare(Name, values, row, column) * unit;
        Span<float> units = stackalloc float[Block];
        if (searches)
        {
            Search(values, importance, gaussian, units, block, reference);
            return;
        }
        float scale = Stored(gaussian);
        BlockScale.Divide(values, scale, units);
        EncodeCodes(units, default, block, reference);
        WriteScale(scale, block);
    }

    /// <summary>Of a few scales, each refitted to the codes that it gives, the one with the least squared error.</summary>
    private void Search(
        ReadOnlySpan<float> values,
        ReadOnlySpan<float> importance,
        double gaussian,
        Span<float> units,
        Span<byte> block,
        bool reference
    )
    {
        Span<byte> trial = stackalloc byte[BlockBytes];
        double least = double.PositiveInfinity;
        foreach (double candidate in BlockScale.Candidates(values, gaussian, Multiples, stackalloc double[BlockScale.MaxCandidates]))
        {
            BlockScale.Divide(values, Stored(candidate), units);
            EncodeCodes(units, importance, trial, reference);
            DecodeCodes(trial, 1f, units, reference);
            float scale = Stored(BlockScale.LeastSquares(values, units, importance));
            double error = BlockScale.SquaredError(values, units, scale, importance);
            if (error < least)
            {
                least = error;
                trial.CopyTo(block);
                WriteScale(scale, block);
            }
        }
    }
}
