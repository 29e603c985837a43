namespace KernelGen.Models;

/// <summary>What writing lost of one tensor that should not be lost.</summary>
/// <param name="Tensor">The tensor.</param>
/// <param name="Loss">Sums over the rows that were looked at.</param>
public sealed record TensorLoss(PlannedTensor Tensor, PackingLoss Loss)
{
    /// <summary>The loss in words.</summary>
    public string Words => Loss.Words(Tensor.Target.Format);

    /// <summary>How bad it is, to find the worst: what became infinite, then relative error.</summary>
    public double Badness => Loss.Infinite > 0 ? double.PositiveInfinity : Loss.RelativeError;
}
