using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Scaling;

/// <summary>One row of a plan written out: every number, what it was computed from, and how.</summary>
internal static class PlanArithmetic
{
    /// <summary>The arithmetic as a table.</summary>
    public static DataTable Of(PlanRow row, LawPlanner planner, PlanRequest request)
    {
        LawInput input = row.Input;
        ModelShape shape = request.Shape;
        var table = new DataTable(new("quantity", "quantity"), new("arithmetic", "arithmetic"), new("value", "value", "G7"));
        void Line(string quantity, FormattableString arithmetic, double value) =>
            table.Add(quantity, FormattableString.Invariant(arithmetic), value);

        Line("N", Size(row, request), input.Params);
        Line(
            "D",
            request.Compute is { } flop
                ? $"(C - inference)/(6*active) = ({flop:G5} - {row.InferenceFlop:G5})/(6*{row.ActiveParams:G5})"
                : (FormattableString)$"--tokens",
            input.Tokens
        );
        if (row.TotalParams != input.Params)
        {
            Line("stored parameters", $"of N and {Columns(input)} by {planner.Fit.Law.Name}", row.TotalParams);
        }
        if (row.ActiveParams != input.Params)
        {
            Line("active parameters", $"of N and {Columns(input)} by {planner.Fit.Law.Name}", row.ActiveParams);
        }
        Line("weights, bytes", $"stored*bits/8 = {row.TotalParams:G5}*{input.Weights.Bits:G5}/8", row.WeightBytes);
        if (shape.Context > 0)
        {
            double layers = shape.LayersOf(row.ActiveParams),
                width = shape.WidthOf(row.ActiveParams),
                kv = shape.KvWidthOf(row.ActiveParams);
            Line("layers", shape.Layers is null ? $"(active/(12*128^2))^(1/3)" : (FormattableString)$"--layers", layers);
            Line("width", $"sqrt(active/(12*layers)) = sqrt({row.ActiveParams:G5}/(12*{layers:G5}))", width);
            Line("kv width", shape.KvWidth is null ? $"{shape.KvShare:G3}*width" : (FormattableString)$"--kv-width", kv);
            double cells = shape.Context * shape.Batch;
            Line(
                "KV cache, bytes",
                $"2*layers*kv width*(context*batch)*bits/8 = 2*{layers:G5}*{kv:G5}*{cells:G6}*{input.KvCache.Bits:G5}/8",
                row.KvBytes
            );
            Line(
                "activations, bytes",
                $"5*width*(context*batch)*bits/8 = 5*{width:G5}*{cells:G6}*{input.Activations.Bits:G5}/8",
                row.ActivationBytes
            );
            Line("all bytes", $"{row.WeightBytes:G6} + {row.KvBytes:G6} + {row.ActivationBytes:G6}", row.Bytes);
        }
        Line("training FLOP", $"6*active*D = 6*{row.ActiveParams:G5}*{input.Tokens:G5}", row.TrainingFlop);
        if (request.InferenceTokens > 0)
        {
            Line("inference FLOP", $"2*active*T = 2*{row.ActiveParams:G5}*{request.InferenceTokens:G5}", row.InferenceFlop);
        }
        if (row.Borrowed.Length > 0)
        {
            Line("borrowed rho", $"{row.Borrowed}", planner.BorrowedCapacity(input));
        }
        if (row.EffectiveParams is { } effective)
        {
            Line("effective N", $"dense N of the same loss = {effective / input.Params:G5}*{input.Params:G5}", effective);
        }
        string values = string.Join(", ", planner.Fit.Parameters.Select(p => FormattableString.Invariant($"{p.Name} = {p.Value:G5}")));
        Line(
            planner.Fit.Law.Predicts,
            $"{planner.Fit.Law.Formula}; {values}{(input.Columns.Count > 0 ? "; " + Columns(input) : "")}",
            row.Forecast.Loss
        );
        if (row.SecondsPerToken is { } seconds)
        {
            double read = Math.Min(row.TotalParams, row.ActiveParams * shape.Batch);
            if (request.Bandwidth is not null)
            {
                Line(
                    "weights read per step",
                    $"min(stored, active*batch) = min({row.TotalParams:G5}, {row.ActiveParams:G5}*{shape.Batch:G5})",
                    read
                );
            }
            Line(
                "seconds per token",
                request.Bandwidth is { } bandwidth
                    ? (FormattableString)
                        $"(read*bits/8 + KV cache)/bandwidth/batch = ({read:G5}*{input.Weights.Bits:G5}/8 + {row.KvBytes:G5})/{bandwidth:G5}/{shape.Batch:G5}"
                    : $"active/measured weights per second = {row.ActiveParams:G5}/{row.ActiveParams / seconds:G5}",
                seconds
            );
        }
        return table;
    }

    private static FormattableString Size(PlanRow row, PlanRequest request) =>
        request.Compute is not null
            ? request.Memory is { } cap
                ? $"least loss for the compute, in at most {cap:G5} bytes"
                : (FormattableString)$"least loss for the compute"
            : request.Params is not null
                ? (FormattableString)$"--params"
                : (FormattableString)$"all bytes = {request.Memory:G6}; {row.Input.Weights.Bits:G5} bits a weight";

    private static string Columns(LawInput input) =>
        string.Join(", ", input.Columns.Select(column => FormattableString.Invariant($"{column.Key} = {column.Value:G5}")));
}
