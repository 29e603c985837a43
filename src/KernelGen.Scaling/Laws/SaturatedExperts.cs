namespace KernelGen.Scaling;

/// <summary>
/// The number of experts as the laws of mixtures count it, <c>1/Ê = 1/(E − 1 + (1/E_s − 1/E_m)^−1) + 1/E_m</c>: E_s for one expert, E_m for
/// endlessly many. Clark et al. 2022, arXiv:2202.01169; Ludziejewski et al. 2025, arXiv:2502.05172.
/// </summary>
internal static class SaturatedExperts
{
    /// <summary>ln Ê.</summary>
    public static Traced Log(double experts, Traced start, Traced max) =>
        -Traced.Log(1 / (experts - 1 + 1 / (1 / start - 1 / max)) + 1 / max);
}
