using KernelGen.Formats;
using KernelGen.Kernels.Elements;
using KernelGen.Scaling;
using MathNet.Numerics.Distributions;

namespace KernelGen.Training.Tests;

public class EstimatorTests
{
    private const int Rows = 64,
        Columns = 256;

    private static readonly float[] Weights = Gaussian(1);

    private static float[] Gaussian(ulong seed)
    {
        var values = new float[Rows * Columns];
        ValueSource.Gaussian.Fill(seed, 0, values);
        return values;
    }

    private static Estimator Make(string method, string representation, bool tokens = false)
    {
        (TrainingMethod found, IReadOnlyDictionary<string, double> numbers) = TrainingMethods.Parse(method);
        return found.Create(
            new(
                new Holder(Representation.Parse(representation, DeclaredFormats.Catalog), tokens),
                tokens ? 0 : Rows,
                tokens ? 0 : Columns,
                0,
                numbers
            )
        );
    }

    private static (float[] Held, float[] Gradient, float[] Learned) Pass(Estimator estimator, float[] values)
    {
        float[] scales = new float[estimator.Learned],
            held = new float[values.Length],
            learned = new float[scales.Length],
            gradient = new float[values.Length];
        gradient.AsSpan().Fill(1);
        estimator.Initialise(values, scales);
        var place = new Place(Rows, Columns, scales, 7);
        estimator.Forward(place, values, held);
        estimator.Backward(place, values, held, gradient, learned);
        return (held, gradient, learned);
    }

    private static double Error(float[] values, float[] held) =>
        values.Zip(held, (x, y) => (double)(x - y) * (x - y)).Sum() / values.Sum(x => (double)x * x);

    [Theory]
    [InlineData("int4", false)]
    [InlineData("int4", true)]
    [InlineData("sparse75%", false)]
    [InlineData("2:4+int3", false)]
    [InlineData("int3-g32-outliers1", false)]
    [InlineData("vq2-2x16", true)]
    public void StraightThroughHoldsAsTheRepresentationSays(string representation, bool tokens)
    {
        (float[] held, float[] gradient, _) = Pass(Make("ste", representation, tokens), Weights);
        double declared = Representation.Parse(representation, DeclaredFormats.Catalog).Measure(new() { Samples = 1 << 18 }).Gmse;
        Assert.InRange(Error(Weights, held) / declared, 0.93, 1.07);
        Assert.All(gradient, g => Assert.Equal(1, g));
    }

    [Theory]
    [InlineData("ste", "int4", 0.02)]
    [InlineData("ste", "int4@tensor", 0.03)]
    [InlineData("ste", "sparse50%@tensor", 0.1)]
    [InlineData("fw", "sparse50%@tensor", 0.1)]
    public void TokensAreHeldOneByOne(string method, string representation, double most)
    {
        // A scale, or a threshold, of the whole tensor would be set by the large token, and let a token see those after it.
        float[] values = [.. Weights];
        values.AsSpan(0, Columns).ForEach((ref float x) => x *= 100);
        (float[] held, float[] gradient, _) = Pass(Make(method, representation, tokens: true), values);
        Assert.InRange(Error(values[Columns..], held[Columns..]), 0, most);
        if (method == "fw")
        {
            Assert.Equal(held.Select(x => x != 0), gradient.Select(g => g != 0));
        }
    }

    [Theory]
    [InlineData("rows50%")]
    [InlineData("columns25%")]
    public void StructuredMasksKeepWholeRowsOrColumns(string representation)
    {
        (float[] held, float[] gradient, _) = Pass(Make("fw", representation), Weights);
        int share = representation == "rows50%" ? Rows / 2 * Columns : Rows * Columns * 3 / 4;
        Assert.Equal(share, held.Count(x => x != 0));
        Assert.Equal(held.Select(x => x != 0), gradient.Select(g => g != 0));
        bool[] rows = [.. Enumerable.Range(0, Rows).Select(row => held[row * Columns] != 0)],
            columns = [.. Enumerable.Range(0, Columns).Select(column => held[column] != 0)];
        for (int i = 0; i < held.Length; i++)
        {
            Assert.Equal(representation == "rows50%" ? rows[i / Columns] : columns[i % Columns], held[i] != 0);
        }
    }

