namespace KernelGen.Scaling;

/// <summary>
/// What inference needs besides the weights. Layers and width are given, or follow from the active parameters by N = 12·layers·width² (four
/// square matrices of attention, eight of feed-forward) at width = 128·layers, the usual proportion (Kaplan et al. 2020, arXiv:2001.08361).
/// </summary>
/// <param name="Layers">Layers; null to derive them.</param>
/// <param name="KvWidth">Values of one key (or value) vector per layer, all heads together; null for the width times <paramref name="KvShare"/>.</param>
/// <param name="KvShare">Heads of keys over heads of queries, where the width of keys is derived: 1 without grouped queries.</param>
/// <param name="Context">Tokens whose keys and values are kept, per sequence.</param>
/// <param name="Batch">Sequences served at once.</param>
public sealed record ModelShape(double? Layers = null, double? KvWidth = null, double KvShare = 1, double Context = 0, double Batch = 1)
{
    /// <summary>Width over layers where they are derived.</summary>
    public const double WidthPerLayer = 128;

    /// <summary>
    /// Live values per token and unit of width in one layer: the residual and either the feed-forward hidden layer (4) or queries, keys,
    /// values and output (4).
    /// </summary>
    public const double LivePerWidth = 5;

    /// <summary>Bits of activations that no format compresses.</summary>
    public const double DenseBits = 16;

    /// <summary>Number of layers.</summary>
    /// <param name="active">Active parameters.</param>
    public double LayersOf(double active) => Layers ?? Math.Cbrt(active / (12 * WidthPerLayer * WidthPerLayer));

    /// <summary>Width of the model.</summary>
    /// <param name="active">Active parameters.</param>
    public double WidthOf(double active) => Math.Sqrt(active / (12 * LayersOf(active)));

    /// <summary>Width of keys.</summary>
    /// <param name="active">Active parameters.</param>
    public double KvWidthOf(double active) => KvWidth ?? KvShare * WidthOf(active);

    /// <summary>Bytes of the KV cache, <c>2·layers·width·context·batch·bits/8</c>.</summary>
    /// <param name="active">Active parameters.</param>
    /// <param name="bits">Stored bits per value.</param>
    public double KvBytes(double active, double bits) => 2 * LayersOf(active) * KvWidthOf(active) * Context * Batch * bits / 8;

    /// <summary>Bytes of the live activations while the whole context is read in one pass, <c>5·width·context·batch·bits/8</c>.</summary>
    /// <param name="active">Active parameters.</param>
    /// <param name="bits">Bits per value.</param>
    public double ActivationBytes(double active, double bits) => LivePerWidth * WidthOf(active) * Context * Batch * bits / 8;
}
