using System.Globalization;
using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Scaling;

/// <summary>A sized plan as a table with its Pareto fronts, and as a plot.</summary>
internal static class PlanTable
{
    /// <summary>The plan; columns that say nothing of it are left out.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="request">What was asked.</param>
    /// <param name="varied">Columns that vary among the candidates.</param>
    public static Plan Of(IReadOnlyList<PlanRow> rows, PlanRequest request, IReadOnlyList<string> varied)
    {
        var byBytes = ParetoFront.Of(rows, row => Coarse(row.Bytes), row => row.Forecast.Loss).ToHashSet();
        var byTime = ParetoFront.Of(rows, row => Coarse(row.SecondsPerToken ?? double.NaN), row => row.Forecast.Loss).ToHashSet();
        bool chosen = request.Compute is not null,
            serves = request.Shape.Context > 0,
            mixed = rows.Any(row => row.TotalParams != row.Input.Params || row.ActiveParams != row.Input.Params);
        (Column Column, Func<PlanRow, object?> Value, bool Shown)[] columns =
        [
            (new("row", "row"), row => Index(rows, row), true),
            (new("weights", "weights"), row => row.Input.Weights.Name, true),
            (new("activations", "activations"), row => row.Input.Activations.Name, true),
            (new("kv", "kv"), row => row.Input.KvCache.Name, rows.Any(row => !row.Input.KvCache.IsDense)),
            .. varied.Select(name => (new Column(name, name, "G4"), (Func<PlanRow, object?>)(row => row.Input[name]), true)),
            (new("bits", "bits", "0.0##"), row => row.Input.Weights.Bits, true),
            (new("bytes", "bytes", "G4"), row => row.Bytes, true),
            (new("weight_bytes", "weights", "G4"), row => row.WeightBytes, serves),
            (new("kv_bytes", "kv cache", "G4"), row => row.KvBytes, serves),
            (new("activation_bytes", "activations", "G4"), row => row.ActivationBytes, serves),
            (new("params", "params", "G4"), row => row.Input.Params, true),
            (new("params_low", "low", "G4"), row => row.ParamsLow, chosen),
            (new("params_high", "high", "G4"), row => row.ParamsHigh, chosen),
            (new("total_params", "stored", "G4"), row => row.TotalParams, mixed),
            (new("active_params", "active", "G4"), row => row.ActiveParams, mixed),
            (new("tokens", "tokens", "G4"), row => row.Input.Tokens, chosen),
            (new("training_flop", "training FLOP", "G4"), row => row.TrainingFlop, request.InferenceTokens > 0),
            (new("inference_flop", "inference FLOP", "G4"), row => row.InferenceFlop, request.InferenceTokens > 0),
            (new("effective_params", "effective", "G4"), row => row.EffectiveParams, true),
            (new("loss", "loss", "0.0000"), row => row.Forecast.Loss, true),
            (new("loss_low", "low", "0.0000"), row => row.Forecast.Low, true),
            (new("loss_high", "high", "0.0000"), row => row.Forecast.High, true),
            (new("seconds_per_token", "s/token", "G3"), row => row.SecondsPerToken, true),
            (new("front_bytes", "front: bytes"), row => byBytes.Contains(row), true),
            (new("front_time", "front: time"), row => row.SecondsPerToken is null ? null : byTime.Contains(row), true),
            (new("borrowed", "borrowed"), row => row.Borrowed, rows.Any(row => row.Borrowed.Length > 0)),
        ];
        columns = [.. columns.Where(column => column.Shown)];
        var table = new DataTable([.. columns.Select(column => column.Column)]);
        foreach (PlanRow row in rows)
        {
            table.Add([.. columns.Select(column => column.Value(row))]);
        }
        return new(table, () => Plot(rows, request, varied));
    }

    /// <summary>A cost to nine digits: candidates that fill the same memory differ by rounding only.</summary>
    private static double Coarse(double cost) =>
        double.Parse(cost.ToString("G9", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static object Index(IReadOnlyList<PlanRow> rows, PlanRow row) => 1 + Enumerable.Range(0, rows.Count).First(i => rows[i] == row);

    private static string Plot(IReadOnlyList<PlanRow> rows, PlanRequest request, IReadOnlyList<string> varied)
    {
        // Where all rows fill the same memory, bytes tell nothing apart: time does, or else the parameters that fit.
        bool same = rows.Max(row => row.Bytes) <= rows.Min(row => row.Bytes) * (1 + 1e-6),
            timed = same && rows.All(row => row.SecondsPerToken is not null);
        Func<PlanRow, double> cost =
            timed ? row => row.SecondsPerToken!.Value
            : same ? row => row.Input.Params
            : row => row.Bytes;
        var plot = new SvgPlot(
            Title(rows, request),
            timed ? "seconds per token"
                : same ? "parameters N that fit"
                : "bytes of weights, KV cache and activations",
            "predicted loss"
        )
        {
            LogX = true,
            XText =
                timed ? AxisText.Plain
                : same ? AxisText.Count
                : AxisText.Bytes,
            Note = "weights × activations; bars: interval" + (same && !timed ? "" : "; line: Pareto front"),
        };
        if (!same || timed)
        {
            plot.Add(
                new("Pareto front", [.. ParetoFront.Of(rows, cost, row => row.Forecast.Loss).Select(row => (cost(row), row.Forecast.Loss))])
                {
                    Line = true,
                    Color = -1,
                }
            );
        }
        for (int i = 0; i < rows.Count; i++)
        {
            plot.Add(
                new(PlanCandidates.Label(rows[i].Input, varied), [(cost(rows[i]), rows[i].Forecast.Loss)])
                {
                    Color = i,
                    Band = [(rows[i].Forecast.Low, rows[i].Forecast.High)],
                }
            );
        }
        return plot.Render();
    }

    private static string Title(IReadOnlyList<PlanRow> rows, PlanRequest request) =>
        request.Compute is { } flop ? $"Loss by bytes, {AxisText.Plain(flop)} FLOP"
        : request.Memory is { } bytes ? $"What {AxisText.Bytes(bytes)} can do, D = {AxisText.Count(rows[0].Input.Tokens)}"
        : $"Loss by bytes, N = {AxisText.Count(rows[0].Input.Params)}, D = {AxisText.Count(rows[0].Input.Tokens)}";
}
