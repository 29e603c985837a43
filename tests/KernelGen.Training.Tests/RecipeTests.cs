using KernelGen.Formats;

namespace KernelGen.Training.Tests;

/// <summary>Phases before the representation, μP, and runs that are taken up again.</summary>
public class RecipeTests
{
    private static readonly TrainingSpec Spec = ModelGradientTests.Small with { Tokens = 20 * 96, Schedule = "wsd:cooldown=0.4" };

    private static TrainingSession Run(TrainingSpec spec, long steps)
    {
        var session = new TrainingSession(spec, DeclaredFormats.Catalog, 1);
        Go(session, steps);
        return session;
    }

    private static void Go(TrainingSession session, long steps)
    {
        while (session.StepsTaken < steps)
        {
            session.Step();
        }
    }

    [Fact]
    public void Steps_before_the_representation_are_dense()
    {
        TrainingSpec late = Spec with { Weights = "int2", Activations = "int4", QatFrom = 0.5, QatFused = true };
        float[] dense = Run(Spec, 10).Parameters;
        TrainingSession session = Run(late, 10);
        Assert.Equal(dense, session.Parameters);
        session.Step();
        Assert.NotEqual(Run(Spec, 11).Parameters, session.Parameters);
        // A phase of its own has a schedule of its own: that of a run of as many steps.
        Assert.Equal(Run(Spec with { Tokens = 10 * 96 }, 10).Parameters, Run(late with { QatFused = false }, 10).Parameters);
    }

    [Fact]
    public void A_second_phase_warms_up_again()
    {
        TrainingSpec late = Spec with { Tokens = 40 * 96, Weights = "int3", QatFrom = 0.5 };
        double Moved(TrainingSpec spec)
        {
            TrainingSession session = Run(spec, 20);
            float[] before = [.. session.Parameters];
            session.Step();
            return Math.Sqrt(before.Zip(session.Parameters, (x, y) => (double)(x - y) * (x - y)).Sum());
        }
        // The first of two steps of warm-up, against the full rate of a schedule that is in its middle.
        Assert.InRange(Moved(late) / Moved(late with { QatFused = true }), 0.2, 0.8);
    }

    [Fact]
    public void A_share_of_one_is_compression_after_training()
    {
        TrainingSession dense = Run(Spec, 20),
            after = Run(Spec with { Weights = "int2", QatFrom = 1 }, 20);
        Assert.Equal(dense.Parameters, after.Parameters);
        double plain = dense.Evaluate().Average(),
            held = after.Evaluate().Average();
        Assert.NotEqual(plain, held);
        Assert.NotEqual(after.Parameters, after.Held);
    }

    [Fact]
    public void Learned_scales_begin_when_the_representation_does()
    {
        TrainingSession session = Run(Spec with { Weights = "int4", Activations = "int4", Method = "lsq", QatFrom = 0.5 }, 10);
        ParameterTensor[] scales = [.. session.Layout.Tensors.Where(tensor => tensor.Kind == ParameterKind.Learned)];
        Assert.NotEmpty(scales);
        Assert.All(scales, scale => Assert.Equal(0, session.Parameters[scale.Offset]));
        session.Evaluate();
        Assert.All(scales, scale => Assert.NotEqual(0, session.Parameters[scale.Offset]));
    }

