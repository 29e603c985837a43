using KernelGen.Formats;
using KernelGen.Training;

namespace KernelGen.Cli.Tests;

/// <summary>The grids in benchmarks/laboratory: every representation and method in them is one, and they hold what they should.</summary>
public sealed class LaboratoryGridTests
{
    private static string Folder
    {
        get
        {
            string? folder = AppContext.BaseDirectory;
            while (folder is not null && !File.Exists(Path.Combine(folder, "KernelGen.sln")))
            {
                folder = Path.GetDirectoryName(folder);
            }
            return Path.Combine(folder!, "benchmarks", "laboratory");
        }
    }

    private static SweepDocument Grid(string name) => SweepDocument.Read(Path.Combine(Folder, name + ".json"));

    [Theory]
    [InlineData("base-grid")]
    [InlineData("extended-grid")]
    [InlineData("rbbm")]
    [InlineData("seeds-grid")]
    [InlineData("quanta-grid")]
    public void Every_grid_is_one(string name)
    {
        IReadOnlyList<SweepRun> runs = SweepPlan.Of(Grid(name), DeclaredFormats.Catalog).Runs;
        Assert.Equal(runs.Select(run => run.Key).Distinct().Count(), runs.Count);
        Assert.Equal(runs.OrderBy(run => run.Work), runs);
    }

    [Fact]
    public void The_grid_of_recipes_has_what_it_is_for_and_ends_in_time()
    {
        SweepDocument grid = Grid("seeds-grid");
        TrainingSpec[] runs = [.. grid.Runs.Select(run => run.Spec)];
        Assert.InRange(SweepPlan.Of(grid, DeclaredFormats.Catalog).Runs.Sum(CostModel.Usual), 0, 2 * 90 * 60);
        Assert.Equal([50, 100, 200], runs.Where(run => run.QatFrom is > 0 and < 1).Select(Ratio).Distinct().Order());
        Assert.Equal(2, runs.Where(run => run.Schedule == "constant").Select(run => run.Parameters).Distinct().Count());
        Assert.Equal(3, runs.Where(run => run.Parameterisation == "mup").Select(run => run.Width).Distinct().Count());
        string[] wanted = ["shared2", "shared4", "shared10", "rows50%", "columns50%", "vq2-4x256"];
        Assert.Empty(wanted.Except(runs.Select(run => run.Weights)));
        Assert.Contains(runs, run => run.Activations == "sparse50%" && run.Weights == "int2");
        Assert.Equal(
            20,
            runs.Where(run => run.Optimizer == "amsgrad" && run.Weights == "int4" && run.Width == 24)
                .Select(run => run.Seed)
                .Distinct()
                .Count()
        );
        Assert.Equal(20, runs.Count(run => run.Schedule == "wsd:cooldown=0.2" && run.Weights == "dense" && run.Width == 24));
        // Dense models of as many trainable numbers as shared ones have.
        Assert.All([2, 4, 10], ratio =>
            Assert.Contains(runs, run => run.Tokens == 2508800 && Math.Abs(25088.0 / ratio / run.Parameters - 1) < 0.05)
        );
        static double Ratio(TrainingSpec run) => Math.Round((double)run.Tokens / run.Parameters);
    }

    [Fact]
    public void The_base_grid_has_its_sizes_seeds_and_pairs()
    {
        TrainingSpec[] full =
        [
            .. Grid("base-grid")
                .Runs.Where(run => run.Group is "integers" or "codes" or "sparsity" or "pairs" or "products" or "tokens")
                .Select(run => run.Spec)
                .Where(run => run.Tokens - 100 * run.Parameters is >= 0 and < 1024),
        ];
        Assert.All(full, run => Assert.Equal("ste", run.Method)); // what is fitted is trained in one way
        string[] weights =
        [
            .. full.Where(run => run.Activations == "dense" && run.Parameters == full.Max(other => other.Parameters))
                .Select(run => run.Weights)
                .Distinct(),
        ];
        Assert.Equal(18, weights.Length);
        long[] sizes = [.. full.Select(run => run.Parameters).Distinct().Order()];
        Assert.Equal(4, sizes.Length);
        Assert.All(sizes, size =>
            Assert.Equal(
                weights.Order(),
                full.Where(run => run.Parameters == size && run.Activations == "dense" && run.Seed == 0 && weights.Contains(run.Weights))
                    .Select(run => run.Weights)
                    .Order()
            )
        );
        Assert.All(weights, name =>
            Assert.Equal(
                [0, 1, 2, 3, 4],
                full.Where(run => run.Parameters == sizes[0] && run.Activations == "dense" && run.Weights == name)
                    .Select(run => run.Seed)
                    .Order()
            )
        );
        Assert.Equal(
            2 * 16,
            full.Where(run => run.Seed == 0 && run.Parameters <= sizes[1])
                .Select(run => (run.Parameters, run.Weights, run.Activations))
                .Count(run => Bits.Contains(run.Weights) && Bits.Contains(run.Activations))
        );
    }

    private static readonly string[] Bits = ["dense", "int2", "int3", "int4"];
}
