using System.Text;
using System.Text.Json;
using KernelGen.Models;
using KernelGen.Tests;

namespace KernelGen.Client.Tests;

/// <summary>
/// Tokens of a text as eval counts them, next to llama.cpp's: of the tokenizer's file, and of the GGUF file that it became.
/// </summary>
public sealed class TokenizerTests : IDisposable
{
    private const int Size = 512;

    private const string Text =
        "The first group of 32 weights has one scale.  The second group, too:\n\n\tscale = max|w| / 7; 12345 codes don't fit!\n"
        + "Größe und Maßstab — 数 — and the weights of the group are what the scale says they are. <extra>The end";

    /// <summary>What Llama 3 and Qwen2 cut text by (their tokenizer.json).</summary>
    private const string Cut =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|NUMBERS| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("gpt-2")]
    [InlineData("llama-bpe")]
    [InlineData("qwen2")]
    public void Byte_level_tokens_are_those_of_llama_cpp(string pre)
    {
        object split = new
        {
            type = "Split",
            pattern = new { Regex = Cut.Replace("NUMBERS", pre == "qwen2" ? @"\p{N}" : @"\p{N}{1,3}", StringComparison.Ordinal) },
        };
        object bytes = new { type = "ByteLevel", add_prefix_space = false };
        string[] letters = [.. Enumerable.Range(0, 256).Select(value => Letter((byte)value))];
        string[] words =
        [
            .. Text.Split(' ').Select((word, i) => string.Concat(Encoding.UTF8.GetBytes((i > 0 ? " " : "") + word).Select(Letter))),
        ];
        List<(string, string)> merges = Merges(words, 120);
        Check(
            new
            {
                added_tokens = new[] { Added(Size - 1, "<extra>", special: false) },
                pre_tokenizer = pre == "gpt-2" ? bytes : new { type = "Sequence", pretokenizers = new[] { split, bytes } },
                model = Bpe(letters, merges, pieces: false),
            }
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pieces_are_those_of_llama_cpp(bool prefix)
    {
        string[] words = [.. Text.Split(' ').Select((word, i) => (i > 0 || prefix ? "▁" : "") + word)];
        List<(string, string)> merges = Merges([.. words.Where(word => word.All(char.IsAscii) || word.StartsWith('▁'))], 120);
        string[] letters =
        [
            "<unk>",
            "<s>",
            "</s>",
            .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"),
            "▁",
            .. Text.Where(letter => char.IsAsciiLetterOrDigit(letter)).Distinct().Select(letter => letter.ToString()),
        ];
        object replace = new
        {
            type = "Replace",
            pattern = new { String = " " },
            content = "▁",
        };
        object[] steps = prefix ? [new { type = "Prepend", prepend = "▁" }, replace] : [replace];
        Check(
            new
            {
                added_tokens = new[]
                {
                    Added(0, "<unk>", special: true),
                    Added(1, "<s>", special: true),
                    Added(2, "</s>", special: true),
                    Added(Size - 1, "<extra>", special: false),
                },
                normalizer = new { type = "Sequence", normalizers = steps },
                model = Bpe(letters, merges, pieces: true),
            }
        );
    }

    private void Check(object tokenizer)
    {
        string checkpoint = new TinyCheckpoint("llama") { Tokens = Size }.Write(_scratch["in"]),
            gguf = _scratch["out.gguf"];
        File.WriteAllText(Path.Combine(_scratch["in"], "tokenizer.json"), JsonSerializer.Serialize(tokenizer));
        using (ModelFile model = ModelFile.Open(checkpoint, Formats.DeclaredFormats.Catalog))
        {
            var rules = new QuantizationRules { Format = Formats.DeclaredFormats.Catalog["q8_0"] };
            ModelFile named = model.ForLlamaCpp();
            QuantizationPlan plan = QuantizationPlan.Make(named, rules, ModelContainer.Gguf);
            new ModelWriter(named, plan.Tensors, plan.Container).Write(gguf, new());
            Assert.Equal(LlamaCpp.Tokens(gguf, Text), Vocabulary.Of(model, Size).Encode(Encoding.UTF8.GetBytes(Text)));
        }
        using ModelFile written = ModelFile.Open(gguf, Formats.DeclaredFormats.Catalog);
        int[] tokens = Vocabulary.Of(written, Size).Encode(Encoding.UTF8.GetBytes(Text));
        Assert.Equal(LlamaCpp.Tokens(gguf, Text), tokens);
        Assert.True(tokens.Length < Encoding.UTF8.GetByteCount(Text), "nothing was merged");
        Assert.Contains(Size - 1, tokens);
    }

    private static object Bpe(string[] letters, List<(string First, string Second)> merges, bool pieces)
    {
        var vocabulary = new Dictionary<string, int>();
        foreach (string token in letters.Concat(merges.Select(merge => merge.First + merge.Second)))
        {
            vocabulary.TryAdd(token, vocabulary.Count);
        }
        return new
        {
            type = "BPE",
            byte_fallback = pieces,
            unk_token = pieces ? "<unk>" : null,
            vocab = vocabulary,
            merges = merges.Select(merge => $"{merge.First} {merge.Second}"),
        };
    }

    private static object Added(int id, string content, bool special) =>
        new
        {
            id,
            content,
            special,
        };

    /// <summary>GPT-2's character for a byte.</summary>
    private static string Letter(byte value)
    {
        bool Printable(int b) => b is > 32 and < 127 or > 160 and not 173;
        return ((char)(Printable(value) ? value : 256 + Enumerable.Range(0, value).Count(b => !Printable(b)))).ToString();
    }

    /// <summary>Byte-pair encoding, learned: the commonest pair is merged each time.</summary>
    private static List<(string First, string Second)> Merges(string[] words, int count)
    {
        List<(string, string)> merges = [];
        List<string>[] parts = [.. words.Select(word => word.Select(letter => letter.ToString()).ToList())];
        while (merges.Count < count)
        {
            (string First, string Second)[] best =
            [
                .. parts
                    .SelectMany(word => word.Zip(word.Skip(1)))
                    .GroupBy(pair => pair)
                    .Where(group => group.Count() > 1)
                    .OrderByDescending(group => group.Count())
                    .ThenBy(group => group.Key.First + " " + group.Key.Second, StringComparer.Ordinal)
                    .Select(group => group.Key)
                    .Take(1),
            ];
            if (best.Length == 0)
            {
                break;
            }
            merges.Add(best[0]);
            foreach (List<string> word in parts)
            {
                for (int i = 0; i + 1 < word.Count; i++)
                {
                    if ((word[i], word[i + 1]) == best[0])
                    {
                        word[i] += word[i + 1];
                        word.RemoveAt(i + 1);
                    }
                }
            }
        }
        return merges;
    }
}
