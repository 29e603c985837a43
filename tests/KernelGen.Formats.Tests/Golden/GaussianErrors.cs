using KernelGen.Scaling;

namespace KernelGen.Formats.Tests.Golden;

/// <summary>Errors over Gaussian values against independent measurements and exact integrals.</summary>
public class GaussianErrors
{
    private const long Samples = 1L << 22;

    /// <summary>Block formats: Monte Carlo against Monte Carlo, within 4 standard errors of both together.</summary>
    [Theory]
    [InlineData("int4-g32", 0.00939846, 4.5e-06)]
    [InlineData("int4-g64", 0.01156671, 6.1e-06)]
    [InlineData("corner-int4-g16", 0.007251452, 3.1e-06)]
    [InlineData("int3-g32", 0.05126845, 2.8e-05)]
    [InlineData("corner-int8-g32", 2.856944e-05, 1.3e-08)]
    [InlineData("corner-e2m1-g16", 0.008858173, 2.6e-06)]
    [InlineData("corner-e2m1-g32", 0.01021399, 2.3e-06)]
    [InlineData("corner-e2m1-g64", 0.01116771, 3.8e-06)]
    [InlineData("corner-nf4-g32", 0.00761671, 3.6e-06)]
    [InlineData("nf4-g64", 0.00845227, 3.8e-06)]
    public void Block_formats_agree_with_an_independent_measurement(string format, double gmse, double standardError) =>
        RequireNear(format, gmse, standardError);

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
    [Theory]
    [InlineData("int1", 0.36338023)]
    [InlineData("int2", 0.11884605)]
    [InlineData("int3", 0.037439659)]
    [InlineData("int4", 0.011542884)]
    [InlineData("int6", 0.0010400454)]
    [InlineData("int8", 8.7686186e-05)]
    [InlineData("corner-int2-symmetric", 0.19017404)]
    [InlineData("corner-int4-symmetric", 0.012889386)]
    [InlineData("corner-int4-full", 0.011864038)]
    [InlineData("corner-int8-full", 8.7706922e-05)]
    [InlineData("e2m1", 0.012684904)]
    [InlineData("e3m0", 0.03774499)]
    [InlineData("e3m2", 0.0027661066)]
    [InlineData("e2m3", 0.00082914706)]
    [InlineData("e6m1", 0.010639198)]
    [InlineData("e5m2", 0.0027655688)]
    [InlineData("e4m3", 0.00069874948)]
    [InlineData("corner-nf4-tensor", 0.0098993165)]
    public void Grids_have_the_golden_error_by_exact_integration_and_by_sampling(string format, double golden)
    {
        double exact = CapacityProbe.ExactGmse(Laws.Formats.All[format].Info)!.Value;
        Assert.InRange(exact, golden * (1 - 1e-6), golden * (1 + 1e-6));
        RequireNear(format, exact, 0);
    }

    /// <summary>
    /// Formats that search for long get fewer samples: their gaps are a tenth of a bit, the errors of 2^14 samples a hundredth.
    /// </summary>
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
            $"{format}: {result.Gmse:G6} ± {result.StandardError:G2}, golden {golden:G6}, "
                + $"{Math.Abs(result.Gmse - golden) / allowed * 4:F1} standard errors"
        );
    }
}
