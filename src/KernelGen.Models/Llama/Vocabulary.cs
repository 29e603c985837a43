using System.Text;
using System.Text.Json;

namespace KernelGen.Models;

/// <summary>Turns text into tokens.</summary>
public abstract class Vocabulary
{
    /// <summary>Every byte of the UTF-8 text is a token, 0 to 255.</summary>
    public static Vocabulary Bytes { get; } = new ByteVocabulary();

    /// <summary>Tokens of a text.</summary>
    /// <param name="text">The text as UTF-8.</param>
    /// <exception cref="ModelFormatException">A part of the text has no token.</exception>
    public abstract int[] Encode(ReadOnlySpan<byte> text);

    /// <summary>
    /// Reads a vocabulary: a <c>tokenizer.model</c> of SentencePiece, a <c>tokenizer.json</c> of byte-level BPE, SentencePiece BPE or
    /// Unigram, or a JSON object of token to number, alone or as <c>model.vocab</c> without a kind, of which the longest token is taken
    /// each time.
    /// </summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="ModelFormatException">It is malformed.</exception>
    public static Vocabulary Read(string path)
    {
        if (Path.GetExtension(path) == ".model")
        {
            return PieceVocabulary.OfFile(path);
        }
        try
        {
            using FileStream stream = File.OpenRead(path);
            using JsonDocument document = JsonDocument.Parse(stream, new JsonDocumentOptions { MaxDepth = 32 });
            JsonElement map = document.RootElement;
            if (map.TryGetProperty("model", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object)
            {
                if (inner.TryGetProperty("type", out JsonElement kind))
                {
                    return kind.GetString() == "Unigram" ? UnigramFile.Read(path, map)
                        : inner.TryGetProperty("byte_fallback", out JsonElement bytes) && bytes.ValueKind == JsonValueKind.True
                            ? GgufVocabulary.Of(path, GgufTokenizer.OfPieces(path, map))!
                        : ByteLevelVocabulary.Of(path, map);
                }
                map = inner.TryGetProperty("vocab", out JsonElement vocabulary) ? vocabulary : map;
            }
            var tokens = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (JsonProperty property in map.EnumerateObject())
            {
                tokens[property.Name] = property.Value.GetInt32();
            }
            return new ListedVocabulary(path, tokens);
        }
        catch (Exception e)
            when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or ArgumentException)
        {
            throw new ModelFormatException(path, "a vocabulary is a JSON object of token to number, alone or as model.vocab.", null, e);
        }
    }

    /// <summary>
    /// The vocabulary that a model brings along: in GGUF metadata, or as <c>tokenizer.json</c> or <c>tokenizer.model</c> in its folder.
    /// Without one, bytes are the tokens of a model of at most 256.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="size">Number of its tokens.</param>
    /// <exception cref="ModelFormatException">There is none for so many tokens, or it is not understood.</exception>
    public static Vocabulary Of(ModelFile model, int size)
    {
        string folder = Directory.Exists(model.Path) ? model.Path : Path.GetDirectoryName(Path.GetFullPath(model.Path))!;
        string? file = model.IsGguf
            ? null
            : new[] { "tokenizer.json", SentencePieceModel.FileName }
                .Select(name => Path.Combine(folder, name))
                .FirstOrDefault(File.Exists);
        return file is not null ? Read(file)
            : GgufVocabulary.Of(model.Path, ContainerMetadata.ForGguf(model)) is { } own ? own
            : size <= 256 ? Bytes
            : throw new ModelFormatException(
                model.Path,
                $"it has {size} tokens and no tokenizer: no tokenizer.ggml.* in its metadata, no tokenizer.json or tokenizer.model in its "
                    + "folder. Name one with --vocab."
            );
    }

    private sealed class ByteVocabulary : Vocabulary
    {
        public override int[] Encode(ReadOnlySpan<byte> text)
        {
            var tokens = new int[text.Length];
            for (int i = 0; i < tokens.Length; i++)
            {
                tokens[i] = text[i];
            }
            return tokens;
        }
    }

    private sealed class ListedVocabulary(string path, Dictionary<string, int> tokens) : Vocabulary
    {
        private readonly LongestTokens _tokens = new(tokens);

        public override int[] Encode(ReadOnlySpan<byte> text)
        {
            string characters = Encoding.UTF8.GetString(text);
            (int Token, int Length)[] longest = _tokens.In(characters);
            List<int> encoded = [];
            for (int at = 0; at < characters.Length; at += longest[at].Length)
            {
                if (longest[at].Length == 0)
                {
                    throw new ModelFormatException(
                        path,
                        $"no token begins '{ModelFormatException.Shorten(characters.Substring(at, Math.Min(8, characters.Length - at)))}', at character {at} of the text."
                    );
                }
                encoded.Add(longest[at].Token);
            }
            return [.. encoded];
        }
    }
}
