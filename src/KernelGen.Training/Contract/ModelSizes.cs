namespace KernelGen.Training;

/// <summary>A size of the ladder on which the laws are looked for.</summary>
/// <param name="Name">Its name: non-embedding parameters, roughly.</param>
/// <param name="Layers">Decoder layers.</param>
/// <param name="Width">Width of the residual stream.</param>
/// <param name="Heads">Attention heads.</param>
/// <param name="Hidden">Width inside the feed-forward layers.</param>
/// <param name="LearningRate">Learning rate found best, of those tried a factor of about 1.5 apart, for a dense model on 100 synthetic
/// tokens per parameter; of the two largest sizes, extrapolated.</param>
public sealed record ModelSize(string Name, int Layers, int Width, int Heads, int Hidden, double LearningRate)
{
    /// <summary>A run of this size.</summary>
    /// <param name="tokensPerParameter">Tokens over non-embedding parameters.</param>
    public TrainingSpec Spec(double tokensPerParameter = 100)
    {
        var spec = new TrainingSpec
        {
            Layers = Layers,
            Width = Width,
            Heads = Heads,
            Hidden = Hidden,
            LearningRate = LearningRate,
            Tokens = 1,
        };
        return spec with { Tokens = (long)(tokensPerParameter * spec.Parameters) };
    }
}

/// <summary>The sizes of the base grid and of the extended one. Two layers each, so that only width changes between them.</summary>
public static class ModelSizes
{
    /// <summary>All sizes, smallest first.</summary>
    public static IReadOnlyList<ModelSize> All { get; } =
    [
        new("12k", 2, 24, 2, 56, 0.02),
        new("25k", 2, 32, 2, 88, 0.02),
        new("50k", 2, 48, 3, 112, 0.01),
        new("100k", 2, 64, 4, 176, 0.006),
        new("200k", 2, 96, 6, 240, 0.005),
        new("400k", 2, 128, 8, 352, 0.004),
    ];

    /// <summary>A size by name.</summary>
    /// <param name="name">Its name, without regard to case.</param>
    /// <exception cref="ArgumentException">There is no such size; the message lists those that there are.</exception>
    public static ModelSize Of(string name) =>
        All.FirstOrDefault(size => size.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException(
            $"There is no size '{name}'; there are {string.Join(", ", All.Select(size => size.Name))}.",
            nameof(name)
        );
}
