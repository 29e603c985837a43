namespace KernelGen.Training;

/// <summary>Texts of the language of rules. Each sequence is a text of its own and begins with a fact.</summary>
internal sealed class QuantaData : TrainingData
{
    /// <summary>One language for all runs.</summary>
    private const ulong LanguageSeed = 0x5155414E54410001;

    /// <summary>Held-out texts come from a stream that no run trains on.</summary>
    private const ulong HeldOutSeed = 0xA5A5_0000_0000_0003;

    /// <summary>Held-out tokens, about: rare rules decide the loss, and few of them are in a short text.</summary>
    private const int HeldOutTokens = 1 << 16;

    private static readonly Lazy<QuantaLanguage> Language = new(() => new(LanguageSeed));

    private readonly int _context;
    private readonly ulong _seed;

    public QuantaData(int context, int seed) => (_context, _seed) = (context, (ulong)(uint)seed);

    public override int Vocabulary => QuantaLanguage.Vocabulary;

    public override int HeldOutSequences => Math.Max(2, HeldOutTokens / _context);

    /// <summary>Mean of the exact entropies of positions 1 to context.</summary>
    public override double? Entropy
    {
        get
        {
            double[] places = Language.Value.Entropies();
            return Enumerable.Range(1, _context).Average(position => places[position % QuantaLanguage.FactTokens]);
        }
    }

    public override void Sequence(long index, Span<int> tokens) => Language.Value.Write(new(_seed, (ulong)index), tokens);

    public override void HeldOut(int index, Span<int> tokens) => Language.Value.Write(new(HeldOutSeed, (ulong)index), tokens);

    public override double TrueCost(int index)
    {
        var tokens = new int[_context + 1];
        HeldOut(index, tokens);
        double cost = 0;
        for (int t = 1; t <= _context; t++)
        {
            cost -= Math.Log(Language.Value.Probability(tokens.AsSpan(0, t + 1)));
        }
        return cost;
    }
}
