using System.Text;
using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>tokenizer.model: the protocol buffer of SentencePiece, written here field by field.</summary>
public sealed class SentencePieceTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private string Folder => Path.GetDirectoryName(_scratch["x"])!;

    private static byte[] Field(int number, byte[] bytes) => [(byte)(number << 3 | 2), (byte)bytes.Length, .. bytes];

    private static byte[] Number(int number, byte value) =>
        number < 16 ? [(byte)(number << 3), value] : [(byte)(number << 3 & 0x7F | 0x80), (byte)(number >> 4), value];

    private static byte[] Piece(string text, float score, byte type) =>
        Field(1, [.. Field(1, Encoding.UTF8.GetBytes(text)), 2 << 3 | 5, .. BitConverter.GetBytes(score), .. Number(3, type)]);

    private static byte[] Model(byte kind, params byte[][] more) =>
        [
            .. Piece("<unk>", 0, 2),
            .. Piece("<s>", 0, 3),
            .. Piece("</s>", 0, 3),
            .. Piece("<0x0A>", 0, 6),
            .. Piece("▁é", -1.5f, 1),
            .. Field(2, [.. Number(3, kind), .. Number(41, 2), .. Number(42, 1)]),
            .. more.SelectMany(field => field),
        ];

    [Fact]
    public void Pieces_scores_types_and_special_tokens_are_carried_over()
    {
        _scratch.Write("tokenizer.model", Model(2, Field(3, Number(3, 0))));
        File.WriteAllText(_scratch["added_tokens.json"], """{"<tool>": 5}""");
        File.WriteAllText(
            _scratch["tokenizer_config.json"],
            """{"added_tokens_decoder": {"6": {"content": "<|end|>", "special": true}}, "eos_token": "<|end|>", "chat_template": "x"}"""
        );
        Dictionary<string, GgufValue> found = GgufTokenizer.Of(Folder, 8).ToDictionary();
        Assert.Equal(("llama", "default"), (found["tokenizer.ggml.model"].AsString(), found["tokenizer.ggml.pre"].AsString()));
        Assert.Equal(
            ["<unk>", "<s>", "</s>", "<0x0A>", "▁é", "<tool>", "<|end|>", "[PAD7]"],
            found["tokenizer.ggml.tokens"].Elements().Select(token => token.AsString())
        );
        Assert.Equal([2, 3, 3, 6, 1, 4, 3, 5], found["tokenizer.ggml.token_type"].Elements().Select(type => type.AsInteger()));
        Assert.Equal([0, 0, 0, 0, -1.5, -1000, -1000, -10000], found["tokenizer.ggml.scores"].Elements().Select(score => score.AsNumber()));
        Assert.Equal(
            (2, 6, 0, false, "x"),
            (
                found["tokenizer.ggml.bos_token_id"].AsInteger(),
                found["tokenizer.ggml.eos_token_id"].AsInteger(),
                found["tokenizer.ggml.unknown_token_id"].AsInteger(),
                found["tokenizer.ggml.add_space_prefix"].AsBool(),
                found["tokenizer.chat_template"].AsString()
            )
        );
        Assert.DoesNotContain("tokenizer.ggml.padding_token_id", found.Keys);
    }

    [Fact]
    public void Other_kinds_and_damaged_files_are_refused()
    {
        Refused(Model(1), 8, "its model is Unigram; BPE is written");
        Refused(Model(2), 4, "it has 5 pieces; the model has 4 tokens");
        Refused([], 8, "it has no pieces");
        Refused(Model(2)[..^1], 8, "it is no SentencePiece model");
        Refused([.. Model(2), 0x0B], 8, "a field has wire type 3");
        Refused(Field(1, Number(3, 9)), 8, "piece 0 has type 9");
        Refused(Encoding.ASCII.GetBytes("IQ== 0"), 8, "it is no SentencePiece model");

        void Refused(byte[] bytes, int size, string words)
        {
            _scratch.Write("tokenizer.model", bytes);
            Assert.Contains(
                words,
                Assert.Throws<ModelFormatException>(() => GgufTokenizer.Of(Folder, size)).Message,
                StringComparison.Ordinal
            );
        }
    }
}
