using System.Globalization;
using System.Text.RegularExpressions;

namespace KernelGen.Models;

/// <summary>
/// A mixture under llama-quantize's name, as rules for a dense model with llama.cpp's names (src/llama-quant.cpp,
/// <c>llama_tensor_get_type_impl</c>).
/// </summary>
public sealed partial class QuantizationRecipe
{
    /// <summary>
    /// Name, format of all weights, and what differs: part of the name, when, format. The first that holds decides. The last matrix
    /// is q6_k, or q8_0 in recipes of that, and the embedding takes its place where they are tied.
    /// </summary>
    private const string Table = """
        q2_k q2_k attn_v:gqa4=q4_k attn_v=q3_k ffn_down=q3_k attn_output=q3_k
        q2_k_s q2_k attn_v:gqa4=q4_k ffn_down:eighth=q4_k
        q3_k_s q3_k
        q3_k_m q3_k attn_v:first2=q5_k attn_v=q4_k ffn_down:sixteenth=q5_k ffn_down=q4_k attn_output=q4_k
        q3_k_l q3_k attn_v=q5_k ffn_down=q5_k attn_output=q5_k
        q4_0 q4_0
        q4_1 q4_1
        q4_k_s q4_k attn_v:first4=q5_k ffn_down:eighth=q5_k
        q4_k_m q4_k attn_v:more=q6_k ffn_down:more=q6_k
        q5_0 q5_0
        q5_1 q5_1
        q5_k_s q5_k
        q5_k_m q5_k attn_v:more=q6_k ffn_down:more=q6_k
        q6_k q6_k
        q8_0 q8_0
        iq4_nl iq4_nl attn_v:gqa4=q5_k ffn_down:eighth=q5_k
        iq4_xs iq4_xs attn_v:gqa4=q5_k ffn_down:eighth=q5_k
        """;

    /// <summary>What takes the place of a format whose blocks rows do not fill, as long as they fill this one's.</summary>
    private const string NarrowerTable = "q2_k=q4_0 q3_k=q4_0 q4_k=q5_0 q5_k=q5_1 q6_k=q8_0 iq4_xs=iq4_nl";

    private static readonly Dictionary<string, string> s_narrower = NarrowerTable
        .Split(' ')
        .Select(pair => pair.Split('='))
        .ToDictionary(pair => pair[0], pair => pair[1]);

    private readonly (string Part, string When, string Format)[] _rules;

    private QuantizationRecipe(string line)
    {
        string[] words = line.Split(' ');
        (Name, Format) = (words[0], words[1]);
        _rules = [.. words[2..].Select(word => word.Split('=')).Select(pair => (Before(pair[0]), After(pair[0]), pair[1]))];

        static string Before(string text) => text.Split(':')[0];
        static string After(string text) => text.Contains(':', StringComparison.Ordinal) ? text.Split(':')[1] : "";
    }

    /// <summary>All recipes.</summary>
    public static IReadOnlyList<QuantizationRecipe> All { get; } = [.. Table.Split('\n').Select(line => new QuantizationRecipe(line))];

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Name of the format that most weights get.</summary>
    public string Format { get; }