    [Fact]
    public void SharedValuesMoveAsOne()
    {
        Estimator estimator = Make("shared", "shared4");
        float[] ones = [.. Weights];
        (float[] held, _, _) = Pass(estimator, ones);
        float[] gradient = Gaussian(2);
        var place = new Place(Rows, Columns, default, 0);
        estimator.Backward(place, ones, held, gradient, []);
        // Weights of one magnitude share a value; their gradients, with the sign of the value, are one.
        var shared = held.Zip(gradient).GroupBy(pair => Math.Abs(pair.First)).ToArray();
        Assert.Equal(held.Length / 4, shared.Length);
        Assert.All(shared, one =>
        {
            Assert.Equal(4, one.Count());
            Assert.Single(one.Select(pair => pair.Second * Math.Sign(pair.First)).Distinct());
        });
        // The gradient of a sum of held values by a weight is what the values' change is: a projection projects once.
        float[] again = [.. gradient];
        estimator.Backward(place, ones, held, again, []);
        Assert.All(gradient.Zip(again), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Theory]
    [InlineData("vq1-4x16", 0.30, 0.45)]
    [InlineData("vq2-4x256", 0.08, 0.12)]
    public void CodebooksOfFourDimensionsAreRepresentations(string format, double least, double most) =>
        Assert.InRange(Error(Weights, Pass(Make("vq-mask:dimension=4", format), Weights).Held), least, most);

    [Fact]
    public void MasksOfWeightsReachOverTheWholeMatrix()
    {
        float[] values = [.. Weights];
        values.AsSpan(0, Columns).ForEach((ref float x) => x *= 1e-6f);
        (float[] held, _, _) = Pass(Make("ste", "sparse50%"), values);
        Assert.All(held[..Columns], x => Assert.Equal(0, x));
        Assert.Equal(Rows * Columns / 2, held.Count(x => x != 0));
    }

    [Fact]
    public void ClippedValuesGetNoGradient()
    {
        (float[] held, float[] gradient, _) = Pass(Make("clip-ste", "int2"), Weights);
        float top = held.Max();
        for (int i = 0; i < held.Length; i++)
        {
            Assert.Equal(Math.Abs(Weights[i]) > top ? 0 : 1, gradient[i]);
        }
        Assert.Contains(0, gradient);
    }

    [Theory]
    [InlineData("int4")]
    [InlineData("int2")]
    public void QuestScalesByTheRmsAndTrustsHalfAStep(string format)
    {
        var quest = (Quest)Make("quest", format);
        FormatInfo info = DeclaredFormats.Catalog[format].Info;
        Assert.Equal(info.GaussianScale!.Value, quest.Scale, 1e-6);
        (float[] held, float[] gradient, _) = Pass(quest, Weights);
        Assert.InRange(Error(Weights, held) / GaussianGrid.MeanSquaredError(CapacityProbe.DistinctLevels(info), quest.Scale), 0.9, 1.1);
        // In the rotated basis everything passes up to half a step beyond the outermost level.
        double passed = 1 - 2 * Normal.CDF(0, 1, -quest.Scale * (info.Levels.Max() + 0.5));
        // A gradient of ones is no Gaussian; its energy is spread by the rotation's signs, so the share that passes is the share of energy.
        Assert.InRange(gradient.Sum(g => (double)g * g) / gradient.Length / passed, 0.97, 1.03);
    }

    [Fact]
    public void QuestTakesThePublishedScaleForE2M1() => Assert.Equal(0.48708, ((Quest)Make("quest", "e2m1")).Scale, 2e-4);

    [Fact]
    public void LearnedStepFollowsItsFormulas()
    {
        var grid = new LevelGrid([-1.5, -0.5, 0.5, 1.5]);
        var estimator = new LearnedStep(grid);
        float[] values = [0.3f, -0.9f, 5f, -7f],
            held = new float[4],
            gradient = [1, 2, 3, 4],
            learned = [0];
        // Scale 2: levels −3, −1, 1, 3.
        var place = new Place(1, 4, new[] { MathF.Log(2) }, 0);
        estimator.Forward(place, values, held);
        Assert.Equal([1, -1, 3, -3], held.Select(x => (double)MathF.Round(x, 5)));
        estimator.Backward(place, values, held, gradient, learned);
        Assert.Equal([1f, 2f, 0f, 0f], gradient);
        double expected = (1 * (1 - 0.3) + 2 * (-1 + 0.9) + 3 * 3 + 4 * -3) / Math.Sqrt(4 * 1.5);
        Assert.Equal(expected, learned[0], 1e-5);
        estimator.Initialise(values, learned);
        Assert.Equal(2 * values.Average(Math.Abs) / Math.Sqrt(1.5), Math.Exp(learned[0]), 1e-5);
    }

    [Fact]
    public void NoiseHasTheGivenErrorAndIsNewInEveryStep()
    {
        Estimator estimator = Make("noise:0.04", "dense");
        (float[] held, float[] gradient, _) = Pass(estimator, Weights);
        Assert.InRange(Error(Weights, held), 0.038, 0.042);
        Assert.All(gradient, g => Assert.Equal(1, g));
        var other = new float[held.Length];
        estimator.Forward(new(Rows, Columns, default, 8), Weights, other);
        Assert.NotEqual(held, other);
        // Without a number it is the representation's own error.
        Assert.InRange(
            Error(Weights, Pass(Make("noise", "int3"), Weights).Held) / Error(Weights, Pass(Make("ste", "int3"), Weights).Held),
            0.95,
            1.05
        );
    }

    [Theory]
    [InlineData("vq-mask", "vq2-2x16")]
    [InlineData("vq-mask:dimension=4", "vq2-4x256")]
    public void VectorsFarFromTheCodeAreNotTrusted(string method, string format)
    {
        float[] values = [.. Weights];
        values[0] = 7;
        (_, float[] gradient, _) = Pass(Make(method, format), values);
        int dimension = method.Contains('4') ? 4 : 2;
        Assert.All(gradient[..dimension], g => Assert.Equal(0, g));
        Assert.InRange(gradient.Average(), 0.75, 0.99);
        for (int i = 0; i < gradient.Length; i += dimension)
        {
            Assert.Single(gradient[i..(i + dimension)].Distinct());
        }
    }

    [Theory]
    [InlineData("fw", "sparse50%")]
    [InlineData("rms:p=0.3", "sparse50%")]
    [InlineData("b-rms:p=0.3", "sparse50%")]
    [InlineData("b-rms:p=0.15", "sparse50%")]
    [InlineData("a-b-rms:a=0.4", "sparse50%")]
    [InlineData("a-b-rms:0", "sparse75%")]
    [InlineData("a-b-rms:1", "sparse75%")]
    public void SparseMasksFollowTheirFormulas(string method, string representation)
    {
        (float[] held, float[] gradient, _) = Pass(Make(method, representation), Weights);
        double rms = Math.Sqrt(Weights.Average(x => (double)x * x)),
            topK = held.Where(x => x != 0).Min(Math.Abs);
        double number = method.Split(':') is [_, var text]
            ? double.Parse(text.Split('=')[^1], System.Globalization.CultureInfo.InvariantCulture)
            : 0;
        double p = rms * Normal.InvCDF(0, 1, 0.5 + Math.Min(number, 0.49)),
            a = rms * Normal.InvCDF(0, 1, 0.5 + (1 - number) * (Normal.CDF(0, 1, topK / rms) - 0.5));
        for (int i = 0; i < Weights.Length; i++)
        {
            double x = Math.Abs(Weights[i]);
            if (Math.Abs(x - p) < 1e-5 || Math.Abs(x - a) < 1e-5)
            {
                continue; // too near to the threshold to tell in float
            }
            bool passes = method.Split(':')[0] switch
            {
                "fw" => x >= topK,
                "rms" => x > p,
                "b-rms" => x < Math.Min(p, topK) || x >= Math.Max(p, topK),
                _ => x < a || x >= topK,
            };
            Assert.Equal(passes ? 1 : 0, gradient[i]);
        }
        // The ends: everything passes at a = 0, what is kept at a = 1.
        Assert.InRange(
            gradient.Average(),
            method.EndsWith(":1", StringComparison.Ordinal) ? 0.249 : 0.2,
            method.EndsWith(":1", StringComparison.Ordinal) ? 0.251 : 1
        );
    }

    [Fact]
    public void PatternsHaveBandsToo()
    {
        (float[] held, float[] gradient, _) = Pass(Make("b-rms:p=0.25", "2:4"), Weights);
        double rms = Math.Sqrt(Weights.Average(x => (double)x * x)),
            p = rms * Normal.InvCDF(0, 1, 0.75);
        for (int i = 0; i < Weights.Length; i++)
        {
            Assert.Equal((held[i] != 0) == Math.Abs(Weights[i]) > p ? 1 : 0, gradient[i]);
        }
    }
}

internal static class SpanExtensions
{
    public delegate void Change(ref float value);

    public static void ForEach(this Span<float> values, Change change)
    {
        foreach (ref float value in values)
        {
            change(ref value);
        }
    }
}
