using System.Text.Json;

namespace KernelGen.Models;

/// <summary>Unigram out of <c>tokenizer.json</c>: a list of pieces and scores, and perhaps SentencePiece's table of characters.</summary>
internal static class UnigramFile
{
    /// <summary>Reads the tokenizer.</summary>
    /// <param name="path">Path of the file, for messages.</param>
    /// <param name="root">The file.</param>
    /// <exception cref="ModelFormatException">What is done to text before is not understood.</exception>
    public static PieceVocabulary Read(string path, JsonElement root)
    {
        JsonElement model = root.GetProperty("model");
        int unknown =
            model.TryGetProperty("unk_id", out JsonElement id) && id.ValueKind == JsonValueKind.Number
                ? id.GetInt32()
                : throw new ModelFormatException(path, "its Unigram model has no unk_id.");
        List<(string Text, float Score, int Type)> pieces =
        [
            .. model
                .GetProperty("vocab")
                .EnumerateArray()
                .Select(
                    (piece, i) => (piece[0].GetString()!, piece[1].GetSingle(), i == unknown ? PieceTable.UnknownType : PieceTable.Normal)
                ),
        ];
        if (root.TryGetProperty("added_tokens", out JsonElement added))
        {
            foreach (JsonElement token in added.EnumerateArray())
            {
                int at = token.GetProperty("id").GetInt32();
                if (at < pieces.Count && at != unknown)
                {
                    bool special = token.TryGetProperty("special", out JsonElement flag) && flag.ValueKind == JsonValueKind.True;
                    pieces[at] = (pieces[at].Text, pieces[at].Score, special ? PieceTable.Control : PieceTable.UserDefined);
                }
            }
        }
        return PieceVocabulary.Of(path, new PieceTable(pieces, Unigram: true, Prefix(path, root), unknown, Normaliser(path, root)));
    }

    private static byte[] Normaliser(string path, JsonElement root)
    {
        if (!root.TryGetProperty("normalizer", out JsonElement normaliser) || normaliser.ValueKind == JsonValueKind.Null)
        {
            return [];
        }
        string? kind = normaliser.GetProperty("type").GetString();
        return kind == "Precompiled"
            ? normaliser.GetProperty("precompiled_charsmap").GetBytesFromBase64()
            : throw new ModelFormatException(path, $"its normalizer is {kind}; Unigram is read with Precompiled or without one.");
    }

    private static bool Prefix(string path, JsonElement root)
    {
        if (!root.TryGetProperty("pre_tokenizer", out JsonElement pre) || pre.ValueKind == JsonValueKind.Null)
        {
            return false;
        }
        string? kind = pre.GetProperty("type").GetString();
        return kind == "Metaspace"
            ? !(pre.TryGetProperty("prepend_scheme", out JsonElement scheme) && scheme.GetString() == "never")
            : throw new ModelFormatException(path, $"text is cut by {kind}; Unigram is read with Metaspace.");
    }
}
