using System.Text.Json;

namespace KernelGen.Scaling;

/// <summary>
/// A fitted law as a JSON file: <c>law, parameters{name:{value,low,high}}, objective, huber_delta, runs, rmse_log,
/// max_abs_residual</c>, and what predictions with intervals need: form, grouping and the bootstrap draws.
/// </summary>
/// <param name="Law">The law.</param>
/// <param name="Parameters">Its parameters with intervals.</param>
/// <param name="Draws">Values in each bootstrap resample; empty if there was none.</param>
/// <param name="DrawLevel">Share of the draws that an interval spans.</param>
public sealed record FitDocument(
    IScalingLaw Law,
    IReadOnlyList<ParameterEstimate> Parameters,
    IReadOnlyList<double[]> Draws,
    double DrawLevel
)
{
    /// <summary>Where the values come from and how well they are known: empty for a fit.</summary>
    public string Source { get; init; } = "";

    /// <summary>Parameters of the largest run that was fitted; null if unknown.</summary>
    public double? LargestParams { get; init; }

    /// <summary>False for a fit that says of itself that it found no minimum.</summary>
    public bool Converged { get; init; } = true;

    /// <summary>Parameters on a bound that the caller did not set: the others depend on an arbitrary number.</summary>
    public IReadOnlySet<string> Unaccepted { get; init; } = new HashSet<string>();

    /// <summary>Values in the order of the law's parameters.</summary>
    public double[] Values => [.. Parameters.Select(p => p.Value)];

    /// <summary>The document of a fit.</summary>
    /// <param name="fit">The fit.</param>
    public static FitDocument Of(FittedLaw fit) =>
        new(fit.Law, fit.Parameters, fit.Draws, fit.DrawLevel)
        {
            Converged = fit.Converged,
            LargestParams = fit.Runs.Max(run => run.Input.Params),
            Unaccepted = fit.Surprising.Select(p => p.Name).ToHashSet(),
        };

    /// <summary>A published set of coefficients as if it had been fitted, without intervals.</summary>
    /// <param name="law">The law.</param>
    /// <param name="set">One of its sets.</param>
    public static FitDocument Of(IScalingLaw law, LawCoefficients set) =>
        new(
            law,
            [.. law.Parameters.Zip(set.Values, (p, value) => new ParameterEstimate(p.Name, value, value, value, 0, ParameterStatus.Held))],
            [],
            0.9
        )
        {
            Source = $"published set {law.Name}:{set.Name} [{set.Mark.Letter()}], {set.Source}",
        };

    /// <summary>Writes a fit as JSON, indented, with line ends of one character.</summary>
    /// <param name="fit">The fit.</param>
    public static string Write(FittedLaw fit)
    {
        LawOptions? options = (fit.Law as IShapedLaw)?.Options;
        var file = new FitFile
        {
            Law = fit.Law.Name,
            Predicts = fit.Law.Predicts,
            Of = options?.Of,
            Form = fit.Law is UnifiedLaw or DecoupledLaw ? options?.Form.Name : null,
            Grouping = options?.Grouping?.ToString().ToLowerInvariant(),
            Parameters = fit.Parameters.ToDictionary(
                p => p.Name,
                p => new FitFileParameter
                {
                    Value = p.Value,
                    Low = p.Low,
                    High = p.High,
                    Sd = p.StandardDeviation,
                    Status = p.Status,
                    BoundAccepted = fit.OnBound.Contains(p) ? !fit.Surprising.Contains(p) : null,
                }
            ),
            Objective = fit.Objective,
            HuberDelta = fit.Options.HuberDelta,
            Runs = fit.Runs.Count,
            LargestParams = fit.Runs.Max(run => run.Input.Params),
            RmseLog = fit.Rmse,
            MaxAbsResidual = fit.MaxAbsResidual,
            RSquared = fit.RSquared,
            Aic = fit.Aic,
            Bic = fit.Bic,
            Converged = fit.Converged,
            Level = fit.Options.Level,
            DrawLevel = fit.DrawLevel,
            Seed = fit.Options.Seed,
            Draws = [.. fit.Draws],
        };
        return JsonSerializer.Serialize(file, FitFileContext.Default.FitFile) + "\n";
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <exception cref="FormatException">The text is no fitted law.</exception>
    public static FitDocument Read(string json)
    {
        try
        {
            FitFile file = JsonSerializer.Deserialize(json, FitFileContext.Default.FitFile) ?? throw new JsonException("it is null.");
            var options = new LawOptions
            {
                Of = file.Of,
                Form = file.Form is null ? CapacityForm.All[0] : CapacityForm.Named(file.Form),
                Grouping = file.Grouping is null ? null : Enum.Parse<CapacityGrouping>(file.Grouping, ignoreCase: true),
            };
            string[] names = [.. file.Parameters.Keys];
            IScalingLaw law = LawCatalog.Restore(file.Law, names, options);
            if (file.Draws.Any(draw => draw.Length != names.Length))
            {
                throw new FormatException("A bootstrap draw has another number of parameters than the law.");
            }
            int[] order = [.. law.Parameters.Select(p => Array.IndexOf(names, p.Name))];
            return new(
                law,
                [
                    .. law.Parameters.Select(p =>
                    {
                        FitFileParameter q = file.Parameters[p.Name];
                        return new ParameterEstimate(p.Name, q.Value, q.Low, q.High, q.Sd, q.Status);
                    }),
                ],
                [.. file.Draws.Select(draw => order.Select(i => draw[i]).ToArray())],
                file.DrawLevel
            )
            {
                Converged = file.Converged,
                LargestParams = file.LargestParams,
                Unaccepted = file
                    .Parameters.Where(p =>
                        p.Value.Status is ParameterStatus.AtLowerBound or ParameterStatus.AtUpperBound && p.Value.BoundAccepted != true
                    )
                    .Select(p => p.Key)
                    .ToHashSet(),
            };
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException($"This is not a fitted law: {failure.Message}", failure);
        }
    }
}
