using System.Text.Json;

namespace KernelGen.Models;

/// <summary>
/// The vocabulary of a checkpoint as llama.cpp's metadata: byte-level BPE (<c>gpt2</c>) and SentencePiece BPE with byte fallback
/// (<c>llama</c>) out of <c>tokenizer.json</c>; none where there is no tokenizer. What is not understood is refused by name.
/// </summary>
internal sealed class GgufTokenizer
{
    /// <summary>The file with special tokens and the template of chats.</summary>
    public const string ConfigName = "tokenizer_config.json";

    private const string FileName = "tokenizer.json";

    /// <summary>llama.cpp's names of the expressions by which text is cut before merges (llama-vocab.cpp).</summary>
    private static readonly Dictionary<string, string> PreTokenizers = new(StringComparer.Ordinal)
    {
        [Cut(@"\p{N}{1,3}")] = "llama-bpe",
        [Cut(@"\p{N}")] = "qwen2",
    };

    private readonly string _path;
    private readonly JsonElement _root,
        _model;
    private readonly int? _size;

    /// <summary>The tokenizer of a file.</summary>
    /// <param name="path">Path of the file, for messages.</param>
    /// <param name="root">The file.</param>
    /// <param name="size">Number of tokens of the model; that of the tokenizer if null.</param>
    private GgufTokenizer(string path, JsonElement root, int? size)
    {
        _path = path;
        _root = root;
        _size = size;
        _model = Find(root, "model") ?? throw Wrong("it has no model.");
    }

    /// <summary>The metadata of a model's tokenizer: of the files in its folder, or those that it carries from a GGUF file.</summary>
    /// <param name="model">The model.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="size">Number of tokens of the model.</param>
    public static IReadOnlyList<KeyValuePair<string, GgufValue>> Of(ModelFile model, string folder, int size)
    {
        bool carried = model.FindMetadata(ContainerMetadata.FromGguf + "tokenizer.ggml.model") is not null;
        return carried && !File.Exists(Path.Combine(folder, FileName)) ? [] : Of(folder, size);
    }

