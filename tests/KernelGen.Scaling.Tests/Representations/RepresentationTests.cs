namespace KernelGen.Scaling.Tests;

public class RepresentationTests
{
    private static readonly FormatCatalog Catalog = new(
        CompressedFormat.Of<HandMadeInt4>(),
        CompressedFormat.Of<HandMadeMidRise>(),
        CompressedFormat.Of<HandMadeFloat32>()
    );

    private static readonly ProbeOptions Few = new() { Samples = 1 << 21 };

    /// <summary>
    /// Errors of masks by magnitude with their standard errors, from an independent measurement; exact ones of long rows.
    /// </summary>
    [Theory]
    [InlineData("2:4", 0.1323649, 0.00016)]
    [InlineData("1:4", 0.382222, 0.00028)]
    [InlineData("1:2", 0.1816208, 0.00019)]
    [InlineData("sparse10%", 0.00052525175, 0)]
    [InlineData("sparse50%", 0.071325918, 0)]
    [InlineData("sparse75%", 0.27639304, 0)]
    [InlineData("sparse90%", 0.56071394, 0)]
    public void Masks_have_the_golden_errors(string text, double expected, double standardError)
    {
        CapacityResult weights = Representation.Parse(text, Catalog).Measure(Few).Weights;
        // Rows keep a whole number of their 4096 values exactly: a bias of order 1/4096 on top of the sampling error.
        double allowed = 4 * double.Hypot(weights.StandardError!.Value, standardError) + expected / 1000;
        Assert.InRange(weights.Gmse - expected, -allowed, allowed);
    }

    [Theory]
    [InlineData("2:4", 0.5 * 16 + 0.75)]
    [InlineData("sparse50%", 0.5 * 16 + 1)]
    [InlineData("dense", 16)]
    [InlineData("2:4+hand-int4-g32", 0.5 * 8.5 + 0.75)]
    [InlineData("2:4@index+hand-int4-g32", 0.5 * 8.5 + 1)]
    [InlineData("sparse48pair+hand-int4-g32", 0.5 * 8.5 + 0.375)]
    [InlineData("sparse50+hand-int4-g32", 0.5 * 8.5 + 1)]
    [InlineData("sparse75+hand-int4-g32", 0.25 * 8.5 + 1)]
    [InlineData("sparse90@entropy+hand-int4-g32", 0.1 * 8.5 + 0.4689955935892812)]
    [InlineData("sparse90@tensor@entropy+hand-int4-g32", 0.1 * 8.5 + 0.4689955935892812)]
    [InlineData("sparse90@tensor+hand-int4-g32", 0.1 * 8.5 + 1)]
    [InlineData("hand-int4@token", 4)]
    public void Bits_are_counted_in_full(string text, double bits)
    {
        Representation representation = Representation.Parse(text, Catalog);
        Assert.Equal(bits, representation.Bits, 1e-12);
        // A large matrix comes to the same, headers and padding aside.
        Assert.Equal(bits, representation.MatrixBits(64, 1 << 16) / 64 / (1 << 16), bits * 1e-3);
    }

    [Fact]
    public void A_group_is_a_group_of_kept_values()
    {
        const int rows = 3,
            columns = 128;
        var weights = new float[rows * columns];
        ValueSource.Gaussian.Fill(1, 0, weights);
        var result = new float[weights.Length];
        Representation.Sparse(2, 4).Then<HandMadeInt4>().RoundTrip(weights, rows, columns, result);
        for (int row = 0; row < rows; row++)
        {
            // By hand: mask, move together, quantise, put back.
            int[] kept =
            [
                .. Enumerable
                    .Range(0, columns / 4)
                    .SelectMany(b =>
                        Enumerable.Range(4 * b, 4).OrderByDescending(i => Math.Abs(weights[row * columns + i])).Take(2).Order()
                    ),
            ];
            var stored = new float[kept.Length];
            HandMadeInt4.RoundTrip([.. kept.Select(i => weights[row * columns + i])], 1, kept.Length, stored);
            var expected = new float[columns];
            for (int i = 0; i < kept.Length; i++)
            {
                expected[kept[i]] = stored[i];
            }
            Assert.Equal(expected, result[(row * columns)..((row + 1) * columns)]);
        }
    }

    [Fact]
    public void Round_trip_works_in_place_and_for_any_number_of_threads()
    {
        const int rows = 37,
            columns = 203;
        var weights = new float[rows * columns];
        ValueSource.Gaussian.Fill(1, 0, weights);
        foreach (
            string text in new[]
            {
                "2:4",
                "sparse30+hand-int4-g32",
                "4:8pair+hand-int4",
                "hand-int4@token",
                "hand-int4@tensor",
                "2:4+hand-int4@tensor",
                "dense",
                "hand-int4",
            }
        )
        {
            Representation representation = Representation.Parse(text, Catalog);
            var one = new float[weights.Length];
            representation.RoundTrip(weights, rows, columns, one, Parallelism.Single);
            float[] inPlace = [.. weights];
            representation.RoundTrip(inPlace, rows, columns, inPlace, new Parallelism { Threads = 3 });
            Assert.Equal(one, inPlace);
            Assert.Throws<ArgumentException>(() => representation.RoundTrip(weights, rows + 1, columns, one));
        }
    }

