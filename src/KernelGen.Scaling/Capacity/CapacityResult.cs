namespace KernelGen.Scaling;

/// <summary>
/// What a probe found. Numbers that do not exist are null rather than infinite or NaN, so that a record can be
/// written as JSON as it is.
/// </summary>
/// <remarks>
/// <see cref="Gmse"/> = 0 means that every float32 sample came back as it was: a lossless format of float32 values. Samples
/// are float32 themselves, so the error against real numbers is out of sight then; effective bits have no finite value
/// and a gap to Shannon cannot be stated (both null), and the capacity is its upper limit L.
/// </remarks>
public sealed record CapacityResult
{
    /// <summary>Name of the format or text of the representation.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the source of the samples.</summary>
    public required string Source { get; init; }

    /// <summary>
    /// Stored bits per weight, everything counted. For a random source those of a large matrix; for a tensor those of
    /// that tensor, padding and headers included.
    /// </summary>
    public required double Bits { get; init; }

    /// <summary>E‖x − R(x)‖² / E‖x‖²: the GMSE where the source is Gaussian.</summary>
    public required double Gmse { get; init; }

    /// <summary>Standard error of <see cref="Gmse"/> over chunks; null where it cannot be estimated (one chunk).</summary>
    public required double? StandardError { get; init; }

    /// <summary>
    /// The GMSE by exact integration over the cells of the grid (Gaussian source, scalar grid, one Gaussian-optimal
    /// scale per row or tensor), otherwise null.
    /// </summary>
    public double? ExactGmse { get; init; }

    /// <summary>Mean of the squared samples.</summary>
    public required double MeanSquare { get; init; }

    /// <summary>Samples used.</summary>
    public required long Samples { get; init; }

    /// <summary>Wall-clock seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>The coefficients that turn GMSE into capacity.</summary>
    public required CapacityFamily Family { get; init; }

    /// <summary>Samples per second.</summary>
    public double SamplesPerSecond => Seconds > 0 ? Samples / Seconds : 0;

    /// <summary>Whether every sample came back as it was.</summary>
    public bool IsLossless => Gmse == 0;

    /// <summary>−½·log2 GMSE, the rate at which an ideal code has this error; null if lossless.</summary>
    public double? EffectiveBits => RateDistortion.EffectiveBits(Gmse);

    /// <summary>
    /// <see cref="Bits"/> − <see cref="EffectiveBits"/>: bits spent above Shannon's bound; null if lossless. Below 0 for a
    /// Gaussian source, by more than <see cref="GapStandardError"/> explains, it shows bits that were not counted.
    /// </summary>
    public double? GapBits => Bits - EffectiveBits;

    /// <summary>Standard error of <see cref="EffectiveBits"/> and <see cref="GapBits"/>, from that of the GMSE.</summary>
    public double? GapStandardError => Gmse > 0 ? StandardError / (2 * Math.Log(2) * Gmse) : null;

    /// <summary>Capacity ρ = L·tanh(F·log_¼ GMSE)^C, in [0, 1].</summary>
    public double Capacity => Family.Coefficients.Capacity(Gmse);

    /// <summary>
    /// ρ divided by the ρ of the Shannon-optimal code of the same bits (noise injection of GMSE 2^(−2·bits)): how much of
    /// what the bits could carry the representation does carry. For a lossless one L divided by that ρ, which is 1 to
    /// rounding at float32's 32 bits.
    /// </summary>
    public double Optimality => Capacity / Family.Coefficients.Capacity(RateDistortion.GaussianDistortion(Bits));
}
