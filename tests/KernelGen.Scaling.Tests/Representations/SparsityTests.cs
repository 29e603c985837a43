namespace KernelGen.Scaling.Tests;

public class SparsityTests
{
    [Theory]
    [InlineData(2, 4, false, 3, 4)]
    [InlineData(1, 4, false, 2, 2)]
    [InlineData(1, 2, false, 1, 1)]
    [InlineData(4, 8, true, 3, 4)]
    [InlineData(4, 8, false, 7, 12)]
    [InlineData(8, 16, false, 14, 32)]
    [InlineData(15, 16, false, 4, 60)]
    public void Positions_are_counted(int kept, int of, bool pairs, int combination, int index)
    {
        Assert.Equal(combination, new BlockSparsity(kept, of, pairs).BlockBits);
        Assert.Equal(index, new BlockSparsity(kept, of, pairs, PositionCoding.Index).BlockBits);
        Assert.Equal((double)combination / of, new BlockSparsity(kept, of, pairs).IndexBits);
        // Never below the entropy of the choice.
        double choices = 1;
        for (int i = 0; i < kept / (pairs ? 2 : 1); i++)
        {
            choices = choices * (of / (pairs ? 2 : 1) - i) / (i + 1);
        }
        Assert.True(combination >= Math.Log2(choices));
    }

    [Fact]
    public void Unstructured_masks_cost_a_bit_or_their_entropy()
    {
        Assert.Equal(1, new UnstructuredSparsity(0.5).IndexBits);
        Assert.Equal(1, new UnstructuredSparsity(0.5, MaskCoding.Entropy).IndexBits, 1e-15);
        Assert.Equal(0.468996, new UnstructuredSparsity(0.1, MaskCoding.Entropy).IndexBits, 1e-6);
        Assert.Equal(100, new UnstructuredSparsity(0.1).RowIndexBits(100));
    }

    [Fact]
    public void Largest_are_kept_in_order_and_ties_go_left()
    {
        Assert.Equal([1, 2, 4, 5], Select(new BlockSparsity(2, 4), [1, -3, 2, 1, 5, 5, 5, -5]));
        Assert.Equal([0, 1, 6, 7], Select(new BlockSparsity(4, 8, pairs: true), [3, 0, 2, 2, 1, 1, 0, -4]));
        Assert.Equal([1, 2, 4, 5], Select(new BlockSparsity(2, 4), [1, -3, 2, 1, 7, 8]));
        Assert.Equal([0, 2, 3, 4], Select(new UnstructuredSparsity(0.5), [4, 1, -2, 2, 2, 2, 0, 0]));
        Assert.Equal([0, 1], Select(new UnstructuredSparsity(0.5), [0, 0, -0f, 0]));
        Assert.Equal([2], Select(new UnstructuredSparsity(0.01), [1e-30f, 0, 1e-29f]));
        // A short last block, by pairs and not: as many as fit, the largest.
        Assert.Equal([0, 1, 6, 7, 8, 10, 11, 12], Select(new BlockSparsity(4, 8, pairs: true), [3, 0, 2, 2, 1, 1, 0, -4, 5, 1, 6, 7, 8]));
    }

    [Fact]
    public void Selection_equals_sorting()
    {
        var random = new Random(4);
        foreach (
            Sparsity mask in new Sparsity[]
            {
                new BlockSparsity(2, 4),
                new BlockSparsity(3, 7),
                new BlockSparsity(8, 16),
                new UnstructuredSparsity(0.3),
                new UnstructuredSparsity(0.97),
            }
        )
        {
            foreach (int columns in new[] { 1, 5, 64, 1001 })
            {
                float[] row =
                [
                    .. Enumerable.Range(0, columns).Select(_ => (float)(random.NextDouble() - 0.5) * MathF.Pow(10, random.Next(-40, 30))),
                ];
                int block = mask is BlockSparsity pattern ? pattern.Block : columns;
                IEnumerable<int> expected = Enumerable
                    .Range(0, (columns + block - 1) / block)
                    .SelectMany(b =>
                    {
                        int count = Math.Min(block, columns - b * block);
                        return Enumerable
                            .Range(b * block, count)
                            .OrderByDescending(i => Math.Abs(row[i]))
                            .ThenBy(i => i)
                            .Take(mask is BlockSparsity p ? Math.Min(p.KeptPerBlock, count) : mask.Kept(columns))
                            .Order();
                    });
                Assert.Equal(expected, Select(mask, row));
            }
        }
    }

    [Fact]
    public void A_mask_over_the_tensor_keeps_the_largest_wherever_they_are()
    {
        const int rows = 5,
            columns = 77,
            kept = 193; // half of 385, to even
        var random = new Random(6);
        float[] weights =
            [.. Enumerable.Range(0, rows * columns).Select(i => (float)(random.NextDouble() - 0.5) * MathF.Pow(2, i / columns))],
            result = new float[weights.Length];
        HashSet<int> largest = [.. Enumerable.Range(0, weights.Length).OrderByDescending(i => Math.Abs(weights[i])).Take(kept - 1)];
        Representation mask = Representation.Sparse(0.5, wholeTensor: true),
            quantised = mask.Then<HandMadeInt4>();
        mask.RoundTrip(weights, rows, columns, result);
        Assert.Equal(weights.Select((w, i) => largest.Contains(i) ? w : 0f), result);

        // what is kept is one row to the format; rows keep as many as they happen to
        float[] row = [.. weights.Where((_, i) => largest.Contains(i))],
            decoded = new float[row.Length];
        CompressedFormat.Of<HandMadeInt4>().RoundTrip(row, 1, row.Length, decoded);
        quantised.RoundTrip(weights, rows, columns, result);
        Assert.Equal(decoded, result.Where((_, i) => largest.Contains(i)));
        Assert.Equal(
            8.0 * CompressedFormat.Of<HandMadeInt4>().Info.PackedBytes(1, row.Length) + rows * columns + 32 * rows,
            quantised.MatrixBits(rows, columns)
        );

        double ofRows = Error(Representation.Sparse(0.5)),
            ofTensor = Error(mask);
        Assert.True(ofTensor < 0.5 * ofRows, $"{ofTensor} against {ofRows}");

        double Error(Representation representation)
        {
            representation.RoundTrip(weights, rows, columns, result);
            return weights.Zip(result, (w, d) => Math.Pow(w - d, 2)).Sum();
        }
    }

    [Fact]
    public void A_mask_over_the_tensor_has_the_exact_error_of_Gaussian_values()
    {
        RepresentationResult measured = Representation.Sparse(0.1, wholeTensor: true).Measure(new() { Samples = 1 << 22, Seed = 3 });
        Assert.InRange(measured.Weights.Gmse / MagnitudeSparsity.Gmse(0.9), 0.998, 1.002);
    }

    private static int[] Select(Sparsity mask, float[] row)
    {
        var kept = new int[mask.Kept(row.Length)];
        mask.Select(row, kept);
        return kept;
    }

    [Fact]
    public void Impossible_masks_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BlockSparsity(4, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BlockSparsity(0, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BlockSparsity(2, 17));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BlockSparsity(3, 8, pairs: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => new UnstructuredSparsity(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new UnstructuredSparsity(double.NaN));
    }
}
