using KernelGen.Training;

namespace KernelGen.Sweeps.Tests;

public sealed class DocumentTests
{
    private static readonly FormatCatalog NoFormats = new();

    private static SweepDocument Parse(string json) => SweepDocument.Parse(json, "sweep.json");

    [Theory]
    [InlineData("null, \"int4\"", "weights is null")]
    [InlineData("[1]", "weights")]
    public void Values_that_a_run_cannot_have_are_named(string weights, string words)
    {
        SweepException e = Assert.Throws<SweepException>(() =>
            Parse($$"""{ "blocks": [ { "name": "a", "sizes": ["12k"], "tokens": 4096, "weights": [{{weights}}] } ] }""")
        );
        Assert.Contains("block 'a'", e.Message);
        Assert.Contains(words, e.Message);
    }

    [Fact]
    public void Products_are_counted_before_they_are_made()
    {
        string seeds = string.Join(", ", Enumerable.Range(0, 2000));
        SweepException e = Assert.Throws<SweepException>(() =>
            Parse(
                $$"""{ "blocks": [ { "sizes": ["12k"], "tokens": 4096, "seeds": [{{seeds}}], "layers": [{{seeds}}], "width": [{{seeds}}] } ] }"""
            )
        );
        Assert.Contains("2000 seed × 2000 layers × 2000 width are 8E+09 runs", e.Message);
    }

    [Fact]
    public void Blocks_are_products_and_runs_are_there_once()
    {
        SweepDocument document = Parse(
            """
            { // comments are allowed
              "name": "small", "defaults": { "tokensPerParameter": 100, "sizes": ["25k", "12k"] },
              "blocks": [
                { "name": "weights", "weights": ["dense", "2:4", "sparse50"], "methods": ["ste", "fw"], "seeds": [0, 1] },
                { "name": "again", "sizes": "12k", "weights": "2:4", "methods": "ste", "seeds": [0, 1, 2], },
              ]
            }
            """
        );
        Assert.Equal("small", document.Name);
        // Per size and seed: dense once regardless of the method, two masks by two methods; then the third seed of one of them.
        Assert.Equal(2 * 2 * (1 + 2 * 2) + 1, document.Runs.Count);
        Assert.Equal(2 * 2 * 3 * 2 + 3, document.Runs.Count + document.Repeated);
        Assert.Equal(document.Runs.Count, document.Runs.Select(run => run.Spec.Key).Distinct().Count());
        Assert.Equal(("again", 2), (document.Runs[^1].Group, document.Runs[^1].Spec.Seed));
        ModelSize size = ModelSizes.Of("12k");
        TrainingSpec dense = size.Spec(100);
        dense = dense with { Tokens = dense.Steps * dense.BatchTokens }; // whole steps
        Assert.InRange(dense.Tokens - 100 * dense.Parameters, 1, 1023);
        Assert.Equal(dense with { Weights = "2:4", Seed = 2 }, document.Runs[^1].Spec);

        IReadOnlyList<SweepRun> plan = SweepPlan.Of(document, NoFormats).Runs;
        Assert.Equal(plan.Select(run => run.Work).Order(), plan.Select(run => run.Work));
        Assert.Equal(size.Width, TrainingJson.ReadSpec(plan[0].Spec).Width); // small sizes first, no matter what the file says
        Assert.Equal(dense, TrainingJson.ReadSpec(plan[0].Spec)); // then in the order of the file
    }

