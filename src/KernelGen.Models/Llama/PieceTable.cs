namespace KernelGen.Models;

/// <summary>The pieces of a SentencePiece model.</summary>
/// <param name="Pieces">Text, score and type of each token.</param>
/// <param name="Unigram">Whether pieces are chosen by their sum of scores; otherwise pairs are merged by score (BPE).</param>
/// <param name="SpacePrefix">Whether a text begins with a space of its own.</param>
/// <param name="Unknown">The token of what no piece has.</param>
/// <param name="Normaliser">SentencePiece's compiled table of characters; empty if characters stay as they are.</param>
internal sealed record PieceTable(
    IReadOnlyList<(string Text, float Score, int Type)> Pieces,
    bool Unigram,
    bool SpacePrefix,
    int Unknown,
    byte[] Normaliser
)
{
    /// <summary>Types of pieces (sentencepiece_model.proto), which llama.cpp has too.</summary>
    public const int Normal = 1,
        UnknownType = 2,
        Control = 3,
        UserDefined = 4,
        Unused = 5,
        Byte = 6;

    /// <summary>The model as sentencepiece_model.proto has it.</summary>
    public byte[] ToModel()
    {
        var model = new ProtocolBuffer();
        foreach ((string text, float score, int type) in Pieces)
        {
            model.Nested(1, new ProtocolBuffer().Text(1, text).Float(2, score).Number(3, type));
        }
        bool bytes = Pieces.Any(piece => piece.Type == Byte);
        return model
            .Nested(
                2, // trainer_spec: model_type, byte_fallback, unk_id, unk_piece
                new ProtocolBuffer().Number(3, Unigram ? 1 : 2).Number(35, bytes ? 1 : 0).Number(40, Unknown).Text(45, Pieces[Unknown].Text)
            )
            .Nested(
                3, // normalizer_spec: precompiled_charsmap, add_dummy_prefix, remove_extra_whitespaces, escape_whitespaces
                new ProtocolBuffer().Bytes(2, Normaliser).Number(3, SpacePrefix ? 1 : 0).Number(4, 0).Number(5, 1)
            )
            .ToArray();
    }
}