    [Fact]
    public void Values_that_are_not_finite_are_named()
    {
        float[] weights = [1, 2, 3, 4, 5, 6, float.NaN, 8];
        foreach (string text in new[] { "2:4", "sparse50+hand-f32", "hand-int4@token", "sparse50+hand-int4" })
        {
            var failure = Assert.Throws<NonFiniteWeightException>(() =>
                Representation.Parse(text, Catalog).RoundTrip(weights, 2, 4, weights)
            );
            Assert.Equal((1L, 2L), (failure.Row, failure.Column));
        }
    }

    [Fact]
    public void Composition_reports_product_direct_and_difference()
    {
        RepresentationResult result = Representation.Parse("2:4+hand-int4-g32 x hand-int4@token", Catalog).Measure(Few);
        Assert.Equal("2:4+hand-int4-g32 x hand-int4@token", result.Name);
        Assert.Equal(["2:4", "hand-int4-g32"], result.WeightParts.Select(p => p.Name));
        Assert.Equal("hand-int4@token", result.Activations!.Name);
        Assert.False(result.HasFusedKernel);
        Assert.Contains("no fused kernel", result.Note);
        Assert.Equal(
            CapacityFamily.Sparse.Coefficients.Capacity(result.WeightParts[0].Gmse)
                * CapacityFamily.Int.Coefficients.Capacity(result.WeightParts[1].Gmse)
                * CapacityFamily.Int.Coefficients.Capacity(result.Activations.Gmse),
            result.CapacityByProduct,
            1e-14
        );
        Assert.Equal(
            CapacityFamily.SparseQuantised.Coefficients.Capacity(result.Gmse) * result.Activations.Capacity,
            result.CapacityDirect,
            1e-14
        );
        Assert.Equal(result.CapacityByProduct - result.CapacityDirect, result.FactorisationError, 1e-15);
        // Dropping and rounding are errors of different values: the composed error lies above either and below their sum.
        Assert.InRange(result.Gmse, result.WeightParts[0].Gmse, result.WeightParts[0].Gmse + result.WeightParts[1].Gmse);
        Assert.True(result.Weights.GapBits > 0);
    }

    [Fact]
    public void One_declared_format_is_itself()
    {
        Representation representation = Representation.Parse("HAND-INT4-G32", Catalog);
        Assert.True(representation.HasFusedKernel);
        RepresentationResult result = representation.Measure(Few);
        CapacityResult direct = CapacityProbe.Measure(Catalog["hand-int4-g32"], Few);
        Assert.Equal((direct.Gmse, direct.StandardError, direct.Bits), (result.Gmse, result.Weights.StandardError, result.Bits));
        Assert.Equal(0, result.FactorisationError);
        Assert.Null(result.Note);
        Assert.NotNull(Representation.Of<HandMadeMidRise>().Measure(Few).Weights.ExactGmse);
    }

    [Fact]
    public void Threads_do_not_change_a_composition()
    {
        Representation representation = Representation.Parse("sparse50+hand-int4-g32", Catalog);
        Assert.Equal(representation.Measure(Few with { Threads = 1 }).Gmse, representation.Measure(Few with { Threads = 5 }).Gmse);
    }

    [Fact]
    public void Scale_reach_matters_as_it_should()
    {
        // The largest of 4096 values lies lower than the largest of 65536: a token's scale serves better than a tensor's.
        double token = Representation.Parse("hand-int4@token", Catalog).Measure(Few).Gmse;
        double tensor = Representation.Parse("hand-int4@tensor", Catalog).Measure(Few).Gmse;
        double group = Representation.Scaled(HandMadeMidRise.Info, 32).Measure(Few).Gmse;
        Assert.True(group < token && token < tensor);
    }

    [Fact]
    public void Tensor_stands_for_the_weights()
    {
        const int rows = 40,
            columns = 300;
        var values = new float[rows * columns];
        ValueSource.StudentT(4).Fill(2, 0, values);
        Representation representation = Representation.Parse("2:4+hand-int4 x hand-int4-g32", Catalog);
        RepresentationResult result = representation.Measure(Few with { Source = new TensorSource("w", values, rows, columns) });
        var back = new float[values.Length];
        representation.RoundTrip(values, rows, columns, back);
        Assert.Equal(SquaredError.Of(values, back).RelativeError, result.Gmse, 1e-12);
        Assert.Equal(("w", "gaussian"), (result.Weights.Source, result.Activations!.Source));
        Assert.Equal(representation.MatrixBits(rows, columns) / values.Length, result.Bits);
    }

