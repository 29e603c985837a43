namespace KernelGen.Scaling.Tests;

public sealed class LaboratoryTests
{
    private static readonly RepresentationPoint[] Bits = [PlantedRuns.Two, PlantedRuns.Three, PlantedRuns.Four];

    [Fact]
    public void Capacities_of_schemes_are_those_planted_and_multiply()
    {
        List<TrainingRun> runs = PlantedRuns.Weights();
        runs.AddRange(
            from w in Bits.Append(RepresentationPoint.Dense)
            from a in Bits
            from n in PlantedRuns.Sizes
            select PlantedRuns.Run(n, 100, w, a)
        );
        SchemeCapacities schemes = SchemeCapacities.Of(runs, PlantedRuns.Options);
        Assert.Equal(0.4, schemes.Capacity("plain/two/dense"), 0.005);
        Assert.Equal(0.65, schemes.Capacity(PlantedRuns.Run(2.5e4, 100, PlantedRuns.Three))!.Value, 0.01);
        Assert.Null(schemes.Capacity(new TrainingRun(runs[0].Input, 0.1)));

        var law = new RelativeCapacities(schemes, runs);
        CompositionTest pairs = Assert.Single(CompositionTest.WeightsByActivations(law, runs));
        Assert.Equal(["dense", "four", "three", "two"], pairs.Test.Matrix.Rows);
        Assert.Equal(pairs.Test.Matrix.Rows, pairs.Test.Matrix.Columns);
        Assert.Equal(("plain", 4), (pairs.Method, pairs.Sizes));
        Assert.InRange(pairs.Test.MeanError, 0, 0.01);
        Assert.InRange(pairs.Test.RmsError, pairs.Test.MeanError, pairs.Test.MaxError);

        RankOneTest stages = Assert.Single(CompositionTest.QuantisationBySparsity(law, runs)).Test;
        Assert.Equal(["dense", "four", "three"], stages.Matrix.Rows);
        Assert.Equal(["dense", "half"], stages.Matrix.Columns);
        Assert.Equal(0.7, stages.Matrix[0, 1], 0.01);
        Assert.Equal(0.7 * 0.85, stages.Matrix[1, 1], 0.01);
    }

    [Fact]
    public void A_matrix_leaves_out_what_has_gaps_and_has_one_way_of_training()
    {
        List<TrainingRun> runs = PlantedRuns.Weights();
        RelativeCapacities Law() => new(SchemeCapacities.Of(runs, PlantedRuns.Options), runs);
        Assert.Empty(CompositionTest.WeightsByActivations(Law(), runs));
        runs.AddRange(
            from w in new[] { RepresentationPoint.Dense, PlantedRuns.Two }
            from a in new[] { PlantedRuns.Two, PlantedRuns.Four }
            from n in PlantedRuns.Sizes.Take(3)
            select PlantedRuns.Run(n, 100, w, a)
        );
        runs.AddRange(from n in PlantedRuns.Sizes select PlantedRuns.Run(n, 100, PlantedRuns.Three, PlantedRuns.Three));
        runs.AddRange(
            from w in new[] { RepresentationPoint.Dense, PlantedRuns.Two }
            from a in new[] { RepresentationPoint.Dense, PlantedRuns.Four }
            where !w.IsDense || !a.IsDense
            select PlantedRuns.Run(1e4, 100, w, a, method: "other", factor: 1.01)
        );
        IReadOnlyList<CompositionTest> pairs = CompositionTest.WeightsByActivations(Law(), runs);
        Assert.Equal([("other", 1), ("plain", 3)], pairs.Select(one => (one.Method, one.Sizes)));
        Assert.Equal(["dense", "two"], pairs[1].Test.Matrix.Rows);
        Assert.Equal(["dense", "four", "two"], pairs[1].Test.Matrix.Columns);
        Assert.Equal(["dense", "four"], pairs[0].Test.Matrix.Columns);
        Assert.True(pairs[0].Test.Matrix[1, 0] < pairs[1].Test.Matrix[1, 0]);
    }

