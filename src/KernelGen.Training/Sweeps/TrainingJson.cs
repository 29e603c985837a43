using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace KernelGen.Training;

/// <summary>Runs and outcomes as JSON, with the names of the properties in camel case.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    IgnoreReadOnlyProperties = true
)]
[JsonSerializable(typeof(TrainingSpec))]
[JsonSerializable(typeof(TrainingOutcome))]
public sealed partial class TrainingJson : JsonSerializerContext
{
    private static readonly string[] Required = ["layers", "width", "heads", "hidden", "tokens", "learningRate"];

    /// <summary>Writes a run.</summary>
    /// <param name="spec">The run.</param>
    public static string Write(TrainingSpec spec) => JsonSerializer.Serialize(spec, Default.TrainingSpec);

    /// <summary>Writes an outcome.</summary>
    /// <param name="outcome">The outcome.</param>
    public static string Write(TrainingOutcome outcome) => JsonSerializer.Serialize(outcome, Default.TrainingOutcome);

    /// <summary>Reads a run.</summary>
    /// <param name="json">What <see cref="Write(TrainingSpec)"/> wrote.</param>
    /// <exception cref="SweepException">It is none.</exception>
    public static TrainingSpec ReadSpec(string json) =>
        Read(
            () =>
                JsonNode.Parse(json, documentOptions: new() { AllowDuplicateProperties = false }) is JsonObject fields
                    ? Spec(fields)
                    : null,
            "a run"
        );

    /// <summary>Reads an outcome.</summary>
    /// <param name="json">What <see cref="Write(TrainingOutcome)"/> wrote.</param>
    /// <exception cref="SweepException">It is none.</exception>
    public static TrainingOutcome ReadOutcome(string json) =>
        Read(() => JsonSerializer.Deserialize(json, Default.TrainingOutcome), "an outcome");

    /// <summary>The least run that can be written, with the defaults of everything that has one.</summary>
    internal static TrainingSpec Least =>
        new()
        {
            Layers = 1,
            Width = 1,
            Heads = 1,
            Hidden = 1,
            Tokens = 1,
            LearningRate = 1,
        };

    /// <summary>Names of the fields of a run.</summary>
    internal static IReadOnlyList<string> SpecFields() => [.. JsonNode.Parse(Write(Least))!.AsObject().Select(field => field.Key)];

    /// <summary>Reads a run from its fields; those that are not there have their defaults.</summary>
    /// <param name="fields">The fields.</param>
    /// <exception cref="JsonException">A field is missing that has no default, or is of the wrong kind.</exception>
    internal static TrainingSpec Spec(JsonObject fields)
    {
        // A reader without reflection sets what is not there to zero, not to what the declaration says.
        var all = (JsonObject)fields.DeepClone();
        foreach ((string name, JsonNode? value) in JsonNode.Parse(Write(Least))!.AsObject().Where(field => !Required.Contains(field.Key)))
        {
            all.TryAdd(name, value?.DeepClone());
        }
        string? empty = all.Where(field => field.Value is null).Select(field => field.Key).FirstOrDefault();
        return empty is null
            ? all.Deserialize(Default.TrainingSpec)!
            : throw new JsonException($"{empty} is null; a run has a value for it.");
    }

    private static T Read<T>(Func<T?> read, string what)
        where T : class
    {
        try
        {
            return read() ?? throw new SweepException($"The database holds null in place of {what}.");
        }
        catch (JsonException e)
        {
            throw new SweepException($"The database holds what is not {what}: {e.Message}", e);
        }
    }
}
