using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace KernelGen.Models;

/// <summary>
/// The vocabulary of a <c>tokenizer.model</c> as llama.cpp's metadata (<c>llama</c>): pieces, scores and types of SentencePiece BPE. The
/// file is a protocol buffer, sentencepiece_model.proto; fields that change no piece are passed over.
/// </summary>
internal sealed class SentencePieceModel
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "tokenizer.model";

    private const int Unigram = 1,
        Bpe = 2;

    /// <summary>What the converter of llama.cpp gives to tokens that no piece has, and to those that were added.</summary>
    private const float UnusedScore = -10_000,
        AddedScore = -1_000;

    private readonly string _path;
    private readonly List<(string Text, float Score, int Type)> _pieces = [];
    private readonly Dictionary<string, int> _special = new()
    {
        ["unknown"] = 0,
        ["bos"] = 1,
        ["eos"] = 2,
        ["padding"] = -1,
    };
    private int _kind = Unigram;
    private bool _spacePrefix = true;

    private SentencePieceModel(string path) => _path = path;

    /// <summary>The metadata.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="size">Number of tokens of the model.</param>
    /// <exception cref="ModelFormatException">It is malformed, or of another kind.</exception>
    public static List<KeyValuePair<string, GgufValue>> Read(string path, int size)
    {
        var model = new SentencePieceModel(path);
        model.Parse(File.ReadAllBytes(path));
        return model.Metadata(size);
    }

    private void Parse(ReadOnlySpan<byte> bytes)
    {
        var fields = new Fields(bytes, _path);
        while (fields.Next())
        {
            switch (fields.Number)
            {
                case 1:
                    _pieces.Add(Piece(fields.Bytes));
                    break;
                case 2:
                    Trainer(fields.Bytes);
                    break;
                case 3:
                    Normaliser(fields.Bytes);
                    break;
            }
        }
        if (_pieces.Count == 0)
        {
            throw Wrong("it has no pieces; a SentencePiece model is expected.");
        }
        if (_kind != Bpe)
        {
            string kind = _kind switch
            {
                Unigram => "Unigram",
                3 => "words",
                4 => "characters",
                _ => $"{_kind}",
            };
            throw Wrong($"its model is {kind}; BPE is written for llama.cpp.");
        }
    }

    private (string Text, float Score, int Type) Piece(ReadOnlySpan<byte> bytes)
    {
        (string text, float score, int type) = ("", 0, PieceTable.Normal);
        var fields = new Fields(bytes, _path);
        while (fields.Next())
        {
            switch (fields.Number)
            {
                case 1:
                    text = Encoding.UTF8.GetString(fields.Bytes);
                    break;
                case 2:
                    score = BitConverter.UInt32BitsToSingle((uint)fields.Value);
                    break;
                case 3:
                    type = fields.Value is >= PieceTable.Normal and <= PieceTable.Byte
                        ? (int)fields.Value
                        : throw Wrong(
                            $"piece {_pieces.Count} has type {fields.Value}; types are {PieceTable.Normal} to {PieceTable.Byte}."
                        );
                    break;
            }
        }
        return (text, score, type);
    }

    private void Trainer(ReadOnlySpan<byte> bytes)
    {
        var fields = new Fields(bytes, _path);
        while (fields.Next())
        {
            int value = unchecked((int)fields.Value);
            switch (fields.Number)
            {
                case 3:
                    _kind = value;
                    break;
                case 40:
                    _special["unknown"] = value;
                    break;
                case 41:
                    _special["bos"] = value;
                    break;
                case 42:
                    _special["eos"] = value;
                    break;
                case 43:
                    _special["padding"] = value;
                    break;
            }
        }
    }

    private void Normaliser(ReadOnlySpan<byte> bytes)
    {
        var fields = new Fields(bytes, _path);
        while (fields.Next())
        {
            _spacePrefix = fields.Number == 3 ? fields.Value != 0 : _spacePrefix;
        }
    }

    private List<KeyValuePair<string, GgufValue>> Metadata(int size)
    {
        if (_pieces.Count > size)
        {
            throw Wrong($"it has {_pieces.Count} pieces; the model has {size} tokens.");
        }
        for (int id = _pieces.Count; id < size; id++)
        {
            _pieces.Add((FormattableString.Invariant($"[PAD{id}]"), UnusedScore, PieceTable.Unused));
        }
        AddTokens(Path.GetDirectoryName(Path.GetFullPath(_path))!, size);
        List<KeyValuePair<string, GgufValue>> entries =
        [
            new("tokenizer.ggml.model", GgufValue.Of("llama")),
            new("tokenizer.ggml.pre", GgufValue.Of("default")),
            new("tokenizer.ggml.tokens", GgufValue.OfArray(GgufValueType.String, [.. _pieces.Select(piece => GgufValue.Of(piece.Text))])),
            new("tokenizer.ggml.scores", GgufValue.OfArray(GgufValueType.Float32, [.. _pieces.Select(piece => GgufValue.Of(piece.Score))])),
            new(
                "tokenizer.ggml.token_type",
                GgufValue.OfArray(GgufValueType.Int32, [.. _pieces.Select(piece => GgufValue.Of(piece.Type))])
            ),
            new("tokenizer.ggml.add_space_prefix", GgufValue.Of(_spacePrefix)),
        ];
        Dictionary<string, int> ids = _pieces.Select((piece, id) => (piece.Text, id)).DistinctBy(pair => pair.Text).ToDictionary();
        string config = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(_path))!, GgufTokenizer.ConfigName);
        entries.AddRange(GgufTokenizer.Special(config, ids));
        foreach ((string name, int id) in _special)
        {
            string key = $"tokenizer.ggml.{name}_token_id";
            if (id >= 0 && id < size && !entries.Exists(entry => entry.Key == key))
            {
                entries.Add(new(key, GgufValue.Of((uint)id)));
            }
        }
        return entries;
    }

    /// <summary>Tokens that transformers added: of added_tokens.json, and of added_tokens_decoder in tokenizer_config.json.</summary>
    private void AddTokens(string folder, int size)
    {
        string added = Path.Combine(folder, "added_tokens.json"),
            config = Path.Combine(folder, GgufTokenizer.ConfigName);
        if (File.Exists(added))
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(added));
            foreach (JsonProperty token in document.RootElement.EnumerateObject())
            {
                Set(token.Value.GetInt32(), token.Name, PieceTable.UserDefined);
            }
        }
        if (!File.Exists(config))
        {
            return;
        }
        using JsonDocument root = JsonDocument.Parse(File.ReadAllBytes(config));
        if (root.RootElement.TryGetProperty("added_tokens_decoder", out JsonElement decoder))
        {
            foreach (JsonProperty token in decoder.EnumerateObject())
            {
                bool special = token.Value.TryGetProperty("special", out JsonElement flag) && flag.ValueKind == JsonValueKind.True;
                int id = int.Parse(token.Name, System.Globalization.CultureInfo.InvariantCulture);
                Set(id, token.Value.GetProperty("content").GetString()!, special ? PieceTable.Control : PieceTable.UserDefined);
            }
        }

        void Set(int id, string text, int type) =>
            _pieces[
                (uint)id < (uint)size
                    ? id
                    : throw Wrong($"token '{ModelFormatException.Shorten(text)}' is {id}; the model has {size} tokens.")
            ] = (text, AddedScore, type);
    }

    private ModelFormatException Wrong(string problem) => new(_path, problem);

    /// <summary>The fields of a protocol buffer, one after another.</summary>
    private ref struct Fields(ReadOnlySpan<byte> bytes, string path)
    {
        private ReadOnlySpan<byte> _left = bytes;

        /// <summary>Number of the field.</summary>
        public int Number { get; private set; }

        /// <summary>Its value, or its bits.</summary>
        public ulong Value { get; private set; }

        /// <summary>The bytes of a text or of an inner message.</summary>
        public ReadOnlySpan<byte> Bytes { get; private set; }

        public bool Next()
        {
            if (_left.IsEmpty)
            {
                return false;
            }
            ulong key = VarInt();
            Number = (int)(key >> 3);
            Bytes = default;
            Value = 0;
            switch (key & 7)
            {
                case 0:
                    Value = VarInt();
                    break;
                case 1:
                    Value = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                    break;
                case 2:
                    Bytes = Take(VarInt());
                    break;
                case 5:
                    Value = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                    break;
                default:
                    throw new ModelFormatException(path, $"it is no SentencePiece model: a field has wire type {key & 7}.");
            }
            return true;
        }

        private ulong VarInt()
        {
            ulong value = 0;
            for (int shift = 0; shift < 64; shift += 7)
            {
                byte next = Take(1)[0];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                {
                    return value;
                }
            }
            throw new ModelFormatException(path, "it is no SentencePiece model: a number has more than 64 bits.");
        }

        private ReadOnlySpan<byte> Take(ulong count)
        {
            if (count > (ulong)_left.Length)
            {
                throw new ModelFormatException(path, $"it is no SentencePiece model: a field has {count} bytes, {_left.Length} are left.");
            }
            ReadOnlySpan<byte> taken = _left[..(int)count];
            _left = _left[(int)count..];
            return taken;
        }
    }
}
