using System.Globalization;
using System.Text.RegularExpressions;
using KernelGen.Scaling;

namespace KernelGen.Reports;

/// <summary>Shared weights against masks of the same memory and dense models of as many trainable numbers.</summary>
internal static partial class SweepSections
{
    private static ReportSection? Shared(SweepAnalysis analysis)
    {
        var table = new DataTable(
            new("params", "params", Words: Params),
            new("share", "trainable share", "0.00"),
            new("weights", "weights"),
            new("method", "method"),
            new("loss", "loss", "0.0000"),
            new("se", "±", "0.0000"),
            new("runs", "runs"),
            new("gmse", "Gaussian MSE", "0.000"),
            new("predicted", "ρ of the curve", "0.000"),
            new("rho", "ρ, relative to dense", "0.000"),
            new("rho_se", "±", "0.000")
        );
        int before = 0,
            pairs = 0;
        double scatter = ReplicateNoise.Of(analysis.All).Deviation;
        var sizes = analysis
            .All.Where(run => run.Input.Activations.IsDense)
            .GroupBy(run => (run.Input.Params, run.Input.Tokens))
            .Where(size => size.Any(run => IsShared(run.Input.Weights.Name)));
        foreach (var size in sizes.OrderBy(size => size.Key.Params))
        {
            double[] shares = [.. size.Where(run => IsShared(run.Input.Weights.Name)).Select(Trainable).Distinct().OrderDescending()];
            foreach (double share in shares)
            {
                var rows = size.Where(run => !run.Input.Weights.IsDense)
                    .Concat(Dense(analysis, size.Key.Tokens, share * size.Key.Params))
                    .Where(run => run.Input.Weights.IsDense || Math.Abs(Trainable(run) - share) < 0.02)
                    .GroupBy(run => (run.Input.Params, run.Input.Weights.Name, run.Input.Method))
                    .OrderBy(cell => cell.Average(run => run.Loss))
                    .ToArray();
                foreach (var cell in rows)
                {
                    Row(cell.Key.Params, share, [.. cell], cell.Key.Params == size.Key.Params);
                }
                double? shared = Least(rows.Where(cell => IsShared(cell.Key.Name))),
                    masked = Least(rows.Where(cell => cell.Key.Name.StartsWith("sparse", StringComparison.Ordinal)));
                (pairs, before) = shared is null || masked is null ? (pairs, before) : (pairs + 1, before + (shared < masked ? 1 : 0));
            }
        }
        return table.Rows.Count == 0
            ? null
            : new(
                "",
                Text(
                    $"Representations that leave the same share of numbers to train and to store, the least loss first, next to "
                        + $"dense models of as many numbers on the same tokens. Shared weights lose less than a mask by magnitude in "
                        + $"{before} of {pairs} cases."
                )
            )
            {
                Tables = [table],
            };

        void Row(double size, double share, TrainingRun[] runs, bool same)
        {
            RepresentationPoint weights = runs[0].Input.Weights;
            CapacityEstimate? rho = same && !weights.IsDense ? Capacity(analysis, runs) : null;
            double loss = runs.Average(run => run.Loss);
            table.Add(
                size,
                share,
                weights.Name,
                runs[0].Input.Method ?? "",
                loss,
                scatter * loss / Math.Sqrt(runs.Length),
                runs.Length,
                weights.IsDense ? null : weights.Gmse,
                weights.IsDense ? null : CapacityFamily.Of(weights.Family).Coefficients.Capacity(weights.Gmse),
                rho?.Value,
                rho?.StandardError
            );
        }
    }

    /// <summary>ρ relative to dense runs; null where the runs do not allow the law that it takes.</summary>
    private static CapacityEstimate? Capacity(SweepAnalysis analysis, IEnumerable<TrainingRun> runs)
    {
        try
        {
            return analysis.Capacities.Of(runs);
        }
        catch (FitException)
        {
            return null;
        }
    }

    private static IEnumerable<TrainingRun> Dense(SweepAnalysis analysis, double tokens, double size) =>
        analysis.All.Where(run =>
            run.Input.Weights.IsDense
            && run.Input.Activations.IsDense
            && Math.Abs(run.Input.Tokens / tokens - 1) < 0.01
            && Math.Abs(run.Input.Params / size - 1) < 0.05
        );

    private static double? Least(IEnumerable<IEnumerable<TrainingRun>> cells)
    {
        double[] means = [.. cells.Select(cell => cell.Average(run => run.Loss))];
        return means.Length == 0 ? null : means.Min();
    }

    private static bool IsShared(string weights) => SharedName().IsMatch(weights);

    /// <summary>Share of the numbers of a matrix that a representation without a format leaves; NaN for others.</summary>
    private static double Trainable(TrainingRun run)
    {
        string name = run.Input.Weights.Name;
        return SharedName().Match(name) is { Success: true } shared ? 1 / Number(shared)
            : MaskName().Match(name) is { Success: true } mask ? 1 - Number(mask) / 100
            : double.NaN;
        static double Number(Match match) => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^shared(\d+)$")]
    private static partial Regex SharedName();

    [GeneratedRegex(@"^(?:sparse|rows|columns)([\d.]+)%$")]
    private static partial Regex MaskName();
}
