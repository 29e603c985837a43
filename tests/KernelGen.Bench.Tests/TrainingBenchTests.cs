using KernelGen.Formats;
using KernelGen.Training;

namespace KernelGen.Bench.Tests;

public class TrainingBenchTests
{
    [Fact]
    public void OperationsAreCountedByHand()
    {
        // One layer of width 2 and hidden width 3: 4·4 + 3·6 = 34 weights; 10 tokens of vocabulary; context 4.
        TrainingSpec spec = new()
        {
            Layers = 1,
            Width = 2,
            Heads = 1,
            Hidden = 3,
            Context = 4,
            BatchTokens = 8,
            Tokens = 8,
            LearningRate = 0.1,
        };
        Assert.Equal(8 * 6 * (34 + 10 * 2 + 4 * 2), TrainingBench.Flops(spec, 10));
    }

    [Fact]
    public void StepsAreBelowThePeak()
    {
        TrainingBenchResult result = TrainingBench.Measure(
            TrainingBench.Shape(64) with
            {
                BatchTokens = 512,
            },
            DeclaredFormats.Catalog,
            2,
            1
        );
        Assert.InRange(result.Share, 0.001, 1);
        Assert.Equal(512 / result.SecondsPerStep, result.TokensPerSecond, 1e-6);
    }
}