    [Fact]
    public void Capacity_beside_dense_counts_sizes_alike_and_knows_its_error()
    {
        List<TrainingRun> runs = PlantedRuns.Weights();
        SchemeCapacities schemes = SchemeCapacities.Of(runs, PlantedRuns.Options);
        // Both sizes miss the law, in opposite directions; dense runs and others alike.
        TrainingRun[] shifted =
        [
            .. from n in new[] { 1e4, 1e5 }
            from point in new[] { RepresentationPoint.Dense, PlantedRuns.Three }
            from seed in new[] { -1, 1 }
            select PlantedRuns.Run(n, 100, point, factor: (n < 5e4 ? 1.01 : 0.99) * Math.Exp(0.001 * seed)),
        ];
        var law = new RelativeCapacities(schemes, shifted);
        Assert.Equal(0.001 * Math.Sqrt(2), law.Scatter, 1e-9);
        TrainingRun[] own = [.. shifted.Where(run => !run.Input.Weights.IsDense)];
        CapacityEstimate estimate = law.Of(own)!;
        Assert.Equal(0.65, estimate.Value, 0.03);
        Assert.Equal(4, estimate.Runs);
        double each = law.Scatter * own.Average(schemes.LogCapacityByLogLoss) / 2; // two sizes of two seeds
        Assert.Equal(each, estimate.OwnError, 0.05 * each);
        Assert.Equal(0.65 * Math.Sqrt(2) * each, estimate.StandardError, 0.15 * each);
        (double gain, double error) = estimate.Over(estimate);
        Assert.Equal(0, gain);
        Assert.Equal(estimate.Value * estimate.OwnError * Math.Sqrt(2), error, 1e-12);
        Assert.Null(law.Of([PlantedRuns.Run(3e4, 100, PlantedRuns.Two)]));
    }

    [Fact]
    public void Formats_of_like_width_are_put_in_order()
    {
        var other = PlantedRuns.Four with { Name = "better four", Gmse = 0.009 };
        TrainingRun Better(double factor) =>
            PlantedRuns.Run(1e4, 100, PlantedRuns.Four, factor: factor) with
            {
                Input = PlantedRuns.Run(1e4, 100, PlantedRuns.Four).Input.In(other),
            };
        IReadOnlyList<OrderRow> rows = OrderRow.Of([
            PlantedRuns.Run(1e4, 100, PlantedRuns.Four),
            PlantedRuns.Run(1e4, 100, PlantedRuns.Four, factor: 1.001),
            Better(0.99),
            Better(0.991),
            PlantedRuns.Run(1e4, 100, PlantedRuns.Three),
        ]);
        Assert.Equal(["better four", "four"], rows.Select(row => row.Input.Weights.Name));
        Assert.Null(rows[0].Step);
        Assert.Equal(rows[1].Loss - rows[0].Loss, rows[1].Step);
        Assert.Equal(true, rows[1].AsForetold);
        Assert.Null(rows[0].AsForetold);
        Assert.Equal(Math.Sqrt(2) * rows[0].StandardError, rows[1].StepError, 0.01 * rows[0].StandardError);
    }

    [Fact]
    public void Order_by_error_is_compared_with_order_by_capacity()
    {
        (string, double, double)[] points = [("a", 0.01, 0.9), ("b", 0.02, 0.8), ("c", 0.03, 0.85), ("d", 0.3, 0.2)];
        RankAgreement agreement = RankAgreement.Of(
            points,
            [
                [0.9, 0.8, 0.7, 0.2],
                [0.8, 0.9, 0.85, 0.2],
                [0.9, 0.8, 0.85, 0.2],
            ],
            level: 0.999
        );
        Assert.Equal(0.8, agreement.Spearman, 1e-12); // 1 − 6·Σd²/(n(n² − 1)), d = 0, 1, 1, 0
        Assert.Equal((0.4, 1.0), (Math.Round(agreement.Low, 2), Math.Round(agreement.High, 2)));
        Assert.Equal(("b", "c"), Assert.Single(agreement.Swapped));
        Assert.Throws<ArgumentException>(() => RankAgreement.Of(points[..2], []));
        Assert.Throws<ArgumentException>(() => RankAgreement.Of([("a", 0.1, 0.5), ("b", 0.1, 0.6), ("c", 0.1, 0.7)], []));
    }

    [Fact]
    public void Scatter_of_seeds_is_pooled()
    {
        TrainingRun One(double n, double factor) => PlantedRuns.Run(n, 100, PlantedRuns.Two, factor: factor);
        ReplicateNoise noise = ReplicateNoise.Of([
            One(1e4, 1),
            One(1e4, Math.Exp(0.02)),
            One(5e4, 1),
            One(5e4, Math.Exp(0.03)),
            One(5e4, Math.Exp(0.06)),
            One(1e5, 3),
        ]);
        // Squares 2·0.01² and 0.03² + 0 + 0.03², by 1 + 2 degrees of freedom.
        Assert.Equal(Math.Sqrt((2 * 1e-4 + 2 * 9e-4) / 3), noise.Deviation, 1e-12);
        Assert.Equal((2, 3), (noise.Groups, noise.DegreesOfFreedom));
        Assert.True(double.IsNaN(ReplicateNoise.Of([One(1e4, 1)]).Deviation));
    }

