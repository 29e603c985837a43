namespace KernelGen.Scaling;

/// <summary>One finished training run: what was trained and the loss it reached.</summary>
/// <param name="Input">Sizes, representations, method and further columns.</param>
/// <param name="Loss">Final loss, nats per token (or what the law predicts).</param>
public sealed record TrainingRun(LawInput Input, double Loss)
{
    /// <summary>Group the run belongs to; empty if the table has no such column.</summary>
    public string Group { get; init; } = "";

    /// <summary>Line of the table, counted from 1 with the header; 0 if the run does not come from a table.</summary>
    public int Line { get; init; }

    /// <summary>All cells of the row as they were written, by column.</summary>
    public IReadOnlyDictionary<string, string> Cells { get; init; } = new Dictionary<string, string>();
}
