using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace KernelGen.Models;

/// <summary>
/// Byte-level BPE out of <c>tokenizer.json</c>, as GPT-2, Llama 3 and Qwen have it: text is cut by an expression, bytes become characters,
/// and merges are followed in order. Computed by Microsoft.ML.Tokenizers.
/// </summary>
internal sealed class ByteLevelVocabulary : Vocabulary
{
    /// <summary>How a ByteLevel step cuts text by itself (transformers, GPT-2).</summary>
    public const string Gpt2Cut = @"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private readonly string _path;
    private readonly BpeTokenizer _tokenizer;

    /// <summary>Bytes that have a token of their own, so that any text of them has tokens.</summary>
    private readonly bool[] _known = new bool[256];

    private ByteLevelVocabulary(string path, BpeTokenizer tokenizer, Dictionary<string, int> tokens)
    {
        _path = path;
        _tokenizer = tokenizer;
        int other = 0;
        for (int value = 0; value < _known.Length; value++)
        {
            // GPT-2 writes printable bytes as themselves and the others, in order, as the characters from 256 on.
            bool printable = value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE;
            _known[value] = tokens.ContainsKey(((char)(printable ? value : 256 + other++)).ToString());
        }
    }

    /// <summary>Reads the tokenizer.</summary>
    /// <param name="path">Path of the file, for messages.</param>
    /// <param name="root">The file.</param>
    /// <exception cref="ModelFormatException">Its model, or what cuts the text, is of another kind.</exception>
    public static ByteLevelVocabulary Of(string path, JsonElement root)
    {
        JsonElement model = root.GetProperty("model");
        string kind = model.GetProperty("type").GetString() ?? "";
        if (kind != "BPE")
        {
            throw Wrong(path, $"its model is {ModelFormatException.Shorten(kind)}; byte-level BPE is read.");
        }
        JsonElement[] steps = Steps(root);
        string[] kinds = [.. steps.Select(step => step.GetProperty("type").GetString() ?? "")];
        if (!kinds.Contains("ByteLevel"))
        {
            throw Wrong(path, "its BPE is over pieces of text without byte fallback, which is not read.");
        }
        string? cut = kinds switch
        {
            ["ByteLevel"] => Gpt2Cut,
            ["Split", "ByteLevel"] when steps[0].GetProperty("pattern").TryGetProperty("Regex", out JsonElement regex) => regex.GetString(),
            _ => null,
        };
        bool prefix = steps[^1].TryGetProperty("add_prefix_space", out JsonElement add) && add.ValueKind == JsonValueKind.True;
        if (cut is null || prefix || root.TryGetProperty("normalizer", out JsonElement normal) && normal.ValueKind != JsonValueKind.Null)
        {
            throw Wrong(
                path,
                "it has a normalizer, adds a space in front, or cuts text by other steps than Split and ByteLevel, which is not read."
            );
        }
        Dictionary<string, int> tokens = model
            .GetProperty("vocab")
            .EnumerateObject()
            .ToDictionary(token => token.Name, token => token.Value.GetInt32());
        Dictionary<string, int> added = [];
        if (root.TryGetProperty("added_tokens", out JsonElement list))
        {
            foreach (JsonElement token in list.EnumerateArray())
            {
                added[token.GetProperty("content").GetString()!] = token.GetProperty("id").GetInt32();
            }
        }
        string[] merges = model.TryGetProperty("merges", out JsonElement pairs)
            ? [.. pairs.EnumerateArray().Select(GgufTokenizer.Merge)]
            : [];
        return Of(path, tokens, added, merges, cut);
    }

    /// <summary>The vocabulary of its parts.</summary>
    /// <param name="path">Where it is from, for messages.</param>
    /// <param name="tokens">The tokens and their numbers.</param>
    /// <param name="added">Tokens that are found before text is cut.</param>
    /// <param name="merges">Pairs, with a space between, in their order.</param>
    /// <param name="cut">The expression that cuts text.</param>
    public static ByteLevelVocabulary Of(
        string path,
        Dictionary<string, int> tokens,
        Dictionary<string, int> added,
        string[] merges,
        string cut
    )
    {
        var options = new BpeOptions(tokens.Concat(added.Where(token => !tokens.ContainsKey(token.Key))))
        {
            Merges = merges,
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(new Regex(cut), added),
            SpecialTokens = added,
        };
        return new(path, BpeTokenizer.Create(options), tokens);
    }

    public override int[] Encode(ReadOnlySpan<byte> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!_known[text[i]])
            {
                throw Wrong(_path, FormattableString.Invariant($"no token is byte 0x{text[i]:X2}, at byte {i} of the text."));
            }
        }
        return [.. _tokenizer.EncodeToIds(Encoding.UTF8.GetString(text))];
    }

    private static JsonElement[] Steps(JsonElement root) =>
        !root.TryGetProperty("pre_tokenizer", out JsonElement pre) || pre.ValueKind != JsonValueKind.Object ? []
        : pre.TryGetProperty("pretokenizers", out JsonElement steps) ? [.. steps.EnumerateArray()]
        : [pre];

    private static ModelFormatException Wrong(string path, string problem) => new(path, problem);
}
