namespace KernelGen.Scaling.Tests;

/// <summary>Plans against arithmetic done by hand.</summary>
public class BudgetPlannerTests
{
    private static readonly RepresentationPoint Int2 = new("int2", 2, 0.11884605, "int"),
        Int4 = new("int4", 4, 0.011542884, "int"),
        Int8 = new("int8", 8, 1e-4, "int");

    private static FitDocument Published(string name, string set)
    {
        IScalingLaw law = LawCatalog.Create(name, []);
        LawCoefficients coefficients = law.Published.Single(s => s.Name == set);
        return FitDocument.Of(law.For(coefficients), coefficients);
    }

    private static LawPlanner Chinchilla() => new(Published("chinchilla", "besiroglu"), CapacityLender.Published);

    private static LawInput Of(RepresentationPoint weights, RepresentationPoint? kv = null, params (string Name, double Value)[] columns) =>
        new(1, 1, weights, null, kv, columns: columns.ToDictionary(c => c.Name, c => c.Value));

    private static PlanRow One(LawPlanner planner, PlanRequest request, LawInput candidate) =>
        Assert.Single(new BudgetPlanner(planner, request).Rows([candidate]));

    [Fact]
    public void Equal_memory_counts_bits_and_orders_by_loss()
    {
        var request = new PlanRequest
        {
            Memory = ByteSize.Parse("1GiB"),
            Tokens = 1e11,
            Speeds = new Dictionary<string, double> { ["int4"] = 2e10 },
        };
        IReadOnlyList<PlanRow> rows = new BudgetPlanner(Chinchilla(), request).Rows([Of(RepresentationPoint.Dense), Of(Int4), Of(Int2)]);
        PlanRow Row(string name) => rows.Single(row => row.Input.Weights.Name == name);
        Assert.Equal(1073741824.0 * 2, Row("int4").Input.Params, 1.0);
        Assert.Equal(1073741824.0 / 2, Row("dense").Input.Params, 1.0);
        Assert.Equal(Row("dense").Input.Params, Row("dense").EffectiveParams);
        Assert.Equal(Row("int4").Input.Params / 2e10, Row("int4").SecondsPerToken);
        Assert.Null(Row("int2").SecondsPerToken);
        Assert.Equal(rows.Select(row => row.Forecast.Loss).Order(), rows.Select(row => row.Forecast.Loss));
        Assert.NotEqual("dense", rows[0].Input.Weights.Name);
    }

    [Fact]
    public void Memory_is_weights_and_kv_cache_and_activations()
    {
        // Llama-3-8B's shape: 32 layers, keys of 8 heads of 128; 8,192 tokens of context, 4 sequences.
        var shape = new ModelShape(32, 1024, 1, 8192, 4);
        Assert.Equal(4294967296, shape.KvBytes(8e9, 16)); // 2·32·1024·8192·4·2 bytes
        Assert.Equal(1073741824, shape.KvBytes(8e9, 4));
        PlanRow row = One(
            Chinchilla(),
            new PlanRequest
            {
                Params = 8e9,
                Tokens = 1e12,
                Shape = shape,
                Bandwidth = 1e12,
            },
            Of(Int4, Int8)
        );
        Assert.Equal(4e9, row.WeightBytes);
        Assert.Equal(2147483648, row.KvBytes);
        // width = √(8e9/(12·32)) = 4564.35; 5·width·32768·2 bytes.
        Assert.Equal(5 * Math.Sqrt(8e9 / 384) * 32768 * 2, row.ActivationBytes, 1.0);
        Assert.Equal((4e9 + 2147483648.0) / 1e12 / 4, row.SecondsPerToken!.Value, 1e-12);
        // The same memory gives the same size back.
        PlanRow back = One(
            Chinchilla(),
            new PlanRequest
            {
                Memory = row.Bytes,
                Tokens = 1e12,
                Shape = shape,
            },
            Of(Int4, Int8)
        );
        Assert.Equal(8e9, back.Input.Params, 8e9 * 1e-9);
    }

    [Fact]
    public void A_derived_shape_is_12_layers_width_squared()
    {
        var shape = new ModelShape();
        Assert.Equal(32, shape.LayersOf(12 * 32.0 * 4096 * 4096), 1e-9);
        Assert.Equal(4096, shape.WidthOf(12 * 32.0 * 4096 * 4096), 1e-6);
        Assert.Equal(1024, new ModelShape(KvShare: 0.25).KvWidthOf(12 * 32.0 * 4096 * 4096), 1e-6);
    }

