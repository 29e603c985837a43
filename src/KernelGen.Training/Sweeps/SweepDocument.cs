using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KernelGen.Training;

/// <summary>
/// A sweep as a JSON file: blocks, each the product of its lists. A field is a single value or a list of them; what is in
/// <c>defaults</c> holds for every block that does not say otherwise.
/// <code>
/// { "name": "…", "defaults": { "tokensPerParameter": 100 },
///   "blocks": [ { "name": "weights", "sizes": ["12k", "25k"], "weights": ["dense", "int4"], "methods": ["quest"], "seeds": [1, 2] } ] }
/// </code>
/// Fields: <c>sizes</c> (names of <see cref="ModelSizes"/>, or objects with layers, width, heads, hidden, learningRate),
/// <c>tokensPerParameter</c> or <c>tokens</c>, <c>weights</c>, <c>activations</c>, <c>methods</c>, <c>seeds</c>, and every other field of
/// <see cref="TrainingSpec"/> by its name in camel case. Comments and commas too many are allowed.
/// </summary>
public sealed class SweepDocument
{
    /// <summary>Most runs of a sweep: far more than anybody trains, and few enough to hold.</summary>
    private const int MostRuns = 1_000_000;

    private const string Sizes = "sizes",
        Ratio = "tokensPerParameter";

    /// <summary>Fields that have another name where they are lists.</summary>
    private static readonly Dictionary<string, string> Plurals = new(StringComparer.Ordinal) { ["methods"] = "method", ["seeds"] = "seed" };

    private static readonly IReadOnlyList<string> SpecFields = TrainingJson.SpecFields();

