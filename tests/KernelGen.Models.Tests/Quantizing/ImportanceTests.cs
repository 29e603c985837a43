using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>Importance for each expert of a stack, and importance that says nothing.</summary>
public sealed class ImportanceTests : IDisposable
{
    private const int Experts = 3,
        Rows = 40,
        Columns = 256;

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private static float[] Weights(int seed) => [.. SmallModels.Gaussian(Columns, seed).Select(value => MathF.Exp(2 * value))];

    private byte[] Pack(string format, float[] values, long[] shape, ImportanceFile? importance)
    {
        SafetensorsWriter.Write(_scratch["m.safetensors"], [SmallModels.Singles("w", shape, values)], overwrite: true);
        using ModelFile model = ModelFile.Open(_scratch["m.safetensors"], SmallModels.Catalog);
        QuantizationPlan plan = QuantizationPlan.Make(
            model,
            new() { Rules = [new("w", SmallModels.Catalog[format])] },
            ModelContainer.Safetensors
        );
        new ModelWriter(model, plan.Tensors, plan.Container).Write(
            _scratch["o.safetensors"],
            new() { Overwrite = true, Importance = importance }
        );
        using ModelFile packed = ModelFile.Open(_scratch["o.safetensors"], SmallModels.Catalog);
        Assert.Null(
            new ModelVerification(model, packed) { Importance = importance, Repack = true }
                .Compare("w")
                .Problem
        );
        return SmallModels.Bytes(packed["w"]);
    }

    private ImportanceFile Read(params SafetensorsEntry[] tensors)
    {
        SafetensorsWriter.Write(_scratch["i.safetensors"], tensors, overwrite: true);
        return ImportanceFile.Read(_scratch["i.safetensors"], SmallModels.Catalog);
    }

    [Fact]
    public void Each_expert_is_packed_with_its_own()
    {
        float[] values = SmallModels.Gaussian(Experts * Rows * Columns, 1);
        float[][] weights = [Weights(2), Weights(3), Weights(4)];
        float[] counts = [10, 1, 7];
        ImportanceFile all = Read(
            SmallModels.Singles(
                "w.in_sum2",
                [Experts, Columns],
                [.. weights.SelectMany((expert, e) => expert.Select(value => value * counts[e]))]
            ),
            SmallModels.Singles("w.counts", [Experts, 1], counts)
        );
        byte[] stacked = Pack("q4_k", values, [Experts, Rows, Columns], all);
        Assert.NotEqual(Pack("q4_k", values, [Experts, Rows, Columns], null), stacked);
        for (int e = 0; e < Experts; e++)
        {
            float[] own = [.. weights[e].Select(value => value * counts[e] / counts[e])];
            byte[] alone = Pack(
                "q4_k",
                values[(e * Rows * Columns)..((e + 1) * Rows * Columns)],
                [Rows, Columns],
                Read(SmallModels.Singles("w", [Columns], own))
            );
            Assert.Equal(alone, stacked[(e * alone.Length)..((e + 1) * alone.Length)]);
        }
    }

    public static TheoryData<string> Searching() =>
        [.. SmallModels.Catalog.All.Where(format => format.Info.HonoursImportance).Select(format => format.Info.Name)];

    /// <summary>Nothing was ever activated: every format that searches packs as if all columns counted the same.</summary>
    [Theory]
    [MemberData(nameof(Searching))]
    public void Importance_of_zero_is_no_importance(string format)
    {
        float[] values = SmallModels.Gaussian(4 * Columns, 1);
        ImportanceFile zero = Read(
            SmallModels.Singles("w.in_sum2", [Columns], new float[Columns]),
            SmallModels.Singles("w.counts", [1], new float[1])
        );
        ImportanceFile one = Read(SmallModels.Singles("w", [Columns], [.. Enumerable.Repeat(1f, Columns)]));
        Assert.Equal(Pack(format, values, [4, Columns], one), Pack(format, values, [4, Columns], zero));
    }

    /// <summary>A group of which no column counts keeps its values, in every format that searches.</summary>
    [Theory]
    [MemberData(nameof(Searching))]
    public void A_group_of_zero_importance_is_not_lost(string format)
    {
        float[] values = SmallModels.Gaussian(4 * Columns, 1),
            weights = [.. Enumerable.Range(0, Columns).Select(i => i is >= 64 and < 128 ? 0f : 1f)];
        Pack(format, values, [4, Columns], Read(SmallModels.Singles("w", [Columns], weights)));
        using ModelFile packed = ModelFile.Open(_scratch["o.safetensors"], SmallModels.Catalog);
        float[] decoded = new TensorRows(packed["w"]).ReadAll();
        ValueErrors of(int from, int to) =>
            Enumerable
                .Range(0, 4)
                .Select(row =>
                    ValueErrors.Of(values.AsSpan(row * Columns + from, to - from), decoded.AsSpan(row * Columns + from, to - from))
                )
                .Aggregate((a, b) => a + b);
        Assert.InRange(of(64, 128).RelativeError, 0, 3 * of(0, 64).RelativeError + 1e-6);
    }

    [Fact]
    public void What_does_not_fit_names_both_numbers()
    {
        ImportanceFile importance = Read(SmallModels.Singles("w", [2, Columns], [.. Enumerable.Repeat(1f, 2 * Columns)]));
        Assert.Contains(
            "it has 512 values; the tensor has 256 columns in each of 3 matrices",
            Assert
                .Throws<ModelFormatException>(() => Pack("q4_k", new float[Experts * Rows * Columns], [Experts, Rows, Columns], importance))
                .Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "it has 256 sums, which 3 counts do not divide",
            Assert
                .Throws<ModelFormatException>(() =>
                    Read(
                        SmallModels.Singles("w.in_sum2", [Columns], new float[Columns]),
                        SmallModels.Singles("w.counts", [3], new float[3])
                    )
                )
                .Message,
            StringComparison.Ordinal
        );
    }
}
