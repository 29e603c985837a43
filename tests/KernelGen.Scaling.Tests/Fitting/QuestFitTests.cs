using System.Globalization;
using Xunit.Abstractions;

namespace KernelGen.Scaling.Tests;

/// <summary>
/// The unified law against others on 30M to 203M quantisation-aware runs, and how far each carries beyond the sizes it saw.
/// </summary>
public class QuestFitTests(ITestOutputHelper output)
{
    private static readonly FitOptions Options = new()
    {
        HuberDelta = 1e-4,
        Bootstrap = 0,
        Descents = 6,
        Candidates = 300,
    };

    [SharedDataFact]
    public void Unified_is_within_five_percent_of_free_multipliers_and_better_than_the_rest()
    {
        TrainingRun[] runs = [.. SharedData.Quest().Where(QuestRepresentations.IsCore)];
        IReadOnlyList<ModelComparisonRow> rows = ModelComparison.Compare(
            [
                ("unified", inputs => UnifiedLaw.For(inputs)),
                ("unified, logistic(1,0)", inputs => UnifiedLaw.For(inputs, new LawOptions { Form = new PinnedLogisticForm() })),
                ("unified, logistic", inputs => UnifiedLaw.For(inputs, new LawOptions { Form = new LogisticForm() })),
                ("unified by family", inputs => UnifiedLaw.For(inputs, new LawOptions { Grouping = CapacityGrouping.Family })),
                ("decoupled", inputs => DecoupledLaw.For(inputs)),
                ("frantar-multiplier", inputs => EffectiveMultiplierLaw.For(inputs)),
                ("kumar", _ => new PrecisionLaw()),
                ("chinchilla", _ => new ChinchillaLaw()),
            ],
            runs,
            Options
        );
        foreach (ModelComparisonRow row in rows)
        {
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{row.Label, -24} {row.Fit.FreeParameters, 3} {row.Fit.Objective:E3} {row.Fit.Aic, 8:F1} {row.Fit.Bic, 8:F1} rms "
                        + $"{row.Extrapolation!.Rms:F4} max {row.Extrapolation!.Max:F4}"
                )
            );
        }
        ModelComparisonRow Row(string label) => rows.Single(row => row.Label == label);
        ModelComparisonRow unified = Row("unified");
        // An independent fit reached 1.144e-5 (unified) and 1.106e-5 (a multiplier per scheme).
        Assert.True(unified.Fit.Objective < 1.144e-5);
        Assert.True(unified.Fit.Objective < 1.05 * Row("frantar-multiplier").Fit.Objective);
        Assert.True(unified.Fit.Objective < 1.05 * Row("decoupled").Fit.Objective);
        Assert.True(unified.Fit.FreeParameters < Row("decoupled").Fit.FreeParameters);
        Assert.Equal(rows.Min(row => row.Fit.Aic), unified.Fit.Aic);
        Assert.All(rows.Skip(1).Where(row => row.Label is not ("frantar-multiplier")), row =>
            Assert.True(row.Fit.Objective > unified.Fit.Objective, row.Label)
        );
        Assert.True(unified.Extrapolation is { Max: < 0.035, Rms: < 0.0135 });

        var law = (UnifiedLaw)unified.Fit.Law;
        foreach ((string name, double rho) in new[] { ("int1", .14), ("int2", .41), ("int3", .66), ("int4", .82), ("int8", .99) })
        {
            Assert.Equal(rho, law.Capacity(QuestRepresentations.Resolve(name)!, [.. unified.Fit.Values]), 0.015);
        }
    }

    [SharedDataFact]
    public void The_floor_ends_on_its_bound_and_its_profile_says_how_high_it_may_be()
    {
        TrainingRun[] runs = [.. SharedData.Quest().Where(QuestRepresentations.IsCore)];
        FittedLaw fit = LawFit.Run(UnifiedLaw.For(runs.Select(run => run.Input)), runs, Options);
        Assert.Equal(["E"], fit.OnBound.Select(p => p.Name));
        ProfileLikelihood profile = ProfileLikelihood.Of(fit, "E");
        output.WriteLine(string.Join("; ", profile.Points.Select(p => FormattableString.Invariant($"{p.Value:F3}: {p.Deviance:F2}"))));
        Assert.Equal(0, profile.Low);
        Assert.InRange(profile.High, 0.1, 1.8);
        Assert.All(profile.Points.Zip(profile.Points.Skip(1)), pair => Assert.True(pair.First.Deviance <= pair.Second.Deviance + 0.05));
    }

    /// <summary>
    /// The choice is made on the sizes up to 103M alone (fit up to 50M, predict 103M) and then tried once on 203M.
    /// </summary>
    [SharedDataFact]
    public void Extrapolation_to_the_largest_size_with_the_way_chosen_on_small_ones()
    {
        TrainingRun[] runs = [.. SharedData.Quest().Where(QuestRepresentations.IsCore)];
        Func<IEnumerable<LawInput>, IScalingLaw> unified = inputs => UnifiedLaw.For(inputs),
            family = inputs => UnifiedLaw.For(inputs, new LawOptions { Grouping = CapacityGrouping.Family });
        FitOptions squares = Options with { HuberDelta = 1e-2 };
        Func<TrainingRun, double> Size(double power) => run => Math.Pow(run.Input.Params / 5e7, power);
        FitOptions Floor(double e, FitOptions o) => o with { Fixed = new Dictionary<string, double> { ["E"] = e } };
        (string, Func<IEnumerable<LawInput>, IScalingLaw>, FitOptions)[] ways =
        [
            ("Huber 1e-4", unified, Options),
            ("Huber 1e-3", unified, Options with { HuberDelta = 1e-3 }),
            ("squares", unified, squares),
            ("squares, one curve", family, squares),
            ("squares, weight N", unified, squares with { Weight = Size(1) }),
            ("squares, weight N^2", unified, squares with { Weight = Size(2) }),
            ("squares, weight N/D", unified, squares with { Weight = run => run.Input.Params / run.Input.Tokens * 50 }),
            ("squares, weight D/N", unified, squares with { Weight = run => run.Input.Tokens / run.Input.Params / 50 }),
            ("squares, E = 0.5", unified, Floor(0.5, squares)),
            ("squares, E = 1", unified, Floor(1, squares)),
            ("squares, E = 1.69", unified, Floor(1.69, squares)),
            ("squares, alpha ~ .34", unified, squares with { Priors = [new("alpha", 0.34, 0.05)] }),
            (
                "squares, saturation free",
                unified,
                squares with
                {
                    Free = new HashSet<string> { "L[weights:uniform]", "L[activations:uniform]" },
                }
            ),
        ];
        (int best, IReadOnlyList<double> rms) = ModelComparison.ChooseOnSmallSizes(ways, runs);
        for (int i = 0; i < ways.Length; i++)
        {
            LeaveLargestOut at = LeaveLargestOut.Run(ways[i].Item2, runs, ways[i].Item3);
            output.WriteLine(
                FormattableString.Invariant(
                    $"{(i == best ? "*" : " ")} {ways[i].Item1, -26} chosen by {rms[i]:F4}; at 203M rms {at.Rms:F4} max {at.Max:F4}"
                )
            );
        }
        LeaveLargestOut result = LeaveLargestOut.Run(ways[best].Item2, runs, ways[best].Item3);
        Assert.Equal("squares, weight N^2", ways[best].Item1);
        Assert.Equal(rms[2], rms[^1], 1e-3); // The families do not saturate: to free L changes nothing.
        Assert.True(result.Rms < 0.0105, $"{result.Rms}");
        Assert.True(result.Max < 0.028, $"{result.Max}");

        // Families the fit has never seen, through their Gaussian MSE alone: E2M1 behaves, pairs of 4:8 do not.
        foreach ((string name, double limit) in new[] { ("e2m1", 0.015), ("sparse4of8+int4", 0.12) })
        {
            double[] errors =
            [
                .. SharedData.Quest().Where(run => run.Input.Weights.Name == name).Select(run => result.Fit.Predict(run.Input) - run.Loss),
            ];
            output.WriteLine(
                $"{name}: {string.Join(", ", errors.Select(e => e.ToString("F4", System.Globalization.CultureInfo.InvariantCulture)))}"
            );
            Assert.All(errors, e => Assert.InRange(e, -limit, limit));
        }
    }

    /// <summary>
    /// The independent fit's 1.144e-5 and 1.106e-5 belong to all of <c>quest</c>, <c>none</c> and weight-only <c>clip-hadamard</c>:
    /// 63 runs, E2M1 with a curve of its own, against a multiplier per scheme.
    /// </summary>
    [SharedDataFact]
    public void The_reference_objectives_belong_to_the_selection_with_E2M1()
    {
        TrainingRun[] runs =
        [
            .. SharedData.Quest().Where(run => run.Input.Weights.Name == "e2m1" || QuestRepresentations.IsCore(run)).Select(FloatFamily),
        ];
        Assert.Equal(63, runs.Length);
        FittedLaw unified = LawFit.Run(UnifiedLaw.For(runs.Select(run => run.Input)), runs, Options);
        FittedLaw schemes = LawFit.Run(EffectiveMultiplierLaw.For(runs.Select(run => run.Input)), runs, Options);
        output.WriteLine(
            FormattableString.Invariant(
                $"{unified.Objective:E4} ({unified.FreeParameters}), {schemes.Objective:E4} ({schemes.FreeParameters})"
            )
        );
        Assert.Equal(1, unified.Objective / 1.144e-5, 0.01);
        Assert.Equal(1, schemes.Objective / 1.106e-5, 0.01);
        Assert.Equal(10, unified.FreeParameters);
        LeaveLargestOut largest = LeaveLargestOut.Run(inputs => UnifiedLaw.For(inputs), runs, Options);
        Assert.True(largest is { Max: < 0.035, Rms: < 0.0135 }, $"{largest.Max} {largest.Rms}");
    }

    /// <summary>
    /// With one bit for weights and activations the plain fit misses the rms of .0135; the way chosen on small sizes does not.
    /// </summary>
    [SharedDataFact]
    public void Extrapolation_with_one_bit_in_both_parts()
    {
        TrainingRun[] runs =
        [
            .. SharedData
                .Quest()
                .Where(run => run.Input.Method == "clip-hadamard" || run.Input.Weights.Name == "e2m1" || QuestRepresentations.IsCore(run))
                .Select(FloatFamily),
        ];
        Assert.Equal(67, runs.Length);
        LeaveLargestOut plain = LeaveLargestOut.Run(inputs => UnifiedLaw.For(inputs), runs, Options);
        LeaveLargestOut chosen = LeaveLargestOut.Run(
            inputs => UnifiedLaw.For(inputs),
            runs,
            Options with
            {
                HuberDelta = 1e-2,
                Weight = run => Math.Pow(run.Input.Params / 5e7, 2),
            }
        );
        output.WriteLine(
            FormattableString.Invariant(
                $"plain rms {plain.Rms:F4} max {plain.Max:F4}; squares, weight N^2: rms {chosen.Rms:F4} max {chosen.Max:F4}"
            )
        );
        Assert.True(plain is { Max: < 0.035, Rms: < 0.015 });
        Assert.True(chosen is { Max: < 0.028, Rms: < 0.0115 });
    }

    private static TrainingRun FloatFamily(TrainingRun run)
    {
        RepresentationPoint Own(RepresentationPoint point) => point.Name == "e2m1" ? point with { Family = "float" } : point;
        return run with { Input = run.Input.In(Own(run.Input.Weights), Own(run.Input.Activations)) };
    }
}
