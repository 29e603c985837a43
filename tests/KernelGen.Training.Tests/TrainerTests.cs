using KernelGen.Formats;

namespace KernelGen.Training.Tests;

public class TrainerTests
{
    private static readonly TrainingSpec Spec = ModelSizes.Of("12k").Spec() with { Tokens = 160_000, LearningRate = 0.01 };

    [Fact]
    public void LossFallsTowardsTheEntropyAndStaysAboveIt()
    {
        List<TrainingProgress> heard = [];
        TrainingOutcome outcome = Trainer.Run(Spec, DeclaredFormats.Catalog, 1, new Listener(heard.Add));
        Assert.InRange(outcome.Loss, outcome.Entropy!.Value + 0.3, 3.8); // ln 64 = 4.16 is what guessing costs
        Assert.InRange(outcome.LossError, 0, 0.02);
        Assert.Equal(32, outcome.Curve.Count);
        Assert.True(outcome.Curve[^1].Loss < outcome.Curve[0].Loss - 0.3);
        // Training loss at the end and held-out loss are the same thing when no token is seen twice.
        Assert.Equal(outcome.Curve[^1].Loss, outcome.Loss, 0.05);
        Assert.Equal(Spec.Steps * Spec.BatchTokens, heard[^1].Tokens);
        Assert.Equal(outcome.Tokens, heard[^1].TotalTokens);
    }

    [Fact]
    public void FewerBitsLoseMore()
    {
        // So early in a run weights hardly matter yet: activations do.
        double[] losses =
        [
            .. new[] { "int1", "int2", "dense" }.Select(held =>
                Trainer.Run(Spec with { Activations = held }, DeclaredFormats.Catalog).Loss
            ),
        ];
        Assert.Equal(losses.OrderDescending(), losses);
    }

    [Fact]
    public void WrongRunsAreNamed()
    {
        Wrong(Spec with { Weights = "int4 x int4" }, "Weights is 'int4 x int4'");
        Wrong(Spec with { Method = "stee" }, "'stee'", "ste");
        Wrong(Spec with { Method = "b-rms:p=0.7", Weights = "sparse50%" }, "p is '0.7'", "from");
        Wrong(Spec with { Method = "b-rms:q=0.2", Weights = "sparse50%" }, "takes p");
        Wrong(Spec with { Method = "fw", Weights = "int4" }, "needs a mask");
        Wrong(Spec with { Method = "gmp", Weights = "2:4" }, "sparse50%");
        Wrong(Spec with { Method = "lsq", Weights = "vq2-2x16" }, "scalar format");
        Wrong(Spec with { Method = "ste x gmp", Activations = "sparse50%" }, "weights only");
        Wrong(Spec with { Method = "shared", Weights = "int4" }, "shared4", "'int4' does not");
        Wrong(Spec with { Activations = "shared4" }, "Activations is 'shared4'", "matrices of weights");
        Wrong(Spec with { Activations = "rows50%" }, "Activations is 'rows50%'", "matrices of weights");
        Wrong(Spec with { Data = "quantta" }, "Data is 'quantta'", "no such file", "quanta");
        Wrong(Spec with { Optimizer = "sgd" }, "'sgd'", "adamw");
        string message = Assert
            .Throws<FormatException>(() => Trainer.Run(Spec with { Activations = "in4" }, DeclaredFormats.Catalog))
            .Message;
        Assert.Contains("Activations", message, StringComparison.Ordinal);
        Assert.Contains("int4", message, StringComparison.Ordinal);
    }

    [Fact]
    public void DivergenceIsSaid()
    {
        string message = Assert
            .Throws<TrainingDivergedException>(() =>
            {
                var session = new TrainingSession(Spec, DeclaredFormats.Catalog, 1);
                session.Parameters[100] = float.PositiveInfinity;
                session.Step();
            })
            .Message;
        Assert.Contains("step 0", message, StringComparison.Ordinal);
    }

    [Fact]
    public void CancelledRunsLeaveNothing()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => Trainer.Run(Spec, DeclaredFormats.Catalog, cancel: source.Token));
    }

    private static void Wrong(TrainingSpec spec, params string[] parts)
    {
        string message = Assert.Throws<ArgumentException>(() => Trainer.Run(spec, DeclaredFormats.Catalog)).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    private sealed class Listener(Action<TrainingProgress> hear) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => hear(value);
    }
}
