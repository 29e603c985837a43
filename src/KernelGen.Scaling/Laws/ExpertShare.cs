namespace KernelGen.Scaling;

/// <summary>How many parameters a mixture stores, from those that are active for a token.</summary>
internal static class ExpertShare
{
    /// <summary>Feed-forward layers hold 8·width² of the 12·width² parameters of a transformer's layer.</summary>
    public const double Usual = 2.0 / 3;

    public static LawColumn Column { get; } =
        new("expert_share", "share of the active parameters that is one expert's, 2/3 if absent; for memory only", Optional: true);

    /// <summary>N·(1 + share·(E − 1)): every further expert copies its share.</summary>
    public static double TotalParams(LawInput input) => input.Params * (1 + input.Get(Column.Name, Usual) * (input["experts"] - 1));
}