    [Fact]
    public void Methods_are_compared_where_there_are_several()
    {
        List<TrainingRun> runs = PlantedRuns.Weights();
        SchemeCapacities law = SchemeCapacities.Of(runs, PlantedRuns.Options);
        runs.AddRange(from n in PlantedRuns.Sizes.Take(2) select PlantedRuns.Run(n, 100, PlantedRuns.Half, method: "worse", factor: 1.02));
        runs.Add(PlantedRuns.Run(1e4, 100, PlantedRuns.Half, method: "worse", factor: 1.022));
        IReadOnlyList<MethodRow> rows = MethodRow.Families(new(law, runs), runs);
        Assert.Equal(
            [("plain", 1e4, 1, true), ("worse", 1e4, 2, false), ("plain", 2.5e4, 1, true), ("worse", 2.5e4, 1, false)],
            rows.Select(row => (row.Method, row.Params, row.Capacity.Runs, row.IsBest))
        );
        Assert.All(rows, row => Assert.Equal("half", row.Weights.Name));
        Assert.Equal(0.7, rows[0].Capacity.Value, 0.01);
        Assert.InRange(rows[1].Capacity.Value, 0.4, 0.68);
    }

    [Fact]
    public void A_number_is_chosen_on_other_seeds_than_it_is_judged_by()
    {
        List<TrainingRun> runs = PlantedRuns.Weights();
        SchemeCapacities law = SchemeCapacities.Of(runs, PlantedRuns.Options);
        TrainingRun Run(string method, int seed, double factor)
        {
            TrainingRun run = PlantedRuns.Run(1e4, 100, PlantedRuns.Half, method: method, factor: factor);
            return run with
            {
                Input = new(
                    run.Input.Params,
                    run.Input.Tokens,
                    run.Input.Weights,
                    method: method,
                    columns: new Dictionary<string, double> { ["seed"] = seed }
                ),
            };
        }
        // By chance the first number has a very good seed 0, and is worse on the others.
        runs.AddRange([
            Run("b:p=1", 0, 0.94),
            Run("b:p=1", 1, 1.01),
            Run("b:p=1", 2, 1.01),
            Run("b:p=2", 0, 1),
            Run("b:p=2", 1, 1),
            Run("b:p=2", 2, 1),
        ]);
        var relative = new RelativeCapacities(law, runs);
        MethodRow family = MethodRow.Families(relative, runs).Single(row => row.Family == "b");
        Assert.Equal("b:p=1", family.Method);
        // Seed 0 takes the second number, the other seeds the first, whose mean without either of them is the better one.
        Assert.Equal(relative.Of([Run("b:p=2", 0, 1), Run("b:p=1", 1, 1.01), Run("b:p=1", 2, 1.01)])!.Value, family.Capacity.Value, 1e-12);
        Assert.Equal(
            ["b:p=1", "b:p=2", "plain"],
            MethodRow.Variants(relative, runs).Where(row => row.Params == 1e4).Select(row => row.Method).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Pairs_of_format_and_noise_have_a_difference_and_its_error()
    {
        TrainingRun[] runs =
        [
            PlantedRuns.Run(1e4, 100, PlantedRuns.Four),
            PlantedRuns.Run(1e4, 100, PlantedRuns.Four, factor: Math.Exp(0.002)),
            PlantedRuns.Run(1e4, 100, PlantedRuns.Four, method: "noise"),
            PlantedRuns.Run(1e5, 100, PlantedRuns.Two, factor: 1.05),
            PlantedRuns.Run(1e5, 100, PlantedRuns.Two, method: "noise"),
            PlantedRuns.Run(1e5, 100, PlantedRuns.Three),
        ];
        IReadOnlyList<PairedLoss> pairs = PairedLoss.Of(runs, run => run.Input.Method == "noise");
        Assert.Equal(["four", "two"], pairs.Select(pair => pair.Input.Weights.Name));
        Assert.True(pairs[0].WithinError);
        Assert.False(pairs[1].WithinError);
        Assert.Equal(0.05 * runs[4].Loss, pairs[1].Difference, 1e-9);
        double scatter = 0.002 / Math.Sqrt(2);
        Assert.Equal(scatter * pairs[1].Loss * Math.Sqrt(2), pairs[1].StandardError, 1e-9);
        Assert.Equal(scatter * pairs[0].Loss * Math.Sqrt(1.5), pairs[0].StandardError, 1e-9);
    }
}