    /// <summary>A recipe by name; case does not matter.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="QuantizationRuleException">There is none.</exception>
    public static QuantizationRecipe Of(string name) =>
        All.FirstOrDefault(recipe => recipe.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new QuantizationRuleException(
            $"there is no recipe '{name}'. {NearestName.Sentence(name, All.Select(recipe => recipe.Name))}"
        );

    /// <summary>The rules for a model, one for each matrix.</summary>
    /// <param name="model">A model with llama.cpp's names.</param>
    /// <param name="catalog">Where formats are found.</param>
    /// <exception cref="QuantizationRuleException">The model has other names, or experts.</exception>
    public IReadOnlyList<TensorRule> RulesFor(ModelFile model, FormatCatalog catalog)
    {
        if (model.Find(LlamaNames.Ggml.Embedding) is null)
        {
            throw new QuantizationRuleException(
                $"{model.Path} has no {LlamaNames.Ggml.Embedding}: recipes are rules for llama.cpp's names, "
                    + $"which {GgufFile.Extension} files have."
            );
        }
        if (model.Tensors.FirstOrDefault(tensor => tensor.Name.Contains("_exps", StringComparison.Ordinal)) is { } expert)
        {
            throw new QuantizationRuleException($"{expert.Name}: recipes are for models without experts; give rules with --tensor-type.");
        }
        string prefix = model.FindMetadata("general.architecture")?.ToString() + ".attention.head_count";
        double heads = model.FindMetadata(prefix)?.AsNumber() ?? 1,
            keyValueHeads = model.FindMetadata(prefix + "_kv")?.AsNumber() ?? heads;
        (string, long)[] matrices = [.. model.Tensors.Where(tensor => tensor.Shape.Count > 1).Select(one => (one.Name, one.Columns))];
        return
        [
            .. Assign(matrices, (int)(heads / keyValueHeads), name => catalog[name].Info.Block)
                .Select(pair => new TensorRule($"^{Regex.Escape(pair.Key)}$", catalog[pair.Value])),
        ];
    }

    /// <summary>The format of each matrix that is quantised.</summary>
    /// <param name="matrices">Names and columns.</param>
    /// <param name="queriesPerKey">Heads of queries for one of keys and values.</param>
    /// <param name="block">Values of a block of a format.</param>
    internal IReadOnlyDictionary<string, string> Assign(
        IReadOnlyList<(string Name, long Columns)> matrices,
        int queriesPerKey,
        Func<string, int> block
    )
    {
        var formats = new Dictionary<string, string>(StringComparer.Ordinal);
        bool tied = matrices.All(matrix => matrix.Name != LlamaNames.Ggml.Head);
        string last = tied ? LlamaNames.Ggml.Embedding : LlamaNames.Ggml.Head;
        ILookup<string, int> layers = matrices.ToLookup(matrix => PartOf(matrix.Name), matrix => LayerOf(matrix.Name));
        foreach ((string name, long columns) in matrices)
        {
            if (!name.EndsWith("weight", StringComparison.Ordinal) || name.EndsWith("_norm.weight", StringComparison.Ordinal))
            {
                continue;
            }
            int[] same = [.. layers[PartOf(name)].Order()];
            bool large = same.Length == 80 && queriesPerKey == 8; // a 70B model shares its values among eight heads
            string format =
                name == last
                    ? Format == "q8_0" || columns % block(Format) != 0
                        ? "q8_0"
                        : "q6_k"
                    : _rules.FirstOrDefault(rule =>
                        rule.Part == PartOf(name) && Holds(rule.When, Array.IndexOf(same, LayerOf(name)), same.Length)
                    )
                        is { Format: { } own }
                        ? own
                        : Format;
            if (large && PartOf(name) == "attn_v" && format is "q3_k" or "q4_k")
            {
                format = "q5_k";
            }
            formats[name] = Fitting(format, columns, block);
        }
        return formats;

        bool Holds(string when, int layer, int count) =>
            when switch
            {
                "" => true,
                "gqa4" => queriesPerKey >= 4,
                "first2" => layer < 2,
                "first4" => layer < 4,
                "eighth" => layer < count / 8,
                "sixteenth" => layer < count / 16,
                _ => UsesMoreBits(layer, count),
            };
    }

    /// <summary>llama.cpp's <c>use_more_bits</c>: the first and the last eighth, and every third layer between.</summary>
    private static bool UsesMoreBits(int layer, int count) => layer < count / 8 || layer >= 7 * count / 8 || (layer - count / 8) % 3 == 2;

    private static string Fitting(string format, long columns, Func<string, int> block) =>
        columns % block(format) == 0 ? format
        : s_narrower.TryGetValue(format, out string? narrower) && columns % block(narrower) == 0 ? narrower
        : "f16";

    /// <summary>What a matrix does in its layer; fused queries, keys and values count as values.</summary>
    private static string PartOf(string name) =>
        LayerPart().Match(name) is { Success: true } match
            ? match.Groups[2].Value.Replace("attn_qkv", "attn_v", StringComparison.Ordinal)
            : name;

    private static int LayerOf(string name) =>
        LayerPart().Match(name) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^blk\.(\d{1,6})\.(\w+)\.weight$", RegexOptions.CultureInvariant)]
    private static partial Regex LayerPart();
}
