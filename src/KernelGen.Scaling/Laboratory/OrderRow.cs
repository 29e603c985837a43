namespace KernelGen.Scaling;

/// <summary>A representation among others of like width and one size, in the order of their Gaussian MSE.</summary>
/// <param name="Input">Representation, size and tokens.</param>
/// <param name="Loss">Mean loss over seeds.</param>
/// <param name="StandardError">Of the mean, from the scatter between seeds.</param>
/// <param name="Runs">How many seeds.</param>
/// <param name="Step">Loss less that of the representation before, which has a smaller error; null for the first.</param>
/// <param name="StepError">Standard error of the step.</param>
public sealed record OrderRow(LawInput Input, double Loss, double StandardError, int Runs, double? Step, double StepError)
{
    /// <summary>Whether the loss rises with the error as predicted: null where two standard errors do not tell.</summary>
    public bool? AsForetold => Step is { } step && Math.Abs(step) > 2 * StepError ? step > 0 : null;

    /// <summary>Orders representations of weights alone, trained in one way, with others of the same bits (rounded) at the same size.</summary>
    /// <param name="runs">The runs; the scatter between seeds is pooled over them.</param>
    /// <returns>By bits, size and Gaussian MSE.</returns>
    public static IReadOnlyList<OrderRow> Of(IReadOnlyList<TrainingRun> runs)
    {
        double scatter = ReplicateNoise.Of(runs).Deviation;
        return
        [
            .. from run in runs
            where run.Input.Activations.IsDense && !run.Input.Weights.IsDense
            group run by (Bits: Math.Round(run.Input.Weights.Bits), run.Input.Params, run.Input.Tokens, run.Input.Method) into alike
            orderby alike.Key.Bits, alike.Key.Params, alike.Key.Tokens
            let formats = alike
                .GroupBy(run => run.Input.Weights.Name)
                .Select(format => format.ToArray())
                .OrderBy(format => format[0].Input.Weights.Gmse)
                .ToArray()
            where formats.Length > 1
            from row in Rows(formats, scatter)
            select row,
        ];
    }

    private static IEnumerable<OrderRow> Rows(TrainingRun[][] formats, double scatter)
    {
        OrderRow? before = null;
        foreach (TrainingRun[] format in formats)
        {
            double loss = format.Average(run => run.Loss),
                error = scatter * loss / Math.Sqrt(format.Length);
            before = new(
                format[0].Input,
                loss,
                error,
                format.Length,
                loss - before?.Loss,
                before is null ? 0 : Math.Sqrt(error * error + before.StandardError * before.StandardError)
            );
            yield return before;
        }
    }
}
