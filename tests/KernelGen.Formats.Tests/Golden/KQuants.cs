using System.Globalization;
using KernelGen.Formats.Tests.Laws;
using KernelGen.Scaling;
using Xunit.Abstractions;

namespace KernelGen.Formats.Tests.Golden;

/// <summary>Super-blocks against ggml: its bytes decode to its floats, and our packing errs no more than its own.</summary>
public class KQuants(ITestOutputHelper output)
{
    private const int Block = 256;

    [SharedTheory]
    [InlineData("q2_k", "q2_K")]
    [InlineData("q3_k", "q3_K")]
    [InlineData("q4_k", "q4_K")]
    [InlineData("q5_k", "q5_K")]
    [InlineData("q6_k", "q6_K")]
    [InlineData("iq4_xs", "iq4_xs")]
    public void Unpacking_ggmls_bytes_gives_its_floats(string name, string type)
    {
        byte[] packed = File.ReadAllBytes(SharedFolder.File("golden", "ggml", type + ".bytes"));
        float[] expected = SharedFolder.Floats("golden", "ggml", type + ".f32"),
            actual = new float[expected.Length];
        CompressedFormat format = Laws.Formats.All[name];
        Assert.Equal(packed.Length, format.Info.PackedBytes(1, expected.Length));
        format.Unpack(packed, 1, expected.Length, actual);
        CodingLaws.RequireSameBits(expected, actual, name);
        format.ReferenceUnpack(packed, 1, expected.Length, actual);
        CodingLaws.RequireSameBits(expected, actual, name + " by the reference");
    }

    [SharedTheory]
    [InlineData("q2_k", "q2_K")]
    [InlineData("q3_k", "q3_K")]
    [InlineData("q4_k", "q4_K")]
    [InlineData("q5_k", "q5_K")]
    [InlineData("q6_k", "q6_K")]
    [InlineData("iq4_xs", "iq4_xs")]
    public void Packing_errs_no_more_than_ggml_in_any_block(string name, string type)
    {
        float[] input = SharedFolder.Floats("golden", "ggml", "input.f32"),
            theirs = SharedFolder.Floats("golden", "ggml", type + ".f32"),
            ours = new float[input.Length];
        Laws.Formats.All[name].RoundTrip(input, 1, input.Length, ours);
        var worse = new List<string>();
        for (int at = 0; at < input.Length; at += Block)
        {
            double our = Error(input, ours, at, Block),
                their = Error(input, theirs, at, Block),
                square = Error(input, new float[input.Length], at, Block);
            output.WriteLine($"block {at / Block}: Σx² {square:G5}, ggml {their:G5}, ours {our:G5} ({our / their:F4})");
            if (our > their)
            {
                worse.Add($"block {at / Block}: {our:G6} against {their:G6}");
            }
        }
        output.WriteLine($"all: ggml {Error(input, theirs, 0, input.Length):G6}, ours {Error(input, ours, 0, input.Length):G6}");
        Assert.True(worse.Count == 0, $"{name}: {string.Join("; ", worse)}");
    }

    /// <summary>formats.md, section B3, measured with ggml's own search on other samples (standard error about 0.15 %).</summary>
    [Theory]
    [InlineData("q2_k", 0.087931)]
    [InlineData("q3_k", 0.022769)]
    [InlineData("q4_k", 0.0050901)]
    [InlineData("q5_k", 0.0013041)]
    [InlineData("q6_k", 3.1442e-4)]
    public void Gaussian_error_is_below_that_of_ggmls_search(string name, double ggml)
    {
        CapacityResult result = CapacityProbe.Measure(Laws.Formats.All[name], new ProbeOptions { Samples = 1 << 20, Seed = 7 });
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {result.Gmse:G6} ± {result.StandardError:G2}, ggml {ggml:G6}, ratio {result.Gmse / ggml:F4}"
            )
        );
        Assert.True(result.Gmse <= ggml, $"{name}: {result.Gmse:G6}, ggml {ggml:G6}");
    }

    private static double Error(float[] x, float[] y, int at, int count)
    {
        double sum = 0;
        for (int i = at; i < at + count; i++)
        {
            sum += Math.Pow((double)x[i] - y[i], 2);
        }
        return sum;
    }
}