    [Fact]
    public void Shards_share_the_runs_out()
    {
        SweepPlan plan = SweepPlan.Of(
            Parse(
                """{ "blocks": [ { "sizes": ["12k", "25k"], "tokens": 1000, "weights": ["sparse25", "sparse50", "sparse75"], "seeds": [1, 2, 3] } ] }"""
            ),
            NoFormats
        );
        string[][] shards = [.. Enumerable.Range(1, 4).Select(i => plan.Shard(i, 4).Runs.Select(run => run.Key).ToArray())];
        Assert.Equal(plan.Runs.Select(run => run.Key).Order(), shards.SelectMany(shard => shard).Order());
        Assert.Equal([5, 5, 4, 4], shards.Select(shard => shard.Length));
        Assert.Throws<ArgumentOutOfRangeException>(() => plan.Shard(5, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => plan.Shard(0, 4));
    }

    [Fact]
    public void Every_field_of_a_run_can_be_a_list_or_part_of_a_size()
    {
        SweepDocument document = Parse(
            """
            { "defaults": { "tokensPerParameter": 10 }, "blocks": [ {
              "sizes": [ { "layers": 1, "width": 16, "heads": 2, "hidden": 32, "learningRate": 0.02 } ],
              "tokens": 4096, "learningRate": [0.01, 0.003], "weightDecay": 0, "context": 32, "optimizer": "amsgrad", "tiedEmbeddings": false, "data": "text.txt" } ] }
            """
        );
        Assert.Equal([0.01, 0.003], document.Runs.Select(run => run.Spec.LearningRate));
        TrainingSpec expected = new()
        {
            Layers = 1,
            Width = 16,
            Heads = 2,
            Hidden = 32,
            LearningRate = 0.01,
            Tokens = 4096,
            WeightDecay = 0,
            Context = 32,
            Optimizer = "amsgrad",
            TiedEmbeddings = false,
            Data = "text.txt",
        };
        Assert.Equal(expected, document.Runs[0].Spec);
        Assert.Equal(expected, TrainingJson.ReadSpec(TrainingJson.Write(expected)));
    }

    [Fact]
    public void Recipes_are_fields_and_what_does_not_matter_is_one_run()
    {
        SweepDocument document = Parse(
            """
            { "blocks": [ { "sizes": "12k", "tokens": 1024, "weights": ["dense", "2:4"], "schedule": ["wsd", "wsd:0.2", "constant"],
              "qatFrom": [0, 0.5, 1], "qatFused": [false, true], "parameterisation": ["standard", "mup"] } ] }
            """
        );
        // Two schedules and two parameterisations; dense once each, and 0, 0.5, 0.5 fused and 1 of the mask.
        Assert.Equal(2 * 2 * (1 + 4), document.Runs.Count);
        Assert.Equal(["wsd:cooldown=0.2", "constant"], document.Runs.Select(run => run.Spec.Schedule).Distinct());
        Assert.All(document.Runs, run => Assert.Equal(run.Spec, TrainingJson.ReadSpec(TrainingJson.Write(run.Spec))));
        Assert.DoesNotContain(document.Runs, run => run.Spec.Weights == "dense" && run.Spec.QatFrom > 0);
    }

    [Theory]
    [InlineData("[]", "a sweep is an object")]
    [InlineData("{", "not JSON")]
    [InlineData("{}", "no list of blocks")]
    [InlineData("""{ "block": [] }""", "'block' is no field of a sweep")]
    [InlineData("""{ "blocks": [ 3 ] }""", "block 1 is no object")]
    [InlineData(
        """{ "blocks": [ { "name": "b", "sizes": "12k", "tokens": 10, "weigths": ["dense"] } ] }""",
        "block 'b': 'weigths' is no field. Did you mean weights"
    )]
    [InlineData("""{ "blocks": [ { "sizes": ["12"], "tokens": 10 } ] }""", "there is no size '12'")]
    [InlineData("""{ "blocks": [ { "sizes": [ 12 ], "tokens": 10 } ] }""", "12 is no size")]
    [InlineData("""{ "blocks": [ { "sizes": [ { "layer": 1 } ], "tokens": 10 } ] }""", "'layer' is no field of a size")]
    [InlineData("""{ "blocks": [ { "sizes": "12k", "seeds": [], "tokens": 10 } ] }""", "seed")]
    [InlineData("""{ "blocks": [ { "sizes": "12k" } ] }""", "tokens")]
    [InlineData(
        """{ "blocks": [ { "sizes": "12k", "tokensPerParameter": -1 } ] }""",
        "tokensPerParameter is -1; it must be a number above 0"
    )]
    [InlineData("""{ "blocks": [ { "sizes": "12k", "tokens": "many" } ] }""", "tokens")]
    [InlineData("""{ "blocks": [ { "sizes": "12k", "tokens": 100, "context": 1 } ] }""", "Context is 1; it must be 2 or more")]
    [InlineData("""{ "blocks": [ { "sizes": "12k", "tokens": 100, "schedule": "wsdx" } ] }""", "block 'block1': Schedule 'wsdx' is none")]
    [InlineData("""{ "blocks": [ { "sizes": "12k", "tokens": 100, "parameterisation": "mop" } ] }""", "Parameterisation is 'mop'")]
    [InlineData(
        """{ "blocks": [ { "sizes": "12k", "tokens": 100, "weights": "2:4", "qatFrom": 2 } ] }""",
        "QatFrom is 2; it must be a share"
    )]
    public void What_is_wrong_is_named(string json, string words) =>
        Assert.Contains(words, Assert.Throws<SweepException>(() => Parse(json)).Message);

    [Fact]
    public void Misspelt_representations_are_found_before_the_first_run() =>
        Assert.Contains(
            "int44",
            Assert
                .Throws<FormatException>(() =>
                    SweepPlan.Of(Parse("""{ "blocks": [ { "sizes": "12k", "tokens": 100, "weights": "int44" } ] }"""), NoFormats)
                )
                .Message
        );
}
