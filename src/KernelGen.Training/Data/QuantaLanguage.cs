namespace KernelGen.Training;

/// <summary>
/// A language of many small independent rules whose frequencies follow Zipf's law: the picture of quanta (Michaud et al. 2023, "The
/// Quantization Model of Neural Scaling"). A text is a sequence of facts: the number of a rule as digits, and then the rule's values.
/// A model that knows the n most frequent rules loses what the others cost, about n^-<see cref="Exponent"/>, above the entropy, so
/// loss is a power law in the number of rules that its parameters, or its tokens, pay for.
/// <list type="bullet">
/// <item>Rule k = 1, 2, … has frequency k^-(1 + <see cref="Exponent"/>), up to <see cref="Rules"/>.</item>
/// <item>Each of its values is a hash of its number, one of <see cref="Range"/>; with probability <see cref="Noise"/> any of them comes
/// instead.</item>
/// <item>Every place of a fact has tokens of its own, so that a model sees the place from the token before.</item>
/// </list>
/// Facts are independent of each other: the entropy is a finite sum.
/// </summary>
internal sealed class QuantaLanguage
{
    /// <summary>Values of a digit, and digits of a rule.</summary>
    public const int Base = 32,
        Digits = 3;

    /// <summary>Number of rules.</summary>
    public const int Rules = Base * Base * Base;

    /// <summary>Values of a rule, and what each can be.</summary>
    public const int Values = 3,
        Range = 16;

    /// <summary>Number of tokens.</summary>
    public const int Vocabulary = Digits * Base + Values * Range;

    /// <summary>Tokens of a fact.</summary>
    public const int FactTokens = Digits + Values;

    /// <summary>By how much the frequencies fall faster than 1/k.</summary>
    public const double Exponent = 0.4;

    /// <summary>Share of values that are drawn and do not follow the rule.</summary>
    public const double Noise = 0.1;

    /// <summary>Frequencies are multiples of 2^-40: the last bit of a power differs between machines, and a language must not.</summary>
    private const long Unit = 1L << 40;

    /// <summary>Frequencies of all rules before each one, in units.</summary>
    private readonly long[] _before = new long[Rules + 1];
    private readonly ulong _seed;

    /// <summary>A language.</summary>
    /// <param name="seed">Chooses the values of the rules.</param>
    public QuantaLanguage(ulong seed)
    {
        _seed = seed;
        double total = 0,
            sum = 0;
        for (int rule = Rules; rule > 0; rule--)
        {
            total += Weight(rule);
        }
        for (int rule = 1; rule <= Rules; rule++)
        {
            sum += Weight(rule);
            _before[rule] = (long)Math.Round(Math.Min(1, sum / total) * Unit);
        }
        _before[Rules] = Unit;
    }

    /// <summary>Entropy of each place of a fact in nats, given those before it: the digits, and the values.</summary>
    public double[] Entropies()
    {
        var entropies = new double[FactTokens];
        for (int place = 0; place < Digits; place++)
        {
            // Σ p(prefix) ln p(shorter prefix) − ln p(prefix), over all prefixes that end here.
            int span = Span(place);
            for (int first = 0; first < Rules; first += span)
            {
                double p = Share(first, span);
                entropies[place] -= p * Math.Log(p / Share(first / (span * Base) * (span * Base), span * Base));
            }
        }
        const double Other = Noise / Range,
            Own = 1 - Noise + Other;
        entropies.AsSpan(Digits).Fill(-(Own * Math.Log(Own) + (Range - 1) * Other * Math.Log(Other)));
        return entropies;
    }

    /// <summary>Writes a text, which begins with a fact.</summary>
    /// <param name="random">Its randomness.</param>
    /// <param name="tokens">Receives the tokens.</param>
    public void Write(SplitMix random, Span<int> tokens)
    {
        for (int start = 0; start < tokens.Length; start += FactTokens)
        {
            int rule = Rule(random.NextBelow(Unit));
            for (int place = 0; place < FactTokens && start + place < tokens.Length; place++)
            {
                tokens[start + place] =
                    place < Digits ? place * Base + rule / Span(place) % Base
                    : random.NextUnit() < Noise ? First(place) + (int)random.NextBelow(Range)
                    : Value(rule, place);
            }
        }
    }

    /// <summary>Probability of a text's token given all before it.</summary>
    /// <param name="tokens">The text up to that token, included; its first is the first of the text.</param>
    public double Probability(ReadOnlySpan<int> tokens)
    {
        int place = (tokens.Length - 1) % FactTokens;
        ReadOnlySpan<int> digits = tokens[^(place + 1)..];
        int first = 0;
        for (int i = 0; i < Math.Min(place + 1, Digits); i++)
        {
            first += (digits[i] - i * Base) * Span(i);
        }
        if (place >= Digits)
        {
            return Noise / Range + (digits[place] == Value(first, place) ? 1 - Noise : 0);
        }
        int span = Span(place);
        return Share(first, span) / Share(first / (span * Base) * (span * Base), span * Base);
    }

    /// <summary>Rules that share the digits up to a place.</summary>
    private static int Span(int place) => place == Digits - 1 ? 1 : Base * Span(place + 1);

    private static double Weight(int rule) => Math.Pow(rule, -1 - Exponent);

    /// <summary>Frequency of some rules together.</summary>
    private double Share(int first, int count) => (double)(_before[first + count] - _before[first]) / Unit;

    private int Rule(long draw)
    {
        int found = Array.BinarySearch(_before, draw);
        return found >= 0 ? found : ~found - 1;
    }

    /// <summary>The first of the tokens that can be at a place of the values.</summary>
    private static int First(int place) => Digits * Base + (place - Digits) * Range;

    private int Value(int rule, int place) => First(place) + (int)(SplitMix.Mix(_seed + (ulong)(rule * FactTokens + place)) % Range);
}
