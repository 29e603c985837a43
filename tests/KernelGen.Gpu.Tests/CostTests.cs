using System.Globalization;
using Xunit.Abstractions;

namespace KernelGen.Gpu.Tests;

/// <summary>What a weight costs at batch 1, read off the PTX of ILGPU's backend; the goals of docs/notes/gpu-notes.md.</summary>
public sealed class CostTests(ITestOutputHelper output)
{
    /// <summary>The goals: float32 products, and integer ones of 4 and 8 bits.</summary>
    private const double Float = 4,
        FourBits = 1.2,
        EightBits = 1.6;

    /// <summary>Formats that are decoded without a table.</summary>
    private static readonly string[] s_arithmetic =
    [
        "q4_0",
        "q8_0",
        "q5_0",
        "q6_k",
        "mxfp4",
        "nvfp4",
        "mxfp8-e4m3",
        "mxfp8-e5m2",
        "f16",
        "bf16",
    ];

    /// <summary>Goals where they are reached; elsewhere what there is, which must not grow.</summary>
    private static readonly Dictionary<(string Format, string Kernel), double> s_limits = new()
    {
        [("q4_0", "float")] = Float,
        [("int4-g128", "float")] = Float,
        [("int2-g32", "float")] = Float,
        [("q8_0", "float")] = Float,
        [("int8-g128", "float")] = Float,
        [("f16", "float")] = Float,
        [("bf16", "float")] = 3.8, // 2.1 of them integer ones
        [("q4_0", "int8")] = FourBits,
        [("int4-g128", "int8")] = FourBits,
        [("q8_0", "int8")] = EightBits,
        [("int8-g128", "int8")] = EightBits,
        // offsets are an addition a weight; planes are joined; scales of super-blocks are products
        [("q4_1", "float")] = 5.1,
        [("q4_k", "float")] = 5.6,
        [("q5_0", "float")] = 5.2,
        [("q6_k", "float")] = 5.8,
        [("q4_1", "int8")] = 1.6,
        [("q4_k", "int8")] = 2,
        [("q5_0", "int8")] = 1.9,
        [("q6_k", "int8")] = 2.5,
        // two shifts and a mask; NaN is looked for in four codes at a time
        [("mxfp4", "float")] = 5.6,
        [("nvfp4", "float")] = 6.2,
        [("mxfp8-e4m3", "float")] = 6.4,
        [("mxfp8-e5m2", "float")] = Float,
        // a lookup a weight
        [("nf4-g64", "float")] = 5.5,
    };

    [Fact]
    public void Instructions_of_a_weight_stay_within_the_goals()
    {
        output.WriteLine("| format | kernel | issued | integer | float | conversions | dp4a | loads | addresses | other | lines of PTX |");
        output.WriteLine("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        string[] usual =
        [
            "q4_0",
            "q8_0",
            "q4_k",
            "q5_0",
            "q6_k",
            "int4-g128",
            "int8-g128",
            "mxfp4",
            "nvfp4",
            "mxfp8-e4m3",
            "mxfp8-e5m2",
            "nf4-g64",
            "f16",
            "bf16",
        ];
        var failures = new List<string>();
        foreach (string name in usual.Concat(Subjects.Chosen).Distinct())
        {
            GpuKernelSet kernels = Subjects.Kernels[name].Cuda;
            Report(name, "float", PtxCost.Of(PtxCompiler.Compile(kernels.MatVecShuffle[0])), failures);
            if (kernels.MatVecInt8.Count > 0)
            {
                Report(name, "int8", PtxCost.Of(PtxCompiler.Compile(kernels.MatVecInt8[0])), failures);
            }
        }
        Assert.Empty(failures);
    }

    private void Report(string name, string kernel, PtxCost cost, List<string> failures)
    {
        double[] numbers =
        [
            cost.Issued,
            cost.Integer,
            cost.Float,
            cost.Conversion,
            cost.Dot,
            cost.Load,
            cost.Address,
            cost.Other,
            cost.Raw,
        ];
        output.WriteLine(
            $"| {name} | {kernel} | {string.Join(" | ", numbers.Select(number => number.ToString("0.00", CultureInfo.InvariantCulture)))} |"
        );
        if (Environment.GetEnvironmentVariable("KERNELGEN_PTX") is { Length: > 0 } folder)
        {
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(folder).FullName, $"{name}.{kernel}.loop.ptx"), cost.Text);
        }
        if (kernel == "float" && s_arithmetic.Contains(name) && cost.Lookups > 0)
        {
            failures.Add($"{name}: {cost.Lookups} lookups, where arithmetic does it");
        }
        if (s_limits.TryGetValue((name, kernel), out double limit) && cost.Issued > limit)
        {
            failures.Add($"{name}, {kernel}: {cost.Issued:0.00} instructions a weight, at most {limit:0.00}");
        }
        if (kernel == "float" && limit == Float && cost.Integer > 2)
        {
            failures.Add($"{name}: {cost.Integer:0.00} integer instructions a weight, at most 2");
        }
    }
}
