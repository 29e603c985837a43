using System.Collections.Concurrent;
using System.Numerics.Tensors;

namespace KernelGen.Training;

/// <summary>
/// Texts of the synthetic language. Each sequence is a text of its own, so that a model that sees the sequence sees the whole past.
/// </summary>
internal sealed class SyntheticData : TrainingData
{
    /// <summary>One language for all runs.</summary>
    private const ulong LanguageSeed = 0x4B65726E656C4765;

    /// <summary>Held-out texts and those by which the entropy is measured come from streams that no run trains on.</summary>
    private const ulong HeldOutSeed = 0xA5A5_0000_0000_0001,
        EntropySeed = 0xA5A5_0000_0000_0002;

    /// <summary>Held-out tokens, about.</summary>
    private const int HeldOutTokens = 1 << 15;

    /// <summary>Tokens over which the entropy is averaged, about: its standard error is then near 0.001 nats.</summary>
    private const int EntropyTokens = 1 << 20;

    private static readonly ConcurrentDictionary<int, Lazy<double>> Entropies = new();

    private readonly SyntheticLanguage _language;
    private readonly int _context;
    private readonly ulong _seed;

    public SyntheticData(int context, int seed)
    {
        _context = context;
        _seed = (ulong)(uint)seed;
        _language = new(LanguageSeed, context + 1);
    }

    public override int Vocabulary => SyntheticLanguage.Vocabulary;

    public override int HeldOutSequences => Math.Max(2, HeldOutTokens / _context);

    /// <summary>Mean of the exact entropies of positions 1 to context, over many texts; measured once for each context.</summary>
    public override double? Entropy => Entropies.GetOrAdd(_context, static context => new(() => MeanEntropy(context))).Value;

    public override void Sequence(long index, Span<int> tokens) => _language.Write(new(_seed, (ulong)index), tokens);

    public override void HeldOut(int index, Span<int> tokens) => _language.Write(new(HeldOutSeed, (ulong)index), tokens);

    public override double TrueCost(int index)
    {
        var tokens = new int[_context + 1];
        HeldOut(index, tokens);
        Span<double> shares = stackalloc double[SyntheticLanguage.Vocabulary];
        double cost = 0;
        for (int t = 1; t <= _context; t++)
        {
            _language.Next(tokens.AsSpan(0, t), shares);
            cost -= Math.Log(shares[tokens[t]]);
        }
        return cost;
    }

    private static double MeanEntropy(int context)
    {
        var language = new SyntheticLanguage(LanguageSeed, context + 1);
        int texts = Math.Max(1, EntropyTokens / context);
        var sums = new double[texts];
        Parallel.For(0, texts, text =>
        {
            var tokens = new int[context + 1];
            language.Write(new(EntropySeed, (ulong)text), tokens);
            Span<double> shares = stackalloc double[SyntheticLanguage.Vocabulary],
                logs = stackalloc double[SyntheticLanguage.Vocabulary];
            for (int t = 1; t <= context; t++)
            {
                language.Next(tokens.AsSpan(0, t), shares);
                TensorPrimitives.Log(shares, logs);
                sums[text] -= TensorPrimitives.Dot(shares, logs);
            }
        });
        // Summed in order: the same on any number of threads.
        return sums.Sum() / ((double)texts * context);
    }
}