    /// <summary>A field twice would be found out by whoever looks first, as a failure of the program.</summary>
    private static readonly JsonDocumentOptions Syntax = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
    };

    private readonly string _source;
    private readonly List<(string Group, TrainingSpec Spec)> _runs = [];

    private SweepDocument(string source, string name)
    {
        _source = source;
        Name = name;
    }

    /// <summary>What the sweep is called; the name of the file if it does not say.</summary>
    public string Name { get; }

    /// <summary>The runs in the order of the file, each once, with the block that names it first.</summary>
    public IReadOnlyList<(string Group, TrainingSpec Spec)> Runs => _runs;

    /// <summary>Runs that several blocks, or one block several times, ask for: how often too many.</summary>
    public int Repeated { get; private set; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="SweepException">It is no sweep; the message names file, block and field.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SweepDocument Read(string path) => Parse(File.ReadAllText(path), Path.GetFileName(path));

    /// <summary>Reads a text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="source">Its name for messages.</param>
    /// <exception cref="SweepException">It is no sweep; the message names block and field.</exception>
    public static SweepDocument Parse(string json, string source)
    {
        JsonObject root;
        try
        {
            root =
                JsonNode.Parse(json, documentOptions: Syntax) as JsonObject
                ?? throw new SweepException($"{source}: a sweep is an object with a list of blocks.");
            string? twice = root.Where(field => field.Key is not ("name" or "defaults" or "blocks"))
                .Select(field => field.Key)
                .FirstOrDefault();
            if (twice is not null)
            {
                throw new SweepException($"{source}: '{twice}' is no field of a sweep; those are name, defaults and blocks.");
            }
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new SweepException($"{source}: not JSON: {e.Message}", e);
        }
        var document = new SweepDocument(source, Text(root["name"]) ?? Path.GetFileNameWithoutExtension(source));
        JsonObject defaults = root["defaults"] as JsonObject ?? [];
        if (root["blocks"] is not JsonArray { Count: > 0 } blocks)
        {
            throw new SweepException($"{source}: there is no list of blocks: \"blocks\": [ {{ \"sizes\": [\"12k\"], … }} ].");
        }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < blocks.Count; i++)
        {
            if (blocks[i] is not JsonObject block)
            {
                throw new SweepException($"{source}: block {i + 1} is no object.");
            }
            document.Add(Text(block["name"]) ?? string.Create(CultureInfo.InvariantCulture, $"block{i + 1}"), defaults, block, seen);
        }
        return document;
    }

    private void Add(string group, JsonObject defaults, JsonObject block, HashSet<string> seen)
    {
        var axes = new Dictionary<string, JsonNode?[]>(StringComparer.Ordinal);
        foreach ((string name, JsonNode? value) in defaults.Concat(block.Where(field => field.Key != "name")))
        {
            string field = Plurals.GetValueOrDefault(name, name);
            if (field is not (Sizes or Ratio) && !SpecFields.Contains(field))
            {
                throw Wrong(
                    group,
                    $"'{name}' is no field. {NearestName.Sentence(name, SpecFields.Concat([Sizes, Ratio, .. Plurals.Keys]))}"
                );
            }
            if (value is JsonArray { Count: 0 })
            {
                throw Wrong(group, $"{name} is an empty list, so the block has no runs.");
            }
            // A block that counts tokens in another way than the defaults overrides them all the same.
            axes.Remove(
                field == Ratio ? "tokens"
                : field == "tokens" ? Ratio
                : ""
            );
            axes[field] = value is JsonArray list ? [.. list] : [value];
        }
        JsonNode?[] sizes = axes.TryGetValue(Sizes, out JsonNode?[]? given) ? given : [null];
        axes.Remove(Sizes);
        JsonNode?[] ratios = axes.Remove(Ratio, out JsonNode?[]? r) ? r : [null];
        RequireFew(group, [("sizes", sizes.Length), (Ratio, ratios.Length), .. axes.Select(axis => (axis.Key, axis.Value.Length))]);
        foreach (JsonNode? size in sizes)
        {
            foreach (JsonNode? ratio in ratios)
            {
                foreach (JsonObject fields in Product([.. axes]))
                {
                    TrainingSpec spec = Spec(group, size, ratio, fields);
                    bool fresh = seen.Add(spec.Key);
                    Repeated += fresh ? 0 : 1;
                    if (fresh)
                    {
                        _runs.Add((group, spec));
                    }
                }
            }
        }
    }

    /// <summary>Compares the product of a block's lists with what a sweep may have, before any run of it is made.</summary>
    private void RequireFew(string group, IReadOnlyList<(string Field, int Count)> lists)
    {
        double runs = lists.Aggregate(1.0, (product, list) => product * list.Count);
        if (_runs.Count + runs > MostRuns)
        {
            string product = string.Join(" × ", lists.Where(list => list.Count > 1).Select(list => $"{list.Count} {list.Field}"));
            throw Wrong(
                group,
                string.Create(CultureInfo.InvariantCulture, $"{product} are {runs:G6} runs; a sweep has up to {MostRuns} in all.")
            );
        }
    }

    /// <summary>Every choice of one value per field; the last field changes fastest.</summary>
    private static IEnumerable<JsonObject> Product(KeyValuePair<string, JsonNode?[]>[] axes)
    {
        IEnumerable<KeyValuePair<string, JsonNode?>[]> chosen =
        [
            [],
        ];
        foreach ((string name, JsonNode?[] values) in axes)
        {
            chosen = chosen.SelectMany(before =>
                values.Select(value => (KeyValuePair<string, JsonNode?>[])[.. before, KeyValuePair.Create(name, value)])
            );
        }
        return chosen.Select(fields => new JsonObject(fields.Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone()))));
    }

    private TrainingSpec Spec(string group, JsonNode? size, JsonNode? ratio, JsonObject fields)
    {
        foreach ((string name, JsonNode? value) in Fields(group, size))
        {
            // What a block says itself, a learning rate for instance, wins over the size.
            fields.TryAdd(name, value?.DeepClone());
        }
        if (ratio is not null)
        {
            fields["tokens"] = 1;
        }
        try
        {
            TrainingSpec spec = TrainingJson.Spec(fields);
            if (ratio is not null)
            {
                double times = ratio.GetValueKind() == JsonValueKind.Number ? ratio.GetValue<double>() : 0;
                spec =
                    times > 0 && times * spec.Parameters is >= 1 and <= 1e15
                        ? spec with
                        {
                            Tokens = (long)(times * spec.Parameters),
                        }
                        : throw Wrong(group, $"{Ratio} is {ratio.ToJsonString()}; it must be a number above 0, for instance 100.");
            }
            // Runs that differ in words only are the same run, so that blocks share it; the tokens of a run table name whole steps.
            spec = spec.Canonical();
            spec.Validate();
            return spec;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException or FormatException)
        {
            throw Wrong(group, e.Message.Split(" (Parameter", 2)[0]);
        }
    }

    private JsonObject Fields(string group, JsonNode? size)
    {
        switch (size)
        {
            case null:
                return [];
            case JsonObject given:
                string? wrong = given.Select(field => field.Key).FirstOrDefault(name => !SpecFields.Contains(name));
                return wrong is null
                    ? given
                    : throw Wrong(group, $"'{wrong}' is no field of a size. {NearestName.Sentence(wrong, SpecFields)}");
            case JsonValue when Text(size) is { } name:
                ModelSize found = ModelSizes.All.FirstOrDefault(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                    ?? throw Wrong(
                        group,
                        $"there is no size '{name}'. {NearestName.Sentence(name, ModelSizes.All.Select(s => s.Name))} An object with "
                            + "layers, width, heads, hidden, learningRate will do too."
                    );
                return new JsonObject
                {
                    ["layers"] = found.Layers,
                    ["width"] = found.Width,
                    ["heads"] = found.Heads,
                    ["hidden"] = found.Hidden,
                    ["learningRate"] = found.LearningRate,
                };
            default:
                throw Wrong(group, $"{size.ToJsonString()} is no size; sizes are names in quotes or objects.");
        }
    }

    private SweepException Wrong(string group, string problem) => new($"{_source}, block '{group}': {problem}");

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
