using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Scaling;

/// <summary>How near formats of weights come to the noise-injection bound of their width.</summary>
internal static class OptimalityPlan
{
    /// <summary>The formats, best first.</summary>
    /// <param name="fit">A fitted unified law.</param>
    /// <param name="formats">The formats.</param>
    /// <param name="bound">shannon or scalar.</param>
    public static Plan Of(FitDocument fit, IReadOnlyList<RepresentationPoint> formats, string bound)
    {
        if (fit.Law is not UnifiedLaw law)
        {
            throw new FitException($"--optimality needs the capacity curve of the unified law; this file holds '{fit.Law.Name}'.");
        }
        RepresentationPoint[] lossy = [.. formats.Where(format => !format.IsDense)];
        if (lossy.Length == 0)
        {
            throw new UsageException("name the formats whose optimality you want, such as int4 e2m1.");
        }
        if (bound == "scalar" && lossy.FirstOrDefault(format => format.Bits < 1) is { } small)
        {
            throw new UsageException(
                $"--bound scalar: {small.Name} takes less than one bit a weight, which no scalar code does. Say --bound shannon."
            );
        }
        CodeBound code = bound == "scalar" ? CodeBound.Scalar : CodeBound.Shannon;
        double Least(double bits) => RateDistortion.BestGmse(bits, code);
        var table = new DataTable(
            new("weights", "weights"),
            new("family", "curve of"),
            new("bits", "bits", "0.0##"),
            new("gmse", "Gaussian MSE"),
            new("capacity", "capacity", "0.0000"),
            new("bound_gmse", "least MSE"),
            new("bound_capacity", "bound", "0.0000"),
            new("optimality", "of bound", "0.0000"),
            new("gap_bits", "gap, bits", "0.000")
        );
        foreach (
            FormatOptimality o in lossy
                .Select(format => FormatOptimality.Of(format, g => law.Capacity(format with { Gmse = g }, fit.Values), Least))
                .OrderByDescending(o => o.Optimality)
        )
        {
            table.Add(
                o.Point.Name,
                o.Point.Family,
                o.Point.Bits,
                o.Point.Gmse,
                o.Capacity,
                o.BoundGmse,
                o.BoundCapacity,
                o.Optimality,
                o.GapBits
            );
        }
        return new(table, () =>
            PlanPlots.Optimality(
                law,
                fit.Values,
                lossy,
                Least,
                bound == "scalar" ? "bound: best scalar code of the same bits" : "bound: Shannon's error at the same bits"
            )
        );
    }
}
