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

    [Fact]
    public void WrongNumbersAreNamed()
    {
        Wrong(Spec with { Width = 30, Heads = 4 }, "Width is 30", "32");
        Wrong(Spec with { BatchTokens = 100 }, "BatchTokens is 100", "128");
        Wrong(Spec with { LearningRate = double.NaN }, "LearningRate is NaN", "0.003");
        Wrong(Spec with { WeightDecay = -1 }, "WeightDecay is -1", "0 or more");
        Wrong(Spec with { Layers = 0 }, "Layers is 0", "1 or more");
    }

    private static void Wrong(TrainingSpec spec, params string[] parts)
    {
        string message = Assert.Throws<ArgumentException>(spec.Validate).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }
}
