using System.Diagnostics;
using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>The knapsack against all combinations, and on problems of real size.</summary>
public sealed class AllocatorTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private static readonly CompressedFormat[] Formats = [.. SmallModels.Catalog.All.Take(8)];

    private static AllocationItem[] Random(int tensors, int formats, Random random) =>
        [
            .. Enumerable
                .Range(0, tensors)
                .Select(i => new AllocationItem(
                    $"t{i}",
                    [
                        .. Enumerable
                            .Range(0, formats)
                            .Select(f => new AllocationChoice(Formats[f], random.Next(1, 1000), random.NextDouble())),
                    ]
                )),
        ];

    [Fact]
    public void It_finds_what_trying_all_finds()
    {
        var random = new Random(7);
        int solved = 0;
        for (int trial = 0; trial < 400; trial++)
        {
            AllocationItem[] items = Random(random.Next(1, 7), random.Next(1, 6), random);
            long budget = random.Next(1, 4000);
            double best = double.PositiveInfinity;
            int[] digits = new int[items.Length];
            do
            {
                AllocationChoice[] choices = [.. items.Select((item, i) => item.Choices[digits[i]])];
                if (choices.Sum(choice => choice.Bytes) <= budget)
                {
                    best = Math.Min(best, choices.Sum(choice => choice.Cost));
                }
            } while (Next(digits, items));
            Allocation? found = Allocator.Solve(items, budget);
            Assert.Equal(double.IsInfinity(best), found is null);
            if (found is not null)
            {
                solved++;
                Assert.True(found.Bytes <= budget);
                Assert.Equal(best, found.Cost, 1e-12);
                Assert.All(items.Zip(found.Choices), pair => Assert.Contains(pair.Second, pair.First.Choices));
            }
        }
        Assert.InRange(solved, 200, 399);

        static bool Next(int[] digits, AllocationItem[] items)
        {
            for (int i = 0; i < digits.Length; i++)
            {
                if (++digits[i] < items[i].Choices.Count)
                {
                    return true;
                }
                digits[i] = 0;
            }
            return false;
        }
    }

    [Fact]
    public void Hundreds_of_tensors_of_few_shapes_take_moments_and_beat_every_uniform_format()
    {
        var random = new Random(3);
        (double Bits, double Error)[] formats =
        [
            (2.6, 0.08),
            (3.4, 0.03),
            (4.25, 0.008),
            (4.5, 0.0075),
            (5.5, 0.002),
            (6.6, 0.0006),
            (8.5, 5e-5),
        ];
        long[] shapes = [2048 * 2048, 2048 * 256, 2048 * 5632];
        AllocationItem[] items =
        [
            .. Enumerable
                .Range(0, 300)
                .Select(i =>
                {
                    long count = shapes[i % shapes.Length];
                    double sensitivity = Math.Exp(2 * random.NextDouble());
                    return new AllocationItem(
                        $"t{i}",
                        [
                            .. formats.Select(
                                (f, j) =>
                                    new AllocationChoice(
                                        Formats[j],
                                        (long)(count * f.Bits / 8),
                                        sensitivity * f.Error * (0.9 + 0.2 * random.NextDouble())
                                    )
                            ),
                        ]
                    );
                }),
        ];
        var clock = Stopwatch.StartNew();
        foreach (Allocation uniform in Allocator.Uniform(items).ToArray())
        {
            Allocation best = Allocator.Solve(items, uniform.Bytes)!;
            Assert.True(best.Bytes <= uniform.Bytes && best.Cost <= uniform.Cost);
        }
        Allocation middle = Allocator.Solve(items, items.Sum(item => item.Choices[2].Bytes))!;
        Assert.True(middle.Cost < 0.9 * items.Sum(item => item.Choices[2].Cost));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
    }

    [Fact]
    public void Sensitivities_are_read_for_every_tensor()
    {
        using ModelFile model = ModelFile.Open(SmallModels.Write(_scratch["m.safetensors"]), SmallModels.Catalog);
        ModelTensor[] tensors = [.. TensorSample.Candidates(model)];
        Assert.Equal(2, tensors.Length);
        Assert.Equal(1, Sensitivities.BySize(tensors).Values.Sum(), 1e-12);
        File.WriteAllText(_scratch["s.csv"], "tensor,sensitivity\nlayers.0.up.weight,2.5 # steep\n\nlayers.0.down.weight,0\n");
        Assert.Equal(2.5, Sensitivities.Read(_scratch["s.csv"], tensors)["layers.0.up.weight"]);
        File.WriteAllText(_scratch["s.csv"], "layers.0.up.weight,2.5\n");
        Assert.Contains(
            "tensor 'layers.0.down.weight': it has no line for it",
            Assert.Throws<ModelFormatException>(() => Sensitivities.Read(_scratch["s.csv"], tensors)).Message,
            StringComparison.Ordinal
        );
        File.WriteAllText(_scratch["s.csv"], "a,1\nb,-1\n");
        Assert.Contains(
            "line 2 is 'b,-1'",
            Assert.Throws<ModelFormatException>(() => Sensitivities.Read(_scratch["s.csv"], tensors)).Message,
            StringComparison.Ordinal
        );
    }
}
