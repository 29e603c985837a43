using System.Globalization;
using KernelGen.Scaling;

namespace KernelGen.Formats.Tests.Golden;

/// <summary>Errors over Gaussian values against independent measurements and exact integrals.</summary>
public class GaussianErrors
{
    private const long Samples = 1L << 22;

    /// <summary>Block formats: Monte Carlo against Monte Carlo, within 4 standard errors of both together.</summary>
    [SharedTheory]
    [InlineData("int4-symmetric absmax f16-scale block32", "int4-g32")]
    [InlineData("int4-symmetric absmax f16-scale block64", "int4-g64")]
    [InlineData("int4-symmetric absmax f16-scale block16", "corner-int4-g16")]
    [InlineData("int3-symmetric absmax f16-scale block32", "int3-g32")]
    [InlineData("int8-symmetric absmax f16-scale block32", "corner-int8-g32")]
    [InlineData("e2m1 absmax f16-scale block16", "corner-e2m1-g16")]
    [InlineData("e2m1 absmax f16-scale block32", "corner-e2m1-g32")]
    [InlineData("e2m1 absmax f16-scale block64", "corner-e2m1-g64")]
    [InlineData("nf4 absmax f16-scale block32", "corner-nf4-g32")]
    [InlineData("nf4 absmax f16-scale block64", "nf4-g64")]
    public void Block_formats_agree_with_the_golden_table(string row, string format)
    {
        string[] golden = File.ReadLines(SharedFolder.File("golden", "gmse_block_scale.csv"))
            .Select(line => line.Split(','))
            .Single(cells => cells[0] == row);
        RequireNear(format, Parse(golden[1]), Parse(golden[2]));
    }

    /// <summary>The figures of formats.md, section B3, given to about 0.15 % (one standard error).</summary>
    [Theory]
    [InlineData("mxfp4", 0.013226)]
    [InlineData("mxfp4-ggml", 0.013226)]
    [InlineData("mxfp6-e2m3", 8.049e-4)]
    [InlineData("mxfp6-e3m2", 0.0029145)]
    [InlineData("mxfp8-e4m3", 8.620e-4)]
    [InlineData("nvfp4", 0.0090514)]
    [InlineData("nvfp4-ggml", 0.0090446)]
    [InlineData("q4_0", 0.0073789)]
    [InlineData("q4_1", 0.0061170)]
    [InlineData("q5_0", 0.0018206)]
    [InlineData("q8_0", 2.8611e-5)]
    [InlineData("iq4_nl", 0.0061872)]
    [InlineData("corner-mxfp8-ceiling", 7.04e-4)]
    [InlineData("corner-mxfp4-ceiling", 0.013319)]
    public void Block_formats_agree_with_the_design_document(string format, double gmse) => RequireNear(format, gmse, 0.0015 * gmse);

    /// <summary>Scalar grids under one optimal scale: the scale that the generator found, and the exact error under it.</summary>
    [SharedTheory]
    [InlineData("int1-midrise", "int1")]
    [InlineData("int2-midrise", "int2")]
    [InlineData("int3-midrise", "int3")]
    [InlineData("int4-midrise", "int4")]
    [InlineData("int6-midrise", "int6")]
    [InlineData("int8-midrise", "int8")]
    [InlineData("int2-symmetric", "corner-int2-symmetric")]
    [InlineData("int4-symmetric", "corner-int4-symmetric")]
    [InlineData("int4-full", "corner-int4-full")]
    [InlineData("int8-full", "corner-int8-full")]
    [InlineData("e2m1", "e2m1")]
    [InlineData("e3m0", "e3m0")]
    [InlineData("e3m2", "e3m2")]
    [InlineData("e2m3", "e2m3")]
    [InlineData("e6m1", "e6m1")]
    [InlineData("e5m2", "e5m2")]
    [InlineData("e4m3", "e4m3")]
    [InlineData("nf4", "corner-nf4-tensor")]
    public void Grids_have_the_golden_error_by_exact_integration_and_by_sampling(string row, string format)
    {
        double golden = Parse(
            File.ReadLines(SharedFolder.File("golden", "gmse_static_scale.csv"))
                .Select(line => line.Split(','))
                .Single(cells => cells[0] == row)[2]
        );
        double exact = CapacityProbe.ExactGmse(Laws.Formats.All[format].Info)!.Value;
        Assert.InRange(exact, golden * (1 - 1e-6), golden * (1 + 1e-6));
        RequireNear(format, exact, 0);
    }

    /// <summary>Formats that search for long get fewer samples: their gaps are a tenth of a bit, the errors of 2^14 samples a hundredth.</summary>
    [Theory]
    [MemberData(nameof(Declared))]
    public void The_gap_to_Shannon_is_zero_or_more(string name)
    {
        CompressedFormat format = Laws.Formats.All[name];
        CapacityResult result = CapacityProbe.Measure(
            format,
            new ProbeOptions { Samples = Laws.Formats.IsSlow(format) ? 1 << 14 : 1 << 19 }
        );
        Assert.True(result.GapBits is null || result.GapBits > 0, $"{format}: {result.GapBits}");
    }

    public static TheoryData<string> Declared => [.. KernelGen.Formats.DeclaredFormats.Catalog.All.Select(format => format.Info.Name)];

    private static void RequireNear(string format, double golden, double goldenError)
    {
        CapacityResult result = CapacityProbe.Measure(Laws.Formats.All[format], new ProbeOptions { Samples = Samples, Seed = 7 });
        double allowed = 4 * Math.Sqrt(Math.Pow(result.StandardError!.Value, 2) + goldenError * goldenError);
        Assert.True(
            Math.Abs(result.Gmse - golden) <= allowed,
            $"{format}: {result.Gmse:G6} ± {result.StandardError:G2}, golden {golden:G6}, {Math.Abs(result.Gmse - golden) / allowed * 4:F1} standard errors"
        );
    }

    private static double Parse(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
