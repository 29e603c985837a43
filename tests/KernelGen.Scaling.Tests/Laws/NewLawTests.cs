namespace KernelGen.Scaling.Tests;

/// <summary>Laws without public coefficients: found again from planted runs.</summary>
public class NewLawTests
{
    private static readonly FitOptions Plain = new() { Bootstrap = 0 };

    private static TrainingRun[] Runs(IScalingLaw law, double[] truth, Func<Random, LawInput> input, int count)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, count).Select(_ => input(random)).Select(i => new TrainingRun(i, law.Predict(i, truth, [])))];
    }

    private static double Spread(Random random, double low, double high) => low * Math.Exp(random.NextDouble() * Math.Log(high / low));

    [Fact]
    public void The_surface_of_the_step_law_gives_its_optima_back()
    {
        var law = new StepSurfaceLaw();
        double[] truth = [480, 2100, 0.35, 0.37, 1.8, 1.79, -0.713, 0.307, 0.58, 0.571, 0.02, 0.01, -0.003];
        TrainingRun[] runs = Runs(
            law,
            truth,
            random =>
            {
                double n = Spread(random, 5e7, 2e9),
                    d = Spread(random, 1e9, 1e11);
                return new(
                    n,
                    d,
                    columns: new Dictionary<string, double>
                    {
                        ["lr"] = 1.79 * Math.Pow(n, -0.713) * Math.Pow(d, 0.307) * Spread(random, 0.2, 5),
                        ["batch"] = 0.58 * Math.Pow(d, 0.571) * Spread(random, 0.2, 5),
                    }
                );
            },
            200
        );
        FittedLaw fit = LawFit.Run(law, runs, Plain);
        Assert.True(fit.MaxAbsResidual < 1e-4, $"{fit.MaxAbsResidual}");
        double Rate(IReadOnlyList<double> p) => p[5] * Math.Pow(1e9, p[6]) * Math.Pow(2e10, p[7]);
        Assert.Equal(1, Rate(fit.Values) / Rate(truth), 0.01);
        Assert.Equal(0.02, fit["h_x"], 1e-3);
    }

    [Fact]
    public void Critical_batches_grow_with_parameters_where_the_exponents_are_freed()
    {
        var law = new BatchStepsLaw();
        TrainingRun[] runs = Runs(
            law,
            [4000, 2500, 0.3, 0.6],
            random => new(Spread(random, 5e7, 2e9), 1, columns: new Dictionary<string, double> { ["batch"] = Spread(random, 64, 20000) }),
            80
        );
        FittedLaw fit = LawFit.Run(
            law,
            runs,
            Plain with
            {
                Free = new HashSet<string> { "s", "b" },
            }
        );
        Assert.Equal(0.6, fit["b"], 1e-3);
        Assert.Equal(2500, fit["B_crit"], 5);
        // At the critical batch steps are twice the least.
        Assert.Equal(
            2 * 4000,
            law.Predict(new(1e8, 1, columns: new Dictionary<string, double> { ["batch"] = 2500 }), [4000, 2500, 0, 0], []),
            1e-9
        );
    }

    [Fact]
    public void One_loss_gives_another()
    {
        var law = new LossToLossLaw();
        double[] truth = [1.1, 1.2, 1.7, 1.3];
        FittedLaw fit = LawFit.Run(
            law,
            Runs(law, truth, random => new(1, 1, columns: new Dictionary<string, double> { ["loss_x"] = 2 + 2 * random.NextDouble() }), 60),
            Plain
        );
        Assert.True(fit.MaxAbsResidual < 1e-4, $"{fit.MaxAbsResidual}");
    }

    [Fact]
    public void The_rectified_law_is_the_form_with_pre_learned_data()
    {
        var law = new RectifiedLaw();
        // B/(D_l + D^β) + E with B = 500, D_l = 200, β = .7, E = 1.4.
        double[] p = [500 / 200.0 + 1.4, 1.4, 0.7, -Math.Log(200)];
        Assert.Equal(500 / (200 + Math.Pow(1e4, 0.7)) + 1.4, law.Predict(new(1, 1e4), p, []), 1e-12);
    }

    [Fact]
    public void A_variable_may_be_a_column()
    {
        var law = new SingleVariableLaw(new() { Of = "Width" });
        Assert.Equal(["width"], law.Columns.Select(column => column.Name));
        Assert.Equal(LawSizes.None, law.Sizes);
        Assert.Equal(2.5, law.Predict(new(1, 1, columns: new Dictionary<string, double> { ["width"] = 512 }), [2048, 0.5, 0.5], []), 1e-12);
        Assert.Equal("width", ((SingleVariableLaw)LawCatalog.Restore("power", ["x0", "a", "E"], law.Options)).Options.Of);
    }
}