    [Fact]
    public void Too_much_context_is_an_error()
    {
        var request = new PlanRequest
        {
            Memory = 1e6,
            Tokens = 1e9,
            Shape = new(32, 1024, 1, 8192, 1),
        };
        Assert.Contains("KV cache", Assert.Throws<FitException>(() => One(Chinchilla(), request, Of(Int4))).Message);
    }

    [Fact]
    public void Mixtures_store_all_experts_and_compute_with_one()
    {
        LawPlanner planner = new(Published("moe-joint", "ludziejewski"));
        LawInput eight = Of(RepresentationPoint.Dense, null, ("experts", 8));
        PlanRow row = One(planner, new PlanRequest { Params = 1.1e9, Tokens = 16e9 }, eight);
        Assert.Equal(2.52307, row.Forecast.Loss, 5e-6);
        Assert.Equal(1.1e9 * (1 + 7 * 2.0 / 3), row.TotalParams, 1.0);
        Assert.Equal(2 * row.TotalParams, row.WeightBytes);
        Assert.Equal(6 * 1.1e9 * 16e9, row.TrainingFlop, 1e6);
        PlanRow memory = One(planner, new PlanRequest { Memory = row.WeightBytes, Tokens = 16e9 }, eight);
        Assert.Equal(1.1e9, memory.Input.Params, 10.0);
        // More experts at the same active size lose less, and take more memory.
        IReadOnlyList<PlanRow> rows = new BudgetPlanner(planner, new PlanRequest { Params = 1.1e9, Tokens = 16e9 }).Rows(
            new[] { 1.0, 8, 32 }.Select(e => Of(RepresentationPoint.Dense, null, ("experts", e)))
        );
        Assert.Equal([32, 8, 1], rows.Select(r => r.Input["experts"]));
        Assert.Contains(
            "experts",
            Assert.Throws<FitException>(() => One(planner, new PlanRequest { Params = 1e9, Tokens = 1e9 }, Of(Int8))).Message
        );
    }

    [Fact]
    public void Sparse_laws_store_what_is_zero_too()
    {
        LawPlanner planner = new(Published("frantar-sparse", "t5-c4"));
        PlanRow row = One(
            planner,
            new PlanRequest { Params = 1e8, Tokens = 6.5e10 },
            Of(RepresentationPoint.Dense, null, ("sparsity", 0.75))
        );
        Assert.Equal(1.60955, row.Forecast.Loss, 5e-6);
        Assert.Equal(4e8, row.TotalParams, 1.0);
        LawPlanner abnar = new(Published("moe-sparsity", "abnar"));
        PlanRow mixture = One(abnar, new PlanRequest { Compute = 1e20 }, Of(RepresentationPoint.Dense, null, ("sparsity", 0.9)));
        Assert.Equal(0.1 * mixture.Input.Params, mixture.ActiveParams, 1.0);
        Assert.Equal(1e20, 6 * mixture.ActiveParams * mixture.Input.Tokens, 1e14);
    }

    [Fact]
    public void Inference_takes_its_share_of_the_compute_and_makes_the_model_smaller()
    {
        LawPlanner planner = Chinchilla();
        PlanRow train = One(planner, new PlanRequest { Compute = 1e21 }, Of(RepresentationPoint.Dense)),
            serve = One(planner, new PlanRequest { Compute = 1e21, InferenceTokens = 5e10 }, Of(RepresentationPoint.Dense));
        Assert.Equal(2.7785e9, train.Input.Params, 2e6);
        Assert.Equal(1e21, serve.TrainingFlop + serve.InferenceFlop, 1e15);
        Assert.True(serve.Input.Params < train.Input.Params);
        Assert.True(serve.Forecast.Loss > train.Forecast.Loss);
        // No other split of the same budget is better.
        foreach (double factor in new[] { 0.9, 1.1 })
        {
            double n = serve.Input.Params * factor,
                d = (1e21 - 2 * n * 5e10) / (6 * n);
            Assert.True(planner.Predict(new LawInput(n, d)).Loss > serve.Forecast.Loss);
        }
        PlanRow capped = One(planner, new PlanRequest { Compute = 1e21, Memory = 2e9 }, Of(RepresentationPoint.Dense));
        Assert.Equal(1e9, capped.Input.Params, 1e3);
    }

