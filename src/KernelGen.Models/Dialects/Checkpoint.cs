using System.Text.Json;

namespace KernelGen.Models;

/// <summary>
/// The one place that knows whether a safetensors model is quantised by someone else: by <c>config.json</c> or by the names of its
/// tensors. Weights of dialects that are read take the place of their parts; the parts of others stay, and are never quantised.
/// </summary>
internal sealed class Checkpoint
{
    private static readonly string[] ConfigKeys = ["quantization_config", "compression_config", "quantization"];

    /// <summary>
    /// Last parts of names under which dialects keep what belongs to codes, and the dialect that each points to; null for those that
    /// come with floating-point weights too.
    /// </summary>
    private static readonly Dictionary<string, string?> PartNames = new(StringComparer.Ordinal)
    {
        ["weight_scale"] = "scaled weights",
        ["weight_scale_inv"] = "FP8 blocks",
        ["weight_scale_2"] = "NVFP4 of ModelOpt",
        ["weight_global_scale"] = "NVFP4 of compressed-tensors",
        ["input_scale"] = null,
        ["input_global_scale"] = null,
        ["input_zero_point"] = null,
        ["output_scale"] = null,
        ["scale_weight"] = "scaled FP8",
        ["scale_input"] = null,
        ["k_scale"] = null,
        ["v_scale"] = null,
        ["q_scale"] = null,
        ["weight_packed"] = "compressed-tensors",
        ["weight_shape"] = null,
        ["weight_zero_point"] = "compressed-tensors",
        ["weight_g_idx"] = "compressed-tensors",
        ["qweight"] = "GPTQ or AWQ",
        ["qzeros"] = "GPTQ or AWQ",
        ["scales"] = null,
        ["zeros"] = null,
        ["biases"] = null,
        ["g_idx"] = "GPTQ",
        ["SCB"] = "bitsandbytes int8",
        ["weight_format"] = null,
        ["absmax"] = "bitsandbytes 4-bit",
        ["quant_map"] = "bitsandbytes 4-bit",
        ["nested_absmax"] = "bitsandbytes 4-bit",
        ["nested_quant_map"] = "bitsandbytes 4-bit",
        ["bitsandbytes__nf4"] = "bitsandbytes NF4",
        ["bitsandbytes__fp4"] = "bitsandbytes FP4",
        ["codebooks"] = "AQLM",
        ["Qidxs"] = "QuIP#",
        ["W_q"] = "HQQ",
    };

    private static readonly IDialect[] Dialects =
    [
        new ScaledDialect(),
        new GptqDialect(),
        new AwqDialect(),
        new PackedIntegersDialect(),
        new NvFp4Dialect(),
        new BitsAndBytesDialect(),
        new GptOssDialect(),
        new MlxDialect(),
    ];

    private readonly Dictionary<string, ModelTensor> _byName;

