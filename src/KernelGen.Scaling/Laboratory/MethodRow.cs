namespace KernelGen.Scaling;

/// <summary>What one way of training makes of a representation at one size.</summary>
/// <param name="Weights">The representation of the weights.</param>
/// <param name="Params">Parameters of the models.</param>
/// <param name="Tokens">Tokens they were trained on.</param>
/// <param name="Family">The method without its numbers.</param>
/// <param name="Method">The method; of a family tried with several numbers, the one that did best.</param>
/// <param name="Capacity">ρ. Where a number was chosen, of each seed the run with the number that did best on the other seeds: what is chosen on a run flatters it.</param>
/// <param name="IsBest">True for the largest capacity of this representation and size.</param>
public sealed record MethodRow(
    RepresentationPoint Weights,
    double Params,
    double Tokens,
    string Family,
    string Method,
    CapacityEstimate Capacity,
    bool IsBest
)
{
    /// <summary>Every method with every number, where there are several.</summary>
    /// <param name="law">Turns losses into capacities.</param>
    /// <param name="runs">The runs; those with compressed activations are left out.</param>
    /// <returns>By representation and size in the order of the runs, the best method first.</returns>
    public static IReadOnlyList<MethodRow> Variants(RelativeCapacities law, IEnumerable<TrainingRun> runs) =>
        Compare(runs, run => run.Input.Method, (method, own) => (method, law.Of(own)));

    /// <summary>Methods without regard to their numbers, which are chosen.</summary>
    /// <inheritdoc cref="Variants"/>
    public static IReadOnlyList<MethodRow> Families(RelativeCapacities law, IEnumerable<TrainingRun> runs) =>
        Compare(runs, run => Base(run.Input.Method), (_, own) => Choose(law, own));

    /// <summary>A method without its numbers.</summary>
    private static string Base(string method) => method.Split(':')[0];

    private static IReadOnlyList<MethodRow> Compare(
        IEnumerable<TrainingRun> runs,
        Func<TrainingRun, string> key,
        Func<string, TrainingRun[], (string Method, CapacityEstimate? Capacity)> estimate
    ) =>
        [
            .. from run in runs
            where run.Input.Activations.IsDense && !run.Input.Weights.IsDense
            group run by (run.Input.Weights.Name, Size: RelativeCapacities.Size(run)) into model
            let methods = model
                .GroupBy(key)
                .Select(method => estimate(method.Key, [.. method]))
                .Where(method => method.Capacity is not null)
                .OrderByDescending(method => method.Capacity!.Value)
                .ThenBy(method => method.Method, StringComparer.Ordinal)
                .ToArray()
            where methods.Length > 1
            from row in methods.Select(
                (method, i) =>
                    new MethodRow(
                        model.First().Input.Weights,
                        model.Key.Size.Params,
                        model.Key.Size.Tokens,
                        Base(method.Method),
                        method.Method,
                        method.Capacity!,
                        i == 0
                    )
            )
            select row,
        ];

    private static (string Method, CapacityEstimate? Capacity) Choose(RelativeCapacities law, TrainingRun[] runs)
    {
        ILookup<string, TrainingRun> methods = runs.ToLookup(run => run.Input.Method);
        string best = Best(methods, _ => true);
        double[] seeds = [.. runs.Select(Seed).Distinct().Where(seed => methods.All(method => method.Any(run => Seed(run) == seed)))];
        return (
            best,
            methods.Count == 1 || seeds.Length < 2
                ? law.Of(methods[best])
                : law.Of(seeds.SelectMany(seed => methods[Best(methods, run => Seed(run) != seed)].Where(run => Seed(run) == seed)))
        );
    }

    private static string Best(ILookup<string, TrainingRun> methods, Func<TrainingRun, bool> counts) =>
        methods.Where(method => method.Any(counts)).MinBy(method => method.Where(counts).Average(run => run.Loss))!.Key;

    private static double Seed(TrainingRun run) => run.Input.Get("seed", 0);
}
