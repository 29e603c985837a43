namespace KernelGen.Scaling.Tests;

/// <summary>Runs whose losses come from a known law, so that what an analysis finds can be told from what is there.</summary>
internal static class PlantedRuns
{
    public const double A = 4,
        Alpha = 0.25,
        B = 20,
        Beta = 0.4,
        E = 1.2;

    public static readonly RepresentationPoint Two = new("two", 2, 0.12, "int"),
        Three = new("three", 3, 0.035, "int"),
        Four = new("four", 4, 0.0115, "int"),
        Half = new("half", 17, 0.07, "sparse"),
        HalfFour = new("half+four", 3, 0.085, "sparse-quantised"),
        HalfThree = new("half+three", 2.5, 0.11, "sparse-quantised");

    /// <summary>ρ of single representations; what is composed holds the product.</summary>
    public static readonly Dictionary<string, double> Capacity = new()
    {
        ["dense"] = 1,
        ["two"] = 0.4,
        ["three"] = 0.65,
        ["four"] = 0.85,
        ["half"] = 0.7,
        ["half+four"] = 0.7 * 0.85,
        ["half+three"] = 0.7 * 0.65,
    };

    public static TrainingRun Run(
        double n,
        double ratio,
        RepresentationPoint weights,
        RepresentationPoint? activations = null,
        string method = "plain",
        double factor = 1
    )
    {
        double effective = n * Capacity[weights.Name] * (activations is null ? 1 : Capacity[activations.Name]);
        double loss = A * Math.Pow(effective, -Alpha) + B * Math.Pow(n * ratio, -Beta) + E;
        return new(new LawInput(n, n * ratio, weights, activations, method: method), loss * factor);
    }

    public static readonly double[] Sizes = [1e4, 2.5e4, 5e4, 1e5];

    /// <summary>Dense runs at several ratios, then every representation at every size.</summary>
    public static List<TrainingRun> Weights() =>
        [
            .. from n in Sizes from ratio in new[] { 25.0, 100, 400 } select Run(n, ratio, RepresentationPoint.Dense),
            .. from point in new[] { Two, Three, Four, Half, HalfThree, HalfFour } from n in Sizes select Run(n, 100, point),
        ];

    public static FitOptions Options =>
        new()
        {
            HuberDelta = 1e-4,
            Bootstrap = 0,
            Descents = 8,
            Candidates = 400,
        };
}
