using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KernelGen.Scaling;

/// <summary>A fitted law as its file has it.</summary>
internal sealed record FitFile
{
    public required string Law { get; init; }
    public string? Predicts { get; init; }
    public string? Of { get; init; }
    public string? Form { get; init; }
    public string? Grouping { get; init; }
    public required Dictionary<string, FitFileParameter> Parameters { get; init; }
    public double Objective { get; init; }
    public double HuberDelta { get; init; }
    public int Runs { get; init; }
    public double? LargestParams { get; init; }
    public double RmseLog { get; init; }
    public double MaxAbsResidual { get; init; }
    public double RSquared { get; init; }
    public double Aic { get; init; }
    public double Bic { get; init; }
    public bool Converged { get; init; } = true;
    public double Level { get; init; } = 0.9;
    public double DrawLevel { get; init; } = 0.9;
    public int Seed { get; init; }

    [JsonConverter(typeof(OneLinePerDraw))]
    public double[][] Draws { get; init; } = [];
}

/// <summary>A parameter of a fitted law as the file has it.</summary>
internal sealed record FitFileParameter
{
    public required double Value { get; init; }
    public required double Low { get; init; }
    public required double High { get; init; }
    public double Sd { get; init; }
    public ParameterStatus Status { get; init; } = ParameterStatus.Fitted;

    /// <summary>For a parameter on a bound: whether that bound was given on the command line.</summary>
    public bool? BoundAccepted { get; init; }
}

/// <summary>How the file is written; the code is generated.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    WriteIndented = true,
    NewLine = "\n",
    Converters = [typeof(StatusNames)]
)]
[JsonSerializable(typeof(FitFile))]
internal sealed partial class FitFileContext : JsonSerializerContext;

/// <summary><c>at-lower-bound</c> and the like.</summary>
internal sealed class StatusNames() : JsonStringEnumConverter<ParameterStatus>(JsonNamingPolicy.KebabCaseLower);

/// <summary>One line a draw keeps an indented file readable.</summary>
internal sealed class OneLinePerDraw : JsonConverter<double[][]>
{
    public override double[][] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using JsonDocument list = JsonDocument.ParseValue(ref reader);
        return [.. list.RootElement.EnumerateArray().Select(draw => draw.EnumerateArray().Select(v => v.GetDouble()).ToArray())];
    }

    public override void Write(Utf8JsonWriter writer, double[][] value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (double[] draw in value)
        {
            writer.WriteRawValue($"[{string.Join(",", draw.Select(v => v.ToString("R", CultureInfo.InvariantCulture)))}]");
        }
        writer.WriteEndArray();
    }
}
