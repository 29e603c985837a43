using KernelGen.Formats;

namespace KernelGen.Training.Tests;

public class DeterminismTests
{
    [Theory]
    [InlineData("dense", "dense", "ste", "adamw")]
    [InlineData("int3", "int4", "quest", "amsgrad")]
    [InlineData("int4-g32", "e2m1@token", "noise", "adamw")]
    [InlineData("int3", "int4", "lsq", "adamw")]
    [InlineData("sparse50%", "dense", "rigl:every=2", "adamw")]
    public void TheSameRunGivesTheSameBitsOnAnyNumberOfThreads(string weights, string activations, string method, string optimizer)
    {
        TrainingSpec spec = ModelGradientTests.Small with
        {
            Context = 32,
            BatchTokens = 2048,
            Tokens = 6 * 2048,
            Weights = weights,
            Activations = activations,
            Method = method,
            Optimizer = optimizer,
        };
        Assert.True(new BatchPlan(spec).Lanes > 2);
        float[] expected = Train(1);
        Assert.Equal(expected, Train(1));
        Assert.Equal(expected, Train(2));
        Assert.Equal(expected, Train(3));

        float[] Train(int threads)
        {
            var session = new TrainingSession(spec, DeclaredFormats.Catalog, threads);
            for (int step = 0; step < spec.Steps; step++)
            {
                session.Step();
            }
            return [.. session.Parameters, .. session.Evaluate().Select(loss => (float)loss)];
        }
    }

    [Fact]
    public void StepsAllocateTriflesOnly()
    {
        TrainingSpec spec = ModelGradientTests.Small with
        {
            Context = 32,
            BatchTokens = 1024,
            Tokens = 1 << 20,
            Weights = "int4",
            Method = "quest",
        };
        var session = new TrainingSession(spec, DeclaredFormats.Catalog, 1);
        for (int i = 0; i < 3; i++)
        {
            session.Step();
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            session.Step();
        }
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 10, 0, 4096);
    }
}
