using System.Globalization;

namespace KernelGen.Scaling;

/// <summary>Magnitude sparsity without a pattern: of every row, or of the tensor, a share of values, the largest ones, is kept.</summary>
public sealed class UnstructuredSparsity : Sparsity
{
    /// <summary>A mask.</summary>
    /// <param name="density">Share of values kept, above 0 and below 1.</param>
    /// <param name="coding">How the mask is counted.</param>
    /// <param name="wholeTensor">Whether the largest values of the whole tensor are kept, however many of each row.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of range.</exception>
    public UnstructuredSparsity(double density, MaskCoding coding = MaskCoding.Bitmap, bool wholeTensor = false)
        : base(
            string.Create(
                CultureInfo.InvariantCulture,
                $"sparse{Math.Round(100 * (1 - density), 10)}%{(wholeTensor ? "@tensor" : "")}{(coding == MaskCoding.Entropy ? "@entropy" : "")}"
            )
        )
    {
        if (!(density > 0 && density < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(density), density, "The share of values kept must be above 0 and below 1.");
        }
        (Density, Coding, WholeTensor) = (density, coding, wholeTensor);
    }

    /// <summary>How the mask is counted.</summary>
    public MaskCoding Coding { get; }

    /// <inheritdoc/>
    public override double Density { get; }

    /// <inheritdoc/>
    public override bool WholeTensor { get; }

    /// <inheritdoc/>
    public override double IndexBits =>
        Coding == MaskCoding.Bitmap ? 1 : -Density * Math.Log2(Density) - (1 - Density) * Math.Log2(1 - Density);

    /// <inheritdoc/>
    public override int Block => 1;

    /// <inheritdoc/>
    public override int Kept(int columns) => (int)Math.Clamp(Math.Round(Density * columns), 1, columns);

    /// <inheritdoc/>
    public override double RowIndexBits(int columns) => IndexBits * columns;

    /// <inheritdoc/>
    public override void Select(ReadOnlySpan<float> row, Span<int> kept)
    {
        int wanted = Kept(row.Length);
        (uint threshold, int ties) = Threshold(row, wanted);
        int written = 0;
        for (int i = 0; i < row.Length && written < wanted; i++)
        {
            uint magnitude = Magnitude(row[i]);
            if (magnitude > threshold || (magnitude == threshold && ties-- > 0))
            {
                kept[written++] = i;
            }
        }
    }

    private static uint Magnitude(float value) => BitConverter.SingleToUInt32Bits(value) & 0x7FFFFFFFu;

    /// <summary>
    /// The bits of the smallest kept magnitude and how many of that very magnitude are kept: magnitudes order as their
    /// bits do, and three histograms of 11, 10 and 10 bits narrow them down.
    /// </summary>
    private static (uint Threshold, int Ties) Threshold(ReadOnlySpan<float> row, int wanted)
    {
        Span<int> counts = stackalloc int[2048];
        uint prefix = 0,
            known = 0;
        foreach ((int shift, int bits) in (ReadOnlySpan<(int, int)>)[(20, 11), (10, 10), (0, 10)])
        {
            counts.Clear();
            uint mask = (1u << bits) - 1;
            foreach (float value in row)
            {
                uint magnitude = Magnitude(value);
                if ((magnitude & known) == prefix)
                {
                    counts[(int)(magnitude >> shift & mask)]++;
                }
            }
            int bin = (int)mask;
            while (counts[bin] < wanted)
            {
                wanted -= counts[bin--];
            }
            prefix |= (uint)bin << shift;
            known |= mask << shift;
        }
        return (prefix, wanted);
    }
}