    [Theory]
    [InlineData("dense", "dense", "ste", 0.0, true)]
    [InlineData("int4", "dense", "ste", 0.0, true)]
    [InlineData("int4", "dense", "ste", 0.5, false)]
    public void What_cannot_be_is_said(string weights, string activations, string method, double from, bool fused)
    {
        TrainingSpec spec = Spec with { Weights = weights, Activations = activations, Method = method, QatFrom = from, QatFused = fused };
        if (from > 0)
        {
            string dense = Assert.Throws<ArgumentException>(() => Run(spec with { Weights = "dense" }, 0)).Message;
            Assert.Contains("QatFrom is 0.5, but nothing is compressed", dense, StringComparison.Ordinal);
            return;
        }
        Assert.Contains(
            "QatFused is True; it must be false where QatFrom is 0",
            Assert.Throws<ArgumentException>(spec.Validate).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Mup_is_standard_at_the_base_width()
    {
        TrainingSpec spec = Spec with { Width = Parameterisation.BaseWidth, Heads = 2, Hidden = 40 };
        Assert.Equal(Run(spec, 5).Parameters, Run(spec with { Parameterisation = "mup" }, 5).Parameters);
        Assert.NotEqual(Run(spec with { Width = 64 }, 5).Parameters, Run(spec with { Width = 64, Parameterisation = "mup" }, 5).Parameters);
    }

    /// <summary>The check of coordinates: what a step changes in the loss does not grow with the width.</summary>
    [Fact]
    public void A_step_changes_as_much_at_every_width()
    {
        double Change(int width, string parameterisation)
        {
            TrainingSpec spec = Spec with
            {
                Width = width,
                Heads = width / 16,
                Hidden = 2 * width,
                LearningRate = 0.02,
                Parameterisation = parameterisation,
            };
            TrainingSession session = Run(spec, 0);
            float[] first = [.. session.Parameters];
            session.Step();
            // Linear layers only: how far a product of a matrix with a fixed vector of ones and minus ones moves.
            ParameterTensor matrix = session.Layout.Layers[0].Gate;
            double moved = 0;
            for (int row = 0; row < matrix.Rows; row++)
            {
                double sum = 0;
                for (int column = 0; column < matrix.Columns; column++)
                {
                    int at = matrix.Offset + row * matrix.Columns + column;
                    sum += Math.Abs(session.Parameters[at] - first[at]);
                }
                moved += sum / matrix.Rows;
            }
            return moved;
        }
        // Adam's first step moves every weight by the rate: a product over the width moves as the width, but for μP.
        Assert.InRange(Change(128, "standard") / Change(32, "standard"), 3.5, 4.5);
        Assert.InRange(Change(128, "mup") / Change(32, "mup"), 0.85, 1.15);
    }

    [Theory]
    [InlineData("dense", "dense", "ste", "adamw", 0)]
    [InlineData("int3", "int4", "lsq", "amsgrad", 0.4)]
    [InlineData("int4", "dense", "quest", "adamw", 0.8)]
    [InlineData("sparse50%", "dense", "gmp:every=2", "adamw", 0)]
    [InlineData("sparse50%", "dense", "rigl:every=2", "amsgrad", 0)]
    [InlineData("shared4", "dense", "shared", "adamw", 0)]
    public void Runs_go_on_with_the_same_bits(string weights, string activations, string method, string optimizer, double from)
    {
        using var folder = new KernelGen.Tests.ScratchFolder();
        TrainingSpec spec = Spec with
        {
            Weights = weights,
            Activations = activations,
            Method = method,
            Optimizer = optimizer,
            QatFrom = from,
            QatFused = from > 0,
            Parameterisation = "mup",
        };
        TrainingSession whole = Run(spec, 20);
        foreach (long at in (long[])[1, 7, 8, 12, 20])
        {
            TrainingSession first = Run(spec, at);
            var curve = new LossCurve(spec.Steps, spec.BatchTokens);
            TrainingState.Write(folder["state.safetensors"], spec, first, curve);
            var second = new TrainingSession(spec, DeclaredFormats.Catalog, 1);
            TrainingState.Read(folder["state.safetensors"], spec, second, curve);
            Go(second, 20);
            Assert.Equal(whole.Parameters, second.Parameters);
            Assert.Equal(whole.Evaluate(), second.Evaluate());
        }
        string message = Assert
            .Throws<ArgumentException>(() =>
                TrainingState.Read(
                    folder["state.safetensors"],
                    spec with
                    {
                        Seed = 9,
                    },
                    new TrainingSession(spec, DeclaredFormats.Catalog, 1),
                    new LossCurve(1, 1)
                )
            )
            .Message;
        Assert.Contains("the state of another run", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_run_is_kept_and_taken_up()
    {
        using var folder = new KernelGen.Tests.ScratchFolder();
        TrainingSpec spec = Spec with { Tokens = 64 * 96 };
        TrainingOutcome whole = Trainer.Run(spec, DeclaredFormats.Catalog, 1);
        using var source = new CancellationTokenSource();
        source.Cancel();
        string state = folder["state.safetensors"];
        Assert.Throws<OperationCanceledException>(() => Trainer.Run(spec, DeclaredFormats.Catalog, 1, state: state, cancel: source.Token));
        var curve = new LossCurve(spec.Steps, spec.BatchTokens);
        var session = new TrainingSession(spec, DeclaredFormats.Catalog, 1);
        TrainingState.Read(state, spec, session, curve);
        Assert.Equal(0, session.StepsTaken);
        while (session.StepsTaken < 21)
        {
            double loss = session.Step();
            curve.Add(session.StepsTaken, loss);
        }
        TrainingState.Write(state, spec, session, curve);
        TrainingOutcome resumed = Trainer.Run(spec, DeclaredFormats.Catalog, 1, state: state);
        Assert.Equal(whole.Loss, resumed.Loss);
        Assert.Equal(whole.Curve, resumed.Curve);
        Assert.Empty(folder.Files);
    }
}
