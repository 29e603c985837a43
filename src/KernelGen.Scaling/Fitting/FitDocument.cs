using System.Text;
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
    /// <summary>Values in the order of the law's parameters.</summary>
    public double[] Values => [.. Parameters.Select(p => p.Value)];

    /// <summary>The document of a fit.</summary>
    /// <param name="fit">The fit.</param>
    public static FitDocument Of(FittedLaw fit) => new(fit.Law, fit.Parameters, fit.Draws, fit.DrawLevel);

    /// <summary>Writes a fit as JSON, indented, with line ends of one character.</summary>
    /// <param name="fit">The fit.</param>
    public static string Write(FittedLaw fit)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("law", fit.Law.Name);
            json.WriteString("predicts", fit.Law.Predicts);
            if (Options(fit.Law) is { } options)
            {
                json.WriteString("form", options.Form.Name);
                if (options.Grouping is { } grouping)
                {
                    json.WriteString("grouping", grouping.ToString().ToLowerInvariant());
                }
            }
            json.WriteStartObject("parameters");
            foreach (ParameterEstimate p in fit.Parameters)
            {
                json.WriteStartObject(p.Name);
                json.WriteNumber("value", p.Value);
                json.WriteNumber("low", p.Low);
                json.WriteNumber("high", p.High);
                json.WriteNumber("sd", p.StandardDeviation);
                json.WriteString("status", StatusText(p.Status));
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteNumber("objective", fit.Objective);
            json.WriteNumber("huber_delta", fit.Options.HuberDelta);
            json.WriteNumber("runs", fit.Runs.Count);
            json.WriteNumber("rmse_log", fit.Rmse);
            json.WriteNumber("max_abs_residual", fit.MaxAbsResidual);
            json.WriteNumber("r_squared", fit.RSquared);
            json.WriteNumber("aic", fit.Aic);
            json.WriteNumber("bic", fit.Bic);
            json.WriteBoolean("converged", fit.Converged);
            json.WriteNumber("level", fit.Options.Level);
            json.WriteNumber("draw_level", fit.DrawLevel);
            json.WriteNumber("seed", fit.Options.Seed);
            json.WriteStartArray("draws");
            foreach (double[] draw in fit.Draws)
            {
                // One line a draw keeps the file readable.
                json.WriteRawValue(
                    "[" + string.Join(",", draw.Select(v => v.ToString("R", System.Globalization.CultureInfo.InvariantCulture))) + "]"
                );
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <exception cref="FormatException">The text is no fitted law.</exception>
    public static FitDocument Read(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            var options = new LawOptions
            {
                Form = root.TryGetProperty("form", out JsonElement form) ? CapacityForm.Named(form.GetString()!) : CapacityForm.All[0],
                Grouping = root.TryGetProperty("grouping", out JsonElement grouping)
                    ? Enum.Parse<CapacityGrouping>(grouping.GetString()!, ignoreCase: true)
                    : null,
            };
            ParameterEstimate[] parameters =
            [
                .. root.GetProperty("parameters")
                    .EnumerateObject()
                    .Select(p => new ParameterEstimate(
                        p.Name,
                        p.Value.GetProperty("value").GetDouble(),
                        p.Value.GetProperty("low").GetDouble(),
                        p.Value.GetProperty("high").GetDouble(),
                        p.Value.TryGetProperty("sd", out JsonElement sd) ? sd.GetDouble() : 0,
                        p.Value.TryGetProperty("status", out JsonElement status) ? StatusOf(status.GetString()) : ParameterStatus.Fitted
                    )),
            ];
            IScalingLaw law = LawCatalog.Restore(root.GetProperty("law").GetString()!, [.. parameters.Select(p => p.Name)], options);
            double[][] draws = root.TryGetProperty("draws", out JsonElement list)
                ? [.. list.EnumerateArray().Select(draw => draw.EnumerateArray().Select(v => v.GetDouble()).ToArray())]
                : [];
            int[] order = [.. law.Parameters.Select(p => Array.FindIndex(parameters, q => q.Name == p.Name))];
            if (draws.Any(draw => draw.Length != parameters.Length))
            {
                throw new FormatException("A bootstrap draw has another number of parameters than the law.");
            }
            return new(
                law,
                [.. order.Select(i => parameters[i])],
                [.. draws.Select(draw => order.Select(i => draw[i]).ToArray())],
                root.TryGetProperty("draw_level", out JsonElement level) ? level.GetDouble() : 0.9
            );
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException($"This is not a fitted law: {failure.Message}", failure);
        }
    }

    private static LawOptions? Options(IScalingLaw law) =>
        law switch
        {
            UnifiedLaw unified => unified.Options,
            DecoupledLaw decoupled => decoupled.Options,
            _ => null,
        };

    private static string StatusText(ParameterStatus status) =>
        status switch
        {
            ParameterStatus.Held => "held",
            ParameterStatus.AtLowerBound => "at-lower-bound",
            ParameterStatus.AtUpperBound => "at-upper-bound",
            _ => "fitted",
        };

    private static ParameterStatus StatusOf(string? text) =>
        text switch
        {
            "held" => ParameterStatus.Held,
            "at-lower-bound" => ParameterStatus.AtLowerBound,
            "at-upper-bound" => ParameterStatus.AtUpperBound,
            _ => ParameterStatus.Fitted,
        };
}
