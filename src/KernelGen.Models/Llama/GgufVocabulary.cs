namespace KernelGen.Models;

/// <summary>
/// The vocabulary in llama.cpp's metadata: <c>gpt2</c> (byte-level BPE), <c>llama</c> (SentencePiece BPE), <c>t5</c> (Unigram).
/// </summary>
internal static class GgufVocabulary
{
    /// <summary>The vocabulary; null where the metadata has none.</summary>
    /// <param name="path">The model, for messages.</param>
    /// <param name="metadata">Its metadata.</param>
    /// <exception cref="ModelFormatException">It is malformed, or of another kind.</exception>
    public static Vocabulary? Of(string path, IReadOnlyList<KeyValuePair<string, GgufValue>> metadata)
    {
        try
        {
            return Find("model")?.AsString() switch
            {
                null or "no_vocab" or "none" => null,
                "gpt2" => Bytes(),
                "llama" => PieceVocabulary.Of(path, Pieces(unigram: false)),
                "t5" => PieceVocabulary.Of(path, Pieces(unigram: true)),
                { } kind => throw new ModelFormatException(
                    path,
                    $"its tokenizer is {ModelFormatException.Shorten(kind)}; gpt2, llama and t5 are read.",
                    "tokenizer.ggml.model"
                ),
            };
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw new ModelFormatException(path, $"the tokenizer in its metadata is malformed: {e.Message}", null, e);
        }

        GgufValue? Find(string name) => metadata.FirstOrDefault(entry => entry.Key == "tokenizer.ggml." + name).Value;

        GgufValue[] List(string name) =>
            Find(name) is { } list
                ? [.. list.Elements()]
                : throw new ModelFormatException(path, "the tokenizer in its metadata lacks this list.", "tokenizer.ggml." + name);

        Vocabulary Bytes()
        {
            string pre = Find("pre")?.AsString() ?? "gpt-2";
            string cut = GgufTokenizer.CutNamed(pre)
                ?? throw new ModelFormatException(
                    path,
                    $"text is cut as for '{ModelFormatException.Shorten(pre)}', which is not known here.",
                    "tokenizer.ggml.pre"
                );
            Dictionary<string, int> tokens = [],
                added = [];
            foreach ((string text, _, int type, int id) in Tokens())
            {
                (type is PieceTable.Control or PieceTable.UserDefined ? added : tokens).TryAdd(text, id);
            }
            return ByteLevelVocabulary.Of(path, tokens, added, [.. List("merges").Select(merge => merge.AsString())], cut);
        }

        PieceTable Pieces(bool unigram) =>
            new(
                [.. Tokens().Select(token => (token.Text, token.Score, token.Type))],
                unigram,
                Find("add_space_prefix")?.AsBool() ?? true,
                (int)(Find("unknown_token_id")?.AsInteger() ?? 0),
                [.. (Find("precompiled_charsmap")?.Elements() ?? []).Select(value => value.Bytes.Span[0])]
            );

        IEnumerable<(string Text, float Score, int Type, int Id)> Tokens()
        {
            GgufValue[] texts = List("tokens");
            GgufValue[]? scores = Find("scores") is null ? null : Sized("scores", texts.Length),
                types = Find("token_type") is null ? null : Sized("token_type", texts.Length);
            return texts.Select(
                (text, id) =>
                    (text.AsString(), (float)(scores?[id].AsNumber() ?? 0), (int)(types?[id].AsInteger() ?? PieceTable.Normal), id)
            );
        }

        GgufValue[] Sized(string name, int count)
        {
            GgufValue[] list = List(name);
            return list.Length == count
                ? list
                : throw new ModelFormatException(path, $"it has {list.Length} values for {count} tokens.", "tokenizer.ggml." + name);
        }
    }
}
