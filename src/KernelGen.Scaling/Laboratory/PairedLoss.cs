namespace KernelGen.Scaling;

/// <summary>Two ways of training the same model over the same representation, side by side: a format and noise of its error, say.</summary>
/// <param name="Input">Size, tokens and representation of both.</param>
/// <param name="Loss">Mean loss of the runs of the first kind.</param>
/// <param name="Other">Mean loss of the second.</param>
/// <param name="StandardError">Of the difference, from the scatter between seeds; NaN where no run was repeated.</param>
public sealed record PairedLoss(LawInput Input, double Loss, double Other, double StandardError)
{
    /// <summary>How much the second loses less than the first, in nats a token.</summary>
    public double Difference => Loss - Other;

    /// <summary>True if the difference is within two standard errors of none.</summary>
    public bool WithinError => Math.Abs(Difference) <= 2 * StandardError;

    /// <summary>Pairs runs by size, tokens, representations.</summary>
    /// <param name="runs">All runs; the scatter between seeds is pooled over them.</param>
    /// <param name="isOther">Says the second kind from the first.</param>
    public static IReadOnlyList<PairedLoss> Of(IReadOnlyList<TrainingRun> runs, Func<TrainingRun, bool> isOther)
    {
        double scatter = ReplicateNoise.Of(runs).Deviation;
        return
        [
            .. from run in runs
            where !run.Input.Weights.IsDense || !run.Input.Activations.IsDense
            group run by (
                run.Input.Params,
                run.Input.Tokens,
                Weights: run.Input.Weights.Name,
                Activations: run.Input.Activations.Name
            ) into model
            let others = model.Where(isOther).ToArray()
            let own = model.Where(run => !isOther(run)).ToArray()
            where others.Length > 0 && own.Length > 0
            let loss = own.Average(run => run.Loss)
            select new PairedLoss(
                own[0].Input,
                loss,
                others.Average(run => run.Loss),
                scatter * loss * Math.Sqrt(1.0 / own.Length + 1.0 / others.Length)
            ),
        ];
    }
}
