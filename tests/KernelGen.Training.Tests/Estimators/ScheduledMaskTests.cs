using KernelGen.Scaling;

namespace KernelGen.Training.Tests;

public class ScheduledMaskTests
{
    private const int Length = 1000,
        Steps = 400;

    private static float[] Gaussian(ulong seed)
    {
        var values = new float[Length];
        ValueSource.Gaussian.Fill(seed, 0, values);
        return values;
    }

    private static bool[] Kept(Estimator estimator)
    {
        var held = new float[Length];
        float[] ones = [.. Enumerable.Repeat(1f, Length)];
        estimator.Forward(new(1, Length, default, 0), ones, held);
        return [.. held.Select(x => x != 0)];
    }

    [Fact]
    public void PruningFollowsTheCubicAndNeverTakesBack()
    {
        var pruning = new MagnitudePruning(Length, 0.25, 0.1, 0.7, 10);
        float[] weights = Gaussian(1);
        bool[] before = Kept(pruning);
        Assert.DoesNotContain(false, before);
        for (int step = 0; step < Steps; step++)
        {
            pruning.Advance(step, Steps, weights, weights);
            bool[] kept = Kept(pruning);
            Assert.All(kept.Zip(before), pair => Assert.True(pair.Second || !pair.First));
            if (step % 10 == 0)
            {
                double t = Math.Clamp((step / (double)Steps - 0.1) / 0.6, 0, 1);
                Assert.InRange(kept.Count(x => !x) - 750 * (1 - Math.Pow(1 - t, 3)), -1, 1);
            }
            // Weights may change while they are pruned: they do not come back.
            for (int i = 0; i < Length; i++)
            {
                weights[i] += kept[i] ? 0 : 5;
            }
            before = kept;
        }
        Assert.Equal(250, before.Count(x => x));
        float[] gradient = [.. Enumerable.Repeat(1f, Length)];
        pruning.Backward(new(1, Length, default, 0), weights, weights, gradient, []);
        Assert.Equal(before.Select(x => x ? 1f : 0f), gradient);
    }

    [Fact]
    public void RigLDropsTheSmallestAndGrowsTheLargestGradients()
    {
        var rigl = new RiggedLottery(Length, 0.2, 0.3, 50, 9);
        float[] weights = Gaussian(1),
            gradient = Gaussian(2);
        bool[] first = Kept(rigl);
        Assert.Equal(200, first.Count(x => x));
        rigl.Advance(49, Steps, weights, gradient);
        Assert.Equal(first, Kept(rigl));
        float[] old = [.. weights];
        rigl.Advance(50, Steps, weights, gradient);
        bool[] second = Kept(rigl);
        Assert.Equal(200, second.Count(x => x));
        int[] dropped = [.. Enumerable.Range(0, Length).Where(i => first[i] && !second[i])],
            grown = [.. Enumerable.Range(0, Length).Where(i => !first[i] && second[i])];
        Assert.Equal((int)(200 * 0.15 * (1 + Math.Cos(Math.PI * 50 / (0.75 * Steps)))), dropped.Length);
        Assert.Equal(dropped.Length, grown.Length);
        Assert.True(
            dropped.Max(i => Math.Abs(old[i])) <= Enumerable.Range(0, Length).Where(i => first[i] && second[i]).Min(i => Math.Abs(old[i]))
        );
        Assert.True(
            grown.Min(i => Math.Abs(gradient[i]))
                >= Enumerable.Range(0, Length).Where(i => !first[i] && !second[i]).Max(i => Math.Abs(gradient[i]))
        );
        Assert.All(grown, i => Assert.Equal(0, weights[i]));
        // In the last quarter the mask stays.
        rigl.Advance(350, Steps, weights, Gaussian(3));
        Assert.Equal(second, Kept(rigl));
    }
}