    private Checkpoint(string path, IReadOnlyList<ModelTensor> tensors, JsonElement? config)
    {
        Path = path;
        Config = config;
        _byName = tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    public string Path { get; }

    /// <summary>The entry of config.json that says how the model is quantised; null if there is none.</summary>
    public JsonElement? Config { get; }

    /// <summary>The method that the configuration names, in lower case; empty if it names none.</summary>
    public string Method => Text("quant_method").ToLowerInvariant();

    /// <summary>The tensors as they are to be read, and what the model is quantised by that is not read; null if nothing.</summary>
    /// <param name="path">Path of the model, for messages.</param>
    /// <param name="tensors">The tensors as they are stored.</param>
    /// <param name="config">Text of config.json; null if there is none.</param>
    public static (IReadOnlyList<ModelTensor> Tensors, string? Unread) Read(string path, IReadOnlyList<ModelTensor> tensors, string? config)
    {
        JsonElement? quantisation = Quantisation(config);
        if (quantisation is null && !tensors.Any(tensor => IsPart(tensor.Name)))
        {
            return (tensors, null);
        }
        var checkpoint = new Checkpoint(path, tensors, quantisation);
        Dictionary<string, ModelTensor> made = new(StringComparer.Ordinal);
        HashSet<ModelTensor> parts = [];
        foreach (ModelTensor tensor in tensors)
        {
            if (Dialects.Select(dialect => dialect.Read(checkpoint, tensor)).FirstOrDefault(found => found is not null) is { } found)
            {
                parts.UnionWith(found.Parts);
                made.Add(
                    tensor.Name,
                    new(
                        found.Name,
                        found.Shape,
                        TensorStorage.Decoded(found.Storage),
                        found.Values.Length,
                        found.Values,
                        0,
                        storedBytes: found.Parts.Sum(part => part.Bytes)
                    )
                );
            }
        }
        ModelTensor[] left = [.. tensors.Where(tensor => !parts.Contains(tensor))];
        return (
            [
                .. tensors
                    .Where(tensor => !parts.Contains(tensor) || made.ContainsKey(tensor.Name))
                    .Select(tensor => made.GetValueOrDefault(tensor.Name, tensor)),
            ],
            Unread(checkpoint, left, made.Count)
        );
    }

    /// <summary>Whether a tensor is a scale, zero point or other part of quantised weights, by its name.</summary>
    public static bool IsPart(string name) =>
        PartNames.ContainsKey(name[(name.LastIndexOf('.') + 1)..])
        || name.EndsWith("_blocks", StringComparison.Ordinal)
        || name.EndsWith("_scales", StringComparison.Ordinal);

    /// <summary>A configuration without its entries about quantisation: for what is written decoded.</summary>
    public static string Unquantised(string config)
    {
        if (Quantisation(config) is null)
        {
            return config;
        }
        using JsonDocument document = JsonDocument.Parse(config);
        return JsonText.Of(json => Copy(json, document.RootElement));

        static void Copy(Utf8JsonWriter json, JsonElement element)
        {
            foreach (JsonProperty property in element.EnumerateObject().Where(property => !ConfigKeys.Contains(property.Name)))
            {
                if (property.Value.ValueKind == JsonValueKind.Object && Find(property.Value) is not null)
                {
                    json.WriteStartObject(property.Name);
                    Copy(json, property.Value);
                    json.WriteEndObject();
                }
                else
                {
                    property.WriteTo(json);
                }
            }
        }
    }

    /// <summary>A tensor; null if there is none of that name.</summary>
    public ModelTensor? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>A number of the configuration.</summary>
    public int? Number(string key) =>
        Config is { ValueKind: JsonValueKind.Object } config
        && config.TryGetProperty(key, out JsonElement value)
        && value.TryGetInt32(out int number)
            ? number
            : null;

    /// <summary>A text of the configuration; empty if there is none.</summary>
    public string Text(string key) =>
        Config is { ValueKind: JsonValueKind.Object } config
        && config.TryGetProperty(key, out JsonElement value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";

    public ModelFormatException Wrong(ModelTensor tensor, string problem) => new(tensor.File, problem, tensor.Name);

    /// <summary>What is quantised and not read: by what parts are left, or by the configuration if nothing of it was read.</summary>
    private static string? Unread(Checkpoint checkpoint, ModelTensor[] left, int made)
    {
        string? byName = left.Select(tensor => PartNames.GetValueOrDefault(tensor.Name[(tensor.Name.LastIndexOf('.') + 1)..]))
            .FirstOrDefault(name => name is not null);
        ModelTensor? orphan = left.FirstOrDefault(tensor =>
            checkpoint.Config is not null && tensor.Storage.Dtype is { } dtype && dtype.Name().StartsWith("F8", StringComparison.Ordinal)
        );
        string method = checkpoint.Method.Length > 0 ? checkpoint.Method : byName ?? "a dialect without a name";
        return orphan is not null ? $"{method} ({orphan.Name} has no scales)"
            : made > 0 ? null
            : checkpoint.Config is not null || byName is not null ? method
            : null;
    }

    private static JsonElement? Quantisation(string? config)
    {
        if (config is null)
        {
            return null;
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(config, new JsonDocumentOptions { MaxDepth = 32 });
            return Find(document.RootElement)?.Clone();
        }
        catch (JsonException)
        {
            return null; // whoever needs the configuration says what is wrong with it
        }
    }

    private static JsonElement? Find(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return null;
        }
        foreach (string key in ConfigKeys)
        {
            if (root.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.Object)
            {
                return value;
            }
        }
        return root.TryGetProperty("text_config", out JsonElement text) ? Find(text) : null;
    }
}
