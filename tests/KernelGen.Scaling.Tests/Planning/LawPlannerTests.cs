namespace KernelGen.Scaling.Tests;

public class LawPlannerTests
{
    private static readonly RepresentationPoint Int2 = new("int2", 2, 0.11884605, "uniform"),
        Int4 = new("int4", 4, 0.011542884, "uniform");

    private static FitDocument Document(IScalingLaw law, params double[] values) =>
        new(law, [.. law.Parameters.Zip(values, (p, v) => new ParameterEstimate(p.Name, v, v, v, 0, ParameterStatus.Fitted))], [], 0.9);

    private static LawPlanner Unified() =>
        new(
            Document(
                new UnifiedLaw(["uniform"], new LawOptions { Grouping = CapacityGrouping.Family }),
                482.01,
                2085.43,
                0.3478,
                0.3658,
                1.8172,
                1,
                0.43,
                1.6
            )
        );

    private static LawPlanner Chinchilla(string set) =>
        new(Document(new ChinchillaLaw(), [.. new ChinchillaLaw().Published.Single(s => s.Name == set).Values]));

    [Theory]
    [InlineData("hoffmann-rounded", 5.76e23, 3.219e10, 92.7)]
    [InlineData("hoffmann-tex", 5.76e23, 4.036e10, 58.9)]
    [InlineData("besiroglu", 5.76e23, 7.225e10, 18.4)]
    [InlineData("besiroglu", 1e21, 2.7785e9, 21.59)]
    public void Compute_optimal_sizes_of_the_reference(string set, double flop, double parameters, double tokensPerParameter)
    {
        ComputeOptimum best = Chinchilla(set).ComputeOptimal(flop, new LawInput(1, 1));
        Assert.Equal(1, best.Params / parameters, 2e-4);
        Assert.Equal(tokensPerParameter, best.Tokens / best.Params, 0.06);
        Assert.Equal(flop, 6 * best.Params * best.Tokens, flop * 1e-9);
    }

    [Fact]
    public void Compute_optimal_loss_of_the_reference()
    {
        ComputeOptimum best = Chinchilla("besiroglu").ComputeOptimal(1e21, new LawInput(1, 1));
        Assert.Equal(2.30553, best.Forecast.Loss, 5e-6);
        Assert.Equal(5.9985e10, best.Tokens, 1e7);
    }

    [Fact]
    public void A_compressed_optimum_is_the_closed_form_with_A_scaled()
    {
        LawPlanner planner = Unified();
        var law = (UnifiedLaw)planner.Fit.Law;
        LawInput like = new(1, 1, Int4);
        double rho = law.Capacity(like, planner.Fit.Values),
            a = 482.01 * Math.Pow(rho, -0.3478);
        double g = Math.Pow(0.3478 * a / (0.3658 * 2085.43), 1 / (0.3478 + 0.3658));
        Assert.Equal(1, planner.ComputeOptimal(1e21, like).Params / (g * Math.Pow(1e21 / 6, 0.3658 / (0.3478 + 0.3658))), 1e-5);
        double[] sizes = [.. Enumerable.Range(0, 9).Select(i => 5e8 * Math.Pow(2, i * 0.5))];
        IReadOnlyList<LossForecast> curve = planner.IsoFlop(1e21, like, sizes);
        Assert.All(curve, point => Assert.True(point.Loss >= planner.ComputeOptimal(1e21, like).Forecast.Loss));
    }

    [Fact]
    public void Dense_equivalent_and_recovery_give_the_loss_back()
    {
        LawPlanner planner = Unified();
        LawInput input = new(1e9, 2e10, Int2, Int4);
        double loss = planner.Predict(input).Loss,
            dense = planner.Predict(input.In(RepresentationPoint.Dense)).Loss;
        Assert.Equal(loss, planner.Predict(new LawInput(planner.DenseEquivalent(input)!.Value, 2e10)).Loss, 1e-10);
        Assert.Equal(dense, planner.Predict(input.At(1e9, planner.TokensToRecover(input)!.Value)).Loss, 1e-9);
        Assert.Equal(dense, planner.Predict(input.At(planner.ParamsToRecover(input)!.Value, 2e10)).Loss, 1e-9);
        // One bit of so large a corpus that the size term alone is above the dense loss: no tokens help.
        Assert.Null(planner.TokensToRecover(new LawInput(1e8, 1e14, Int2, Int2)));
    }

    [Fact]
    public void IsoLoss_points_have_the_loss_and_small_models_are_left_out()
    {
        LawPlanner planner = Unified();
        var points = planner.IsoLoss(2.5, new LawInput(1, 1, Int4), [1e7, 1e9, 1e10]);
        Assert.Equal([1e9, 1e10], points.Select(p => p.Params));
        Assert.All(points, p => Assert.Equal(2.5, planner.Predict(new LawInput(p.Params, p.Tokens, Int4)).Loss, 1e-9));
    }

    [Fact]
    public void Intervals_come_from_the_draws()
    {
        LawPlanner exact = Unified();
        double[][] draws =
        [
            .. Enumerable
                .Range(0, 101)
                .Select(i =>
                {
                    double[] v = exact.Fit.Values;
                    v[4] = 1.7672 + 0.001 * i;
                    return v;
                }),
        ];
        var planner = new LawPlanner(exact.Fit with { Draws = draws });
        LossForecast forecast = planner.Predict(new LawInput(1e9, 2e10));
        Assert.Equal(forecast.Loss - 0.045, forecast.Low, 1e-9);
        Assert.Equal(forecast.Loss + 0.045, forecast.High, 1e-9);
    }

    [Fact]
    public void Pareto_front_drops_what_is_dearer_and_no_better()
    {
        (string Name, double Cost, double Loss)[] items =
        [
            ("a", 1, 3),
            ("b", 2, 2),
            ("c", 3, 2),
            ("d", 2, 2.5),
            ("e", 4, 1),
            ("f", double.NaN, 0),
        ];
        Assert.Equal(["a", "b", "e"], ParetoFront.Of(items, item => item.Cost, item => item.Loss).Select(item => item.Name));
    }

    [Theory]
    [InlineData("24GiB", 25769803776.0)]
    [InlineData("800 MB", 8e8)]
    [InlineData("1.5kb", 1500)]
    [InlineData("1e9", 1e9)]
    public void Memory_is_read(string text, double bytes) => Assert.Equal(bytes, ByteSize.Parse(text));

    [Theory]
    [InlineData("lots")]
    [InlineData("-1GiB")]
    [InlineData("GiB")]
    public void Other_memory_is_an_error(string text) => Assert.Throws<FormatException>(() => ByteSize.Parse(text));

    [Fact]
    public void Speeds_are_read_and_the_fastest_counts()
    {
        var speeds = SpeedTable.ReadCsv(new StringReader("format,isa,weights_per_second\nint4,avx2,1e10\nint4,avx512,2e10\n"), "speed.csv");
        Assert.Equal(2e10, speeds["INT4"]);
        Assert.Throws<RunTableException>(() => SpeedTable.ReadCsv(new StringReader("format,speed\nint4,1\n"), "speed.csv"));
        Assert.Throws<RunTableException>(() => SpeedTable.ReadCsv(new StringReader("format,weights_per_second\nint4,-1\n"), "speed.csv"));
    }
}
