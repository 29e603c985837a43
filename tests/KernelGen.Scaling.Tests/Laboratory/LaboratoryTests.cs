namespace KernelGen.Scaling.Tests;

public sealed class LaboratoryTests
{
    private static readonly RepresentationPoint[] Bits = [PlantedRuns.Two, PlantedRuns.Three, PlantedRuns.Four];

    [Fact]
    public void Capacities_of_schemes_are_those_planted_and_multiply()
    {
        List<TrainingRun> runs = PlantedRuns.Weights();
        runs.AddRange(from w in Bits.Append(RepresentationPoint.Dense) from a in Bits from n in PlantedRuns.Sizes select PlantedRuns.Run(n, 100, w, a));
        SchemeCapacities schemes = SchemeCapacities.Of(runs, PlantedRuns.Options);
        Assert.Equal(0.4, schemes.Capacity("plain/two/dense"), 0.005);
        Assert.Equal(0.65, schemes.Capacity(PlantedRuns.Run(2.5e4, 100, PlantedRuns.Three))!.Value, 0.01);
        Assert.Null(schemes.Capacity(new TrainingRun(runs[0].Input, 0.1)));

        CapacityMatrix pairs = schemes.WeightsByActivations()!;
        Assert.Equal(["dense", "four", "three", "two"], pairs.Rows);
        Assert.Equal(pairs.Rows, pairs.Columns);
        RankOneTest test = RankOneTest.Of(pairs, 0, 0);
        Assert.InRange(test.MeanError, 0, 0.01);
        Assert.InRange(test.RmsError, test.MeanError, test.MaxError);

        CapacityMatrix stages = schemes.QuantisationBySparsity()!;
        Assert.Equal(["dense", "four", "three"], stages.Rows);
        Assert.Equal(["dense", "half"], stages.Columns);
        Assert.Equal(0.7, stages[0, 1], 0.01);
        Assert.Equal(0.7 * 0.85, stages[1, 1], 0.01);
    }

    [Fact]
    public void A_matrix_leaves_out_what_has_gaps()
    {
        List<TrainingRun> runs = PlantedRuns.Weights();
        Assert.Null(SchemeCapacities.Of(runs, PlantedRuns.Options).WeightsByActivations());
        runs.AddRange(from w in new[] { RepresentationPoint.Dense, PlantedRuns.Two } from a in new[] { PlantedRuns.Two, PlantedRuns.Four } from n in PlantedRuns.Sizes select PlantedRuns.Run(n, 100, w, a));
        runs.AddRange(from n in PlantedRuns.Sizes select PlantedRuns.Run(n, 100, PlantedRuns.Three, PlantedRuns.Three));
        CapacityMatrix pairs = SchemeCapacities.Of(runs, PlantedRuns.Options).WeightsByActivations()!;
        Assert.Equal(["dense", "two"], pairs.Rows);
        Assert.Equal(["dense", "four", "two"], pairs.Columns);
    }

    [Fact]
    public void Order_by_error_is_compared_with_order_by_capacity()
    {
        (string, double, double)[] points = [("a", 0.01, 0.9), ("b", 0.02, 0.8), ("c", 0.03, 0.85), ("d", 0.3, 0.2)];
        RankAgreement agreement = RankAgreement.Of(points, [[0.9, 0.8, 0.7, 0.2], [0.8, 0.9, 0.85, 0.2], [0.9, 0.8, 0.85, 0.2]], level: 0.999);
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
        ReplicateNoise noise = ReplicateNoise.Of([One(1e4, 1), One(1e4, Math.Exp(0.02)), One(5e4, 1), One(5e4, Math.Exp(0.03)), One(5e4, Math.Exp(0.06)), One(1e5, 3)]);
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
        runs.AddRange(from n in PlantedRuns.Sizes select PlantedRuns.Run(n, 100, PlantedRuns.Half, method: "worse", factor: 1.02));
        runs.Add(PlantedRuns.Run(1e4, 100, PlantedRuns.Half, method: "once", factor: 0.99));
        IReadOnlyList<MethodRow> rows = MethodRow.Compare(law, runs);
        Assert.Equal([("once", 1, true), ("plain", 4, false), ("worse", 4, false)], rows.Select(row => (row.Method, row.Runs, row.IsBest)));
        Assert.All(rows, row => Assert.Equal("half", row.Weights));
        Assert.Null(rows[0].StandardError);
        Assert.Equal(0.7, rows[1].Capacity, 0.01);
        Assert.InRange(rows[1].StandardError!.Value, 0, 0.01);
        Assert.InRange(rows[2].Capacity, 0.4, 0.68);
    }

    [Fact]
    public void Pairs_of_format_and_noise_have_a_difference_and_its_error()
    {
        TrainingRun[] runs =
        [
            PlantedRuns.Run(1e4, 100, PlantedRuns.Four), PlantedRuns.Run(1e4, 100, PlantedRuns.Four, factor: Math.Exp(0.002)), PlantedRuns.Run(1e4, 100, PlantedRuns.Four, method: "noise"),
            PlantedRuns.Run(1e5, 100, PlantedRuns.Two, factor: 1.05), PlantedRuns.Run(1e5, 100, PlantedRuns.Two, method: "noise"),
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
