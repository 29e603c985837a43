namespace KernelGen.Scaling.Tests;

/// <summary>
/// The representations of the QuEST runs: mid-rise grids at the scale that is best for a Gaussian, E2M1 likewise, and 4:8 pairs of INT4.
/// Their Gaussian MSE is a matter of integration; the values are those of the golden file of static scales.
/// </summary>
public static class QuestRepresentations
{
    public static RepresentationPoint? Resolve(string name) =>
        name switch
        {
            "bf16" => RepresentationPoint.Dense with { Name = "bf16" },
            "int1" => new(name, 1, 0.36338023, "uniform"),
            "int2" => new(name, 2, 0.11884605, "uniform"),
            "int3" => new(name, 3, 0.037439659, "uniform"),
            "int4" => new(name, 4, 0.011542884, "uniform"),
            "int8" => new(name, 8, 8.7686186e-5, "uniform"),
            "e2m1" => new(name, 4, 0.012684904, "uniform"),
            "sparse4of8+int4" => new(name, 3, 0.2153, "uniform"),
            _ => null,
        };

    public static RunTableOptions Options { get; } =
        new() { Resolve = Resolve, KnownNames = ["bf16", "int1", "int2", "int3", "int4", "int8", "e2m1", "sparse4of8+int4"] };

    /// <summary>The integer runs of one recipe: <c>quest</c>, <c>none</c> and weight-only <c>clip-hadamard</c>.</summary>
    public static bool IsCore(TrainingRun run) =>
        run.Input.Weights.Name != "e2m1"
        && (run.Input.Method is "quest" or "none" || (run.Input.Method == "clip-hadamard" && run.Input.Activations.IsDense));
}