    [Theory]
    [InlineData("sparse24+hand-int4-g32 x hand-int4", "2:4+hand-int4-g32 x hand-int4")]
    [InlineData("sparse24%", "sparse24%")]
    [InlineData("sparse50", "sparse50%")]
    [InlineData("Sparse62.5%@entropy", "sparse62.5%@entropy")]
    [InlineData("sparse50@TENSOR", "sparse50%@tensor")]
    [InlineData("sparse50@tensor@entropy", "sparse50%@tensor@entropy")]
    [InlineData("sparse48pair", "4:8pair")]
    [InlineData("sparse4of8", "4:8pair")]
    [InlineData("Sparse4of8@index + hand-int4", "4:8pair@index+hand-int4")]
    [InlineData("sparse2of4", "2:4")]
    [InlineData("sparse3of8", "3:8")]
    [InlineData("sparse8:16@index", "8:16@index")]
    [InlineData("sparse42", "sparse42%")]
    [InlineData("sparse5", "sparse5%")]
    [InlineData(" 2:4 + hand-int4@row x dense ", "2:4+hand-int4@token x dense")]
    [InlineData("fp8-hand-int4", "hand-int4")]
    [InlineData("2:4 × hand-int4@tensor", "2:4 x hand-int4@tensor")]
    public void Text_is_read_and_written(string text, string name)
    {
        Representation representation = Representation.Parse(text, Catalog);
        Assert.Equal(name, representation.Name);
        Assert.Equal(name, Representation.Parse(name, Catalog).Name);
    }

    [Theory]
    [InlineData("hand-int5-g32", "hand-int4-g32")]
    [InlineData("2:4+", "missing")]
    [InlineData("", "missing")]
    [InlineData("hand-int4+2:4", "Sparsify first")]
    [InlineData("hand-int4+hand-int4", "format ends the chain")]
    [InlineData("2:4+sparse50", "one mask")]
    [InlineData("5:4", "5:4 keeps 5 of 4")]
    [InlineData("3:8pair", "even")]
    [InlineData("sparse9of8", "9:8 keeps 9 of 8")]
    [InlineData("sparse4of", "neither a format nor a mask")]
    [InlineData("sparse0", "above 0")]
    [InlineData("sparse100", "above 0")]
    [InlineData("2:4@bitmap", "index")]
    [InlineData("sparse50@index", "bitmap or entropy")]
    [InlineData("sparse50@tensor@token", "not 'tensor@token'")]
    [InlineData("sparse50@tensor+hand-int4-g32@row", "scales of groups or of the tensor")]
    [InlineData("hand-int4@group", "token, row or tensor")]
    [InlineData("hand-f32@token", "levels")]
    [InlineData("dense x dense x dense", "3 sides")]
    public void Wrong_text_is_explained(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => Representation.Parse(text, Catalog)).Message);

    [Fact]
    public void Algebra_refuses_what_makes_no_sense()
    {
        Representation both = Representation.Of<HandMadeInt4>().With(Representation.Of<HandMadeInt4>());
        Assert.Throws<InvalidOperationException>(() => both.With(Representation.Dense));
        Assert.Throws<InvalidOperationException>(() => both.Then(Representation.Dense));
        Assert.Throws<ArgumentException>(() => Representation.Scaled(HandMadeFloat32.Info, ScaleGroup.Row));
        Assert.Throws<ArgumentOutOfRangeException>(() => Representation.UniformAbsMax(4, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Representation.UniformAbsMax(9, 32));
    }

    [Fact]
    public void Factorisation_table_has_its_rows()
    {
        IReadOnlyList<FactorisationRow> rows = FactorisationTable.Measure(new() { Samples = 1 << 18 }, 64);
        Assert.Equal(40, rows.Count);
        foreach (FactorisationRow row in rows)
        {
            if (row.Sparsity == 0)
            {
                Assert.Equal((0.0, row.QuantiserGmse, 0.0), (row.SparsityGmse, row.Gmse, row.FactorisationError));
            }
            else
            {
                double expected = MagnitudeSparsity.Gmse(row.Sparsity);
                Assert.InRange(row.SparsityGmse, 0.97 * expected, 1.03 * expected);
                Assert.True(row.Gmse > row.SparsityGmse);
                Assert.Equal(1 + (1 - row.Sparsity) * (row.Bits + 0.5), row.StoredBits, 1e-12);
            }
            Assert.InRange(row.CapacityByProduct, 0, 1);
            Assert.Equal(row.CapacityByProduct - row.CapacityDirect, row.FactorisationError);
        }
        // At 8 bits quantisation is as good as gone, and what is left is the mask.
        FactorisationRow eight = rows.Single(r => r is { Bits: 8, Sparsity: 0.5 });
        Assert.InRange(eight.Gmse - eight.SparsityGmse, 0, 1e-4);
    }
}
