namespace KernelGen.Scaling;

/// <summary>
/// One loss from another of the same model, <c>L_y = K·(L_x − E_x)^κ + E_y</c>. Brandfonbrener et al. 2024, "Loss-to-loss prediction",
/// arXiv:2411.12925. Below E_x the first term is 0.
/// </summary>
public sealed class LossToLossLaw : ScalingLaw
{
    /// <inheritdoc/>
    public override string Name => "loss-to-loss";

    /// <inheritdoc/>
    public override string Title => "Loss on one data set by the loss on another";

    /// <inheritdoc/>
    public override string Formula => "L_y = K*(L_x - E_x)^kappa + E_y";

    /// <inheritdoc/>
    public override string Citation => "Brandfonbrener et al. 2024, arXiv:2411.12925";

    /// <inheritdoc/>
    public override string Predicts => "loss on the other data set (nats per token)";

    /// <inheritdoc/>
    public override LawSizes Sizes => LawSizes.None;

    /// <inheritdoc/>
    public override IReadOnlyList<LawColumn> Columns { get; } = [new("loss_x", "loss L_x on the first data set")];

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
    [
        LawParameter.Positive("K", 0.2, 5, "scale"),
        new("kappa", 0.05, 10, 0.5, 2, "exponent"),
        new("E_x", 0, 20, 0.5, 2.5, "floor of the first loss"),
        new("E_y", 0, 20, 0.2, 2.5, "floor of the second"),
    ];

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p) =>
        p[0] * Traced.Exp(p[1] * Traced.Log(Traced.Max(input["loss_x"] - p[2], 1e-9))) + p[3];
}
