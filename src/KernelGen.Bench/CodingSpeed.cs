namespace KernelGen.Bench;

/// <summary>How fast weights are packed, or unpacked.</summary>
/// <param name="Ours">Weights a second.</param>
/// <param name="Ggml">The same of the fastest of ggml's functions; null without one.</param>
internal readonly record struct CodingSpeed(double Ours, double? Ggml)
{
    public double? Ratio => Ours / Ggml;

    /// <summary>Measures ours in turn with ggml's.</summary>
    /// <param name="ours">Our call.</param>
    /// <param name="theirs">ggml's calls, if any.</param>
    /// <param name="weights">Weights of a call.</param>
    /// <param name="cancellation">Looked at between calls.</param>
    public static CodingSpeed Of(Action ours, Action[] theirs, int weights, CancellationToken cancellation)
    {
        double[] seconds = Alternating.Medians([ours, .. theirs], cancellation);
        return new(weights / seconds[0], seconds.Length > 1 ? weights / seconds[1..].Min() : null);
    }
}
