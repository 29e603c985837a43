namespace KernelGen.Scaling;

/// <summary>What one way of training makes of a representation.</summary>
/// <param name="Weights">The representation of the weights.</param>
/// <param name="Method">The way of training.</param>
/// <param name="Capacity">Mean of the capacities that single runs speak for.</param>
/// <param name="StandardError">Its standard error over the runs; null for one run.</param>
/// <param name="Runs">How many runs there are.</param>
/// <param name="IsBest">True for the largest capacity of this representation.</param>
public sealed record MethodRow(string Weights, string Method, double Capacity, double? StandardError, int Runs, bool IsBest)
{
    /// <summary>Compares methods on representations of weights that several were tried on.</summary>
    /// <param name="law">The law that turns a loss into a capacity.</param>
    /// <param name="runs">The runs; those with compressed activations are left out.</param>
    /// <returns>By representation in the order of the runs, the best method first.</returns>
    public static IReadOnlyList<MethodRow> Compare(SchemeCapacities law, IEnumerable<TrainingRun> runs) =>
    [
        .. from run in runs
           where run.Input.Activations.IsDense && !run.Input.Weights.IsDense
           group run by run.Input.Weights.Name into representation
           where representation.Select(run => run.Input.Method).Distinct().Count() > 1
           from row in Rows(representation.Key, representation, law)
           select row,
    ];

    private static IEnumerable<MethodRow> Rows(string weights, IEnumerable<TrainingRun> runs, SchemeCapacities law)
    {
        var found = runs.GroupBy(run => run.Input.Method).Select(method => (Name: method.Key, Values: method.Select(law.Capacity).OfType<double>().ToArray()))
            .Where(method => method.Values.Length > 0).OrderByDescending(method => method.Values.Average()).ThenBy(method => method.Name, StringComparer.Ordinal);
        return found.Select((method, i) => new MethodRow(weights, method.Name, method.Values.Average(), Error(method.Values), method.Values.Length, i == 0));
    }

    private static double? Error(double[] values)
    {
        double mean = values.Average();
        return values.Length < 2 ? null : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1) / values.Length);
    }
}
