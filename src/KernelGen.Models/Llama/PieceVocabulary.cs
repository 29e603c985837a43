using System.Text;
using Microsoft.ML.Tokenizers;

namespace KernelGen.Models;

/// <summary>SentencePiece, BPE or Unigram. Computed by Microsoft.ML.Tokenizers.</summary>
internal sealed class PieceVocabulary : Vocabulary
{
    private readonly SentencePieceTokenizer _tokenizer;

    /// <summary>Tokens that were added: they are found before the text between them is cut into pieces.</summary>
    private readonly LongestTokens _added;

    private PieceVocabulary(SentencePieceTokenizer tokenizer, IEnumerable<KeyValuePair<string, int>> added)
    {
        _tokenizer = tokenizer;
        _added = new(added);
    }

    /// <summary>The vocabulary of a table of pieces.</summary>
    /// <param name="path">Where it is from, for messages.</param>
    /// <param name="table">The pieces.</param>
    /// <exception cref="ModelFormatException">It is no SentencePiece model.</exception>
    public static PieceVocabulary Of(string path, PieceTable table)
    {
        if ((uint)table.Unknown >= (uint)table.Pieces.Count)
        {
            throw new ModelFormatException(path, $"the unknown token is {table.Unknown}; there are {table.Pieces.Count} tokens.");
        }
        Dictionary<string, int> added = table
            .Pieces.Select((piece, id) => (piece.Text, piece.Type, id))
            .Where(piece => piece.Type == PieceTable.UserDefined)
            .DistinctBy(piece => piece.Text)
            .ToDictionary(piece => piece.Text, piece => piece.id);
        return Create(path, table.ToModel(), added);
    }

    /// <summary>Reads a <c>tokenizer.model</c>.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="ModelFormatException">It is no SentencePiece model.</exception>
    public static PieceVocabulary OfFile(string path) => Create(path, File.ReadAllBytes(path), []);

    public override int[] Encode(ReadOnlySpan<byte> text)
    {
        string characters = Encoding.UTF8.GetString(text);
        (int Token, int Length)[] added = _added.In(characters);
        List<int> tokens = [];
        for (int at = 0, start = 0; at <= characters.Length; )
        {
            if (at < characters.Length && added[at].Length == 0)
            {
                at++;
                continue;
            }
            // Each stretch is a text of its own, with a space in front where texts have one: as transformers and llama.cpp do.
            if (at > start)
            {
                tokens.AddRange(_tokenizer.EncodeToIds(characters[start..at], addBeginningOfSentence: false, addEndOfSentence: false));
            }
            if (at == characters.Length)
            {
                break;
            }
            tokens.Add(added[at].Token);
            at = start = at + added[at].Length;
        }
        return [.. tokens];
    }

    private static PieceVocabulary Create(string path, byte[] model, Dictionary<string, int> added)
    {
        try
        {
            using var stream = new MemoryStream(model);
            return new(SentencePieceTokenizer.Create(stream, addBeginningOfSentence: false, addEndOfSentence: false), added);
        }
        catch (Exception e) when (e is not ModelFormatException and not OutOfMemoryException)
        {
            throw new ModelFormatException(path, $"it is no SentencePiece model that is understood: {e.Message}", null, e);
        }
    }
}