    /// <summary>The metadata of the tokenizer in a folder.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="size">Number of tokens of the model.</param>
    /// <exception cref="ModelFormatException">It is malformed, or of a kind that is not known here.</exception>
    public static IReadOnlyList<KeyValuePair<string, GgufValue>> Of(string folder, int size)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return ReadPieces(Path.Combine(folder, SentencePieceModel.FileName), size);
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 64 });
            return new GgufTokenizer(path, document.RootElement, size).Read(Path.Combine(folder, ConfigName));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new ModelFormatException(path, $"the tokenizer is malformed: {e.Message}", null, e);
        }
    }

    private static IReadOnlyList<KeyValuePair<string, GgufValue>> ReadPieces(string path, int size)
    {
        try
        {
            return File.Exists(path) ? SentencePieceModel.Read(path, size) : [new("tokenizer.ggml.model", GgufValue.Of("no_vocab"))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new ModelFormatException(path, $"the files of added tokens next to it are malformed: {e.Message}", null, e);
        }
    }

    /// <summary>The metadata of SentencePiece BPE out of a <c>tokenizer.json</c>.</summary>
    /// <param name="path">Path of the file, for messages.</param>
    /// <param name="root">The file.</param>
    public static IReadOnlyList<KeyValuePair<string, GgufValue>> OfPieces(string path, JsonElement root) =>
        new GgufTokenizer(path, root, null).Read(null);

    /// <summary>The expression that llama.cpp names so; null if it is not known here.</summary>
    /// <param name="name">The name.</param>
    public static string? CutNamed(string name) =>
        name == "gpt-2" ? ByteLevelVocabulary.Gpt2Cut : PreTokenizers.FirstOrDefault(pair => pair.Value == name).Key;

    private static string Cut(string numbers) =>
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|" + numbers + @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private List<KeyValuePair<string, GgufValue>> Read(string? configPath)
    {
        string kind = Find(_model, "type")?.GetString() ?? "none";
        if (kind != "BPE")
        {
            throw Wrong($"its model is {ModelFormatException.Shorten(kind)}; BPE is written for llama.cpp.");
        }
        bool pieces = Find(_model, "byte_fallback") is { ValueKind: JsonValueKind.True };
        (string Text, int Type)[] tokens = Tokens(pieces);
        string[] merges = [.. (Find(_model, "merges")?.EnumerateArray().Select(Merge)) ?? []];
        List<KeyValuePair<string, GgufValue>> entries =
        [
            new("tokenizer.ggml.model", GgufValue.Of(pieces ? "llama" : "gpt2")),
            new("tokenizer.ggml.pre", GgufValue.Of(pieces ? "default" : PreTokenizer())),
            new("tokenizer.ggml.tokens", Strings(tokens.Select(token => token.Text))),
            new("tokenizer.ggml.token_type", GgufValue.OfArray(GgufValueType.Int32, [.. tokens.Select(token => GgufValue.Of(token.Type))])),
        ];
        if (pieces)
        {
            entries.Add(new("tokenizer.ggml.add_space_prefix", GgufValue.Of(SpacePrefix())));
        }
        entries.Add(
            pieces
                ? new("tokenizer.ggml.scores", GgufValue.OfArray(GgufValueType.Float32, [.. Scores(tokens, merges).Select(GgufValue.Of)]))
                : new("tokenizer.ggml.merges", Strings(merges))
        );
        Dictionary<string, int> ids = tokens.Select((token, id) => (token.Text, id)).DistinctBy(pair => pair.Text).ToDictionary();
        if (Find(_model, "unk_token") is { ValueKind: JsonValueKind.String } unknown && ids.TryGetValue(unknown.GetString()!, out int none))
        {
            entries.Add(new("tokenizer.ggml.unknown_token_id", GgufValue.Of((uint)none)));
        }
        entries.AddRange(Special(configPath, ids).Where(entry => !entries.Exists(other => other.Key == entry.Key)));
        return entries;
    }

    private (string Text, int Type)[] Tokens(bool pieces)
    {
        JsonElement vocabulary = Find(_model, "vocab") ?? throw Wrong("its model has no vocab.");
        JsonElement[] addedTokens = [.. Find(_root, "added_tokens")?.EnumerateArray() ?? default];
        int size = _size
            ?? vocabulary
                .EnumerateObject()
                .Select(token => token.Value.GetInt32())
                .Concat(addedTokens.Select(token => token.GetProperty("id").GetInt32()))
                .Append(-1)
                .Max() + 1;
        var tokens = new (string Text, int Type)[size];
        for (int id = 0; id < tokens.Length; id++)
        {
            tokens[id] = (FormattableString.Invariant($"[PAD{id}]"), PieceTable.Unused);
        }
        foreach (JsonProperty token in vocabulary.EnumerateObject())
        {
            bool isByte = pieces && token.Name.Length == 6 && token.Name.StartsWith("<0x", StringComparison.Ordinal);
            Set(token.Value.GetInt32(), token.Name, isByte ? PieceTable.Byte : PieceTable.Normal);
        }
        foreach (JsonElement token in addedTokens)
        {
            bool special = Find(token, "special") is { ValueKind: JsonValueKind.True };
            Set(
                token.GetProperty("id").GetInt32(),
                token.GetProperty("content").GetString()!,
                special ? PieceTable.Control : PieceTable.UserDefined
            );
        }
        return tokens;

        void Set(int id, string text, int type) =>
            tokens[
                (uint)id < (uint)size
                    ? id
                    : throw Wrong($"token '{ModelFormatException.Shorten(text)}' is {id}; the model has {size} tokens.")
            ] = (text, type);
    }

    /// <summary>The name of the expression that cuts text; GPT-2's is that of a ByteLevel step alone.</summary>
    private string PreTokenizer()
    {
        JsonElement pre = Find(_root, "pre_tokenizer") ?? throw Wrong("it has no pre_tokenizer.");
        JsonElement[] steps = Find(pre, "type")?.GetString() == "Sequence" ? [.. pre.GetProperty("pretokenizers").EnumerateArray()] : [pre];
        string[] kinds = [.. steps.Select(step => Find(step, "type")?.GetString() ?? "")];
        if (kinds is ["ByteLevel"] && Find(steps[0], "use_regex") is not { ValueKind: JsonValueKind.False })
        {
            return "gpt-2";
        }
        string? expression =
            kinds is ["Split", "ByteLevel"] && Find(steps[0], "pattern") is { } pattern ? Find(pattern, "Regex")?.GetString() : null;
        return expression is not null && PreTokenizers.TryGetValue(expression, out string? name)
            ? name
            : throw Wrong(
                $"text is cut by {string.Join(", ", kinds)} ('{ModelFormatException.Shorten(expression ?? "")}'), which has no name here."
            );
    }

    /// <summary>Whether a text gets a space in front: by a step that prepends it, or by Metaspace.</summary>
    private bool SpacePrefix() =>
        Steps("normalizer", "normalizers").Any(step => Find(step, "type")?.GetString() == "Prepend")
        || Steps("pre_tokenizer", "pretokenizers")
            .Any(step =>
                Find(step, "type")?.GetString() == "Metaspace"
                && (
                    Find(step, "prepend_scheme")?.GetString()
                    ?? (Find(step, "add_prefix_space")?.ToString() == "False" ? "never" : "always")
                ) != "never"
            );

    private JsonElement[] Steps(string name, string list) =>
        Find(_root, name) is not { } step ? []
        : Find(step, list) is { } steps ? [.. steps.EnumerateArray()]
        : [step];

    /// <summary>A merge as text, its parts with a space between.</summary>
    /// <param name="merge">The merge, as text or as two parts.</param>
    public static string Merge(JsonElement merge) =>
        merge.ValueKind == JsonValueKind.String
            ? merge.GetString()!
            : string.Join(' ', merge.EnumerateArray().Select(part => part.GetString()));

    /// <summary>SentencePiece merges the pair of the highest score: the earlier a merge, the higher.</summary>
    private static IEnumerable<float> Scores((string Text, int Type)[] tokens, string[] merges)
    {
        var rank = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < merges.Length; i++)
        {
            rank.TryAdd(merges[i].Replace(" ", "", StringComparison.Ordinal), i);
        }
        return tokens.Select(token =>
            token.Type != PieceTable.Normal ? 0f
            : rank.TryGetValue(token.Text, out int at) ? -at
            : -(float)merges.Length
        );
    }

    /// <summary>Tokens that begin and end texts, and the template of chats.</summary>
    public static IEnumerable<KeyValuePair<string, GgufValue>> Special(string? path, Dictionary<string, int> ids)
    {
        if (!File.Exists(path))
        {
            yield break;
        }
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement root = document.RootElement;
        foreach (
            (string key, string name) in new[]
            {
                ("bos_token", "bos"),
                ("eos_token", "eos"),
                ("unk_token", "unknown"),
                ("pad_token", "padding"),
            }
        )
        {
            JsonElement? value = Find(root, key);
            string? text = value is { ValueKind: JsonValueKind.Object } token ? Find(token, "content")?.GetString() : value?.GetString();
            if (text is not null && ids.TryGetValue(text, out int id))
            {
                yield return new($"tokenizer.ggml.{name}_token_id", GgufValue.Of((uint)id));
            }
        }
        foreach (string key in new[] { "add_bos_token", "add_eos_token" })
        {
            if (Find(root, key) is { ValueKind: JsonValueKind.True or JsonValueKind.False } add)
            {
                yield return new($"tokenizer.ggml.{key}", GgufValue.Of(add.GetBoolean()));
            }
        }
        if (Find(root, "chat_template") is { ValueKind: JsonValueKind.String } template)
        {
            yield return new("tokenizer.chat_template", GgufValue.Of(template.GetString()!));
        }
    }

    private static GgufValue Strings(IEnumerable<string> texts) => GgufValue.OfArray(GgufValueType.String, [.. texts.Select(GgufValue.Of)]);

    private static JsonElement? Find(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object
        && parent.TryGetProperty(name, out JsonElement value)
        && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    private ModelFormatException Wrong(string problem) => new(_path, problem);
}
