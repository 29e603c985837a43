using KernelGen.Formats;

namespace KernelGen.Training.Tests;

public class ModelGradientTests
{
    internal static TrainingSpec Small { get; } =
        new()
        {
            Layers = 2,
            Width = 16,
            Heads = 2,
            Hidden = 24,
            Context = 12,
            BatchTokens = 96,
            Tokens = 960,
            LearningRate = 0.01,
            Seed = 5,
        };

    /// <summary>Moves each tensor along its own gradient: the loss must change as fast as the gradient is long.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void GradientsOfAllTensorsAreThoseOfTheLoss(bool tied)
    {
        var session = new TrainingSession(Small with { TiedEmbeddings = tied }, DeclaredFormats.Catalog, 1);
        session.ComputeGradient();
        float[] gradient = session.Gradient.ToArray(),
            before = [.. session.Parameters];
        foreach (ParameterTensor tensor in session.Layout.Tensors)
        {
            float[] own = gradient[tensor.Range];
            double length = Math.Sqrt(own.Sum(g => (double)g * g)),
                size = Math.Sqrt(before[tensor.Range].Sum(x => (double)x * x)),
                step = 0.004 * size;
            Assert.True(length > 0, tensor.Name);
            double difference = (Moved(1) - Moved(-1)) / (2 * step);
            Assert.True(
                Math.Abs(difference - length) < 0.01 * length + 2e-5,
                $"{tensor.Name}: {length} by the gradient, {difference} by difference"
            );

            double Moved(int sign)
            {
                before.CopyTo(session.Parameters, 0);
                for (int i = 0; i < own.Length; i++)
                {
                    session.Parameters[tensor.Offset + i] += (float)(sign * step * own[i] / length);
                }
                return session.ComputeGradient();
            }
        }
    }

    [Fact]
    public void AccumulatedGradientsAreThoseOfOneBatch()
    {
        // 8 sequences of 64 are one micro-batch; of 128 they are two, and of 1024 eight.
        TrainingSpec spec = Small with { Context = 128, BatchTokens = 1024 };
        Assert.Equal(2, new BatchPlan(spec).MicroBatches);
        var session = new TrainingSession(spec, DeclaredFormats.Catalog, 1);
        double loss = session.ComputeGradient();
        var layout = session.Layout;
        var work = new Workspace(spec, session.Data.Vocabulary, 8, compressed: false);
        var decoder = new Decoder(spec, layout, session.Data.Vocabulary, null);
        for (int i = 0; i < 8; i++)
        {
            session.Data.Sequence(i, work.Sequence);
            work.SetSequence(i);
        }
        Assert.Equal(loss, decoder.Forward(work, session.Parameters, session.Parameters, 0) / spec.BatchTokens, 1e-6);
        var gradient = new float[layout.Length];
        decoder.Backward(work, session.Parameters, session.Parameters, 1f / spec.BatchTokens, gradient, 0);
        float largest = gradient.Max(Math.Abs);
        Assert.All(gradient.Zip(session.Gradient.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * largest + 1e-7));
    }
}