    [Fact]
    public void A_borrowed_curve_shrinks_the_model_and_is_named()
    {
        LawPlanner planner = Chinchilla();
        var input = new LawInput(1e9, 2e10, Int4);
        double rho = Math.Pow(Math.Tanh(0.50414604140495 * Int4.EffectiveBits), 1.6135268234585558);
        Assert.Equal(planner.Predict(new LawInput(1e9 * rho, 2e10)).Loss, planner.Predict(input).Loss, 1e-12);
        Assert.Equal(1e9 * rho, planner.DenseEquivalent(input)!.Value, 1.0);
        Assert.Contains("published int", planner.Borrowed(input));
        Assert.Equal("", planner.Borrowed(new LawInput(1e9, 2e10)));
        var without = new LawPlanner(planner.Fit);
        Assert.Contains("--borrow", Assert.Throws<FitException>(() => without.Predict(input)).Message);
    }

    [Fact]
    public void A_fit_lends_the_families_it_has_and_no_others()
    {
        FitDocument unified = new(
            new UnifiedLaw(["activations:int", "weights:int"], LawOptions.Default),
            [
                .. new UnifiedLaw(["activations:int", "weights:int"], LawOptions.Default).Parameters.Zip(
                    new double[] { 480, 2100, 0.35, 0.37, 1.8, 1, 0.3, 1, 1, 0.5, 1.5 },
                    (p, v) => new ParameterEstimate(p.Name, v, v, v, 0, ParameterStatus.Fitted)
                ),
            ],
            [],
            0.9
        );
        CapacityLender lender = CapacityLender.Of(unified, "quest.json");
        Assert.Equal(Math.Pow(Math.Tanh(0.5 * Int4.EffectiveBits), 1.5), lender.Lend(Int4, 0)!.Value.Capacity, 1e-12);
        Assert.Equal(Math.Tanh(0.3 * Int4.EffectiveBits), lender.Lend(Int4, 1)!.Value.Capacity, 1e-12);
        Assert.Null(lender.Lend(new("2:4", 9, 0.05, "sparse"), 0));
        // The unified fit itself borrows what it lacks and keeps what it has.
        var planner = new LawPlanner(unified, CapacityLender.Published);
        LawInput mixed = new(1e9, 2e10, new("2:4", 9, 0.05, "sparse"), Int4);
        Assert.Contains("weights: published sparse", planner.Borrowed(mixed));
        Assert.DoesNotContain("activations", planner.Borrowed(mixed));
        Assert.Throws<FitException>(() => CapacityLender.Of(Published("kaplan", "kaplan"), "k"));
    }

    [Fact]
    public void Laws_of_no_loss_have_no_dense_equivalent()
    {
        LawPlanner share = new(Published("qat-share", "dremov"));
        var input = new LawInput(1e9, 1e11, Int4);
        Assert.Null(share.DenseEquivalent(input));
        Assert.Null(share.TokensToRecover(input));
        Assert.InRange(share.Predict(input).Loss, 0.1, 0.9);
        Assert.Throws<FitException>(() => share.Predict(new LawInput(1e12, 1e9, Int4)));
    }

    [Fact]
    public void A_representation_that_a_law_takes_from_columns_costs_nothing_to_recover()
    {
        LawPlanner planner = new(Published("qat-group", "w4a4"));
        LawInput input = new(595e6, 1e11, Int4, columns: new Dictionary<string, double> { ["group_size"] = 128 });
        Assert.Equal(1e11, planner.TokensToRecover(input));
        Assert.Equal(595e6, planner.DenseEquivalent(input));
    }

    [Fact]
    public void Every_published_set_predicts()
    {
        var columns = new Dictionary<string, double>
        {
            ["sparsity"] = 0.5,
            ["experts"] = 8,
            ["exponent_bits"] = 4,
            ["mantissa_bits"] = 3,
            ["block"] = 128,
            ["group_size"] = 128,
            ["vocabulary"] = 32000,
            ["width"] = 1024,
            ["characters"] = 1e10,
            ["steps"] = 1e5,
        };
        foreach (IScalingLaw law in LawCatalog.All)
        {
            foreach (LawCoefficients set in law.Published)
            {
                var planner = new LawPlanner(FitDocument.Of(law.For(set), set));
                Assert.True(double.IsFinite(planner.Predict(new LawInput(1e9, 2e10, columns: columns)).Loss), $"{law.Name}:{set.Name}");
            }
        }
    }

    [Theory]
    [InlineData("kaplan-params", 1e9, 2e10, 2.37564)]
    [InlineData("kaplan-tokens", 1e9, 20e9, 2.11826)]
    public void Power_laws_of_Kaplan(string set, double n, double d, double loss) =>
        Assert.Equal(loss, new LawPlanner(Published("power", set)).Predict(new LawInput(n, d)).Loss, 5e-6);
}
