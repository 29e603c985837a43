namespace KernelGen.Training.Tests;

public class TrainingSpecTests
{
    private static readonly TrainingSpec Spec = ModelSizes.Of("25k").Spec();

    [Fact]
    public void SizesAreNearTheirNames()
    {
        foreach (ModelSize size in ModelSizes.All)
        {
            double named = 1000 * double.Parse(size.Name.TrimEnd('k'), System.Globalization.CultureInfo.InvariantCulture);
            TrainingSpec spec = size.Spec(100);
            spec.Validate();
            Assert.InRange(spec.Parameters / named, 0.9, 1.1);
            Assert.Equal(100 * spec.Parameters, spec.Tokens);
        }
    }

    [Fact]
    public void KeyTellsEveryFieldApart()
    {
        TrainingSpec[] others =
        [
            Spec with
            {
                Layers = 3,
            },
            Spec with
            {
                Width = 64,
            },
            Spec with
            {
                Heads = 4,
            },
            Spec with
            {
                Hidden = 64,
            },
            Spec with
            {
                Context = 32,
            },
            Spec with
            {
                Tokens = 5,
            },
            Spec with
            {
                BatchTokens = 128,
            },
            Spec with
            {
                LearningRate = 0.25,
            },
            Spec with
            {
                WeightDecay = 0,
            },
            Spec with
            {
                Seed = 1,
            },
            Spec with
            {
                Weights = "2:4",
            },
            Spec with
            {
                Activations = "2:4",
            },
            Spec with
            {
                Method = "fw",
            },
            Spec with
            {
                Optimizer = "amsgrad",
            },
            Spec with
            {
                Schedule = "constant",
            },
            Spec with
            {
                QatFrom = 0.5,
            },
            Spec with
            {
                QatFused = true,
            },
            Spec with
            {
                Parameterisation = "mup",
            },
            Spec with
            {
                TiedEmbeddings = false,
            },
            Spec with
            {
                Data = "text.txt",
            },
        ];
        Assert.Equal(others.Length + 1, others.Append(Spec).Select(spec => spec.Key).Distinct().Count());
        // A field that is added must be in the key, or two different runs would be taken for one.
        Assert.Equal(others.Length, typeof(TrainingSpec).GetProperties().Count(property => property.CanWrite));
    }

    /// <summary>Databases and tables hold runs by this text: it may only grow where a run is of a new kind.</summary>
    [Fact]
    public void KeysOfStoredRunsStay() =>
        Assert.Equal(
            "layers=2;width=32;heads=2;hidden=88;context=64;tokens=2508800;batch=1024;lr=0.02;decay=0.1;optimizer=adamw;tied=1;"
                + "weights=dense;activations=dense;method=ste;data=synthetic;seed=0",
            Spec.Key
        );

    [Fact]
    public void CanonicalRunsAreTheSameRunInFewerWords()
    {
        TrainingSpec dense = Spec with { Method = "quest", QatFrom = 0.5, QatFused = true, Tokens = 1000, Schedule = "wsd" };
        Assert.Equal(Spec with { Tokens = 1024, Schedule = "wsd:cooldown=0.2" }, dense.Canonical());
        TrainingSpec held = dense with { Weights = "int4", Tokens = 1024, Schedule = "constant" };
        Assert.Equal(held, held.Canonical());
        Assert.Equal(held with { QatFrom = 0, QatFused = false }, (held with { QatFrom = 0 }).Canonical());
        // Noise of an error that is given changes dense values too.
        TrainingSpec noise = Spec with { Method = "noise:gmse=0.01" };
        Assert.Equal(noise with { Tokens = noise.Canonical().Tokens }, noise.Canonical());
    }

    [Fact]
    public void WrongNumbersAreNamed()
    {
        Wrong(Spec with { Width = 30, Heads = 4 }, "Width is 30", "32");
        Wrong(Spec with { BatchTokens = 100 }, "BatchTokens is 100", "128");
        Wrong(Spec with { LearningRate = double.NaN }, "LearningRate is NaN", "0.003");
        Wrong(Spec with { WeightDecay = -1 }, "WeightDecay is -1", "0 or more");
        Wrong(Spec with { QatFrom = 1.5 }, "QatFrom is 1.5", "from 0 to 1");
        Wrong(Spec with { QatFrom = double.NaN }, "QatFrom is NaN");
        Wrong(Spec with { Parameterisation = "mop" }, "Parameterisation is 'mop'", "mup");
        Wrong(Spec with { Schedule = "wsdx" }, "Schedule 'wsdx' is none", "wsd");
        Wrong(Spec with { Layers = 0 }, "Layers is 0", "1 or more");
    }

    private static void Wrong(TrainingSpec spec, params string[] parts)
    {
        string message = Assert.Throws<ArgumentException>(spec.Validate).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }
}
