namespace KernelGen.Training;

/// <summary>
/// A made-up language whose next-token distribution is known exactly. A text is a sequence of tokens from its first to its
/// last; given all earlier tokens the next one is, with fixed shares,
/// <list type="bullet">
/// <item>a token drawn by a Zipf–Mandelbrot law, as words of natural languages are;</item>
/// <item>one of a few habitual successors of the last token, of the last two, or of the last three: there are more such
/// contexts than a small model can learn, and rare ones are learned last, so that loss falls smoothly with size;</item>
/// <item>a repetition of the token d back, with d by a power law: dependence that reaches as far as the text.</item>
/// </list>
/// As nothing is hidden, the entropy of each position is a finite sum.
/// </summary>
internal sealed class SyntheticLanguage
{
    /// <summary>Number of tokens.</summary>
    public const int Vocabulary = 64;

    /// <summary>Habitual successors of a context.</summary>
    private const int Successors = 4;

    /// <summary>Longest context that has habitual successors.</summary>
    private const int Order = 3;

    /// <summary>Bits by which the Zipf law is tabulated: shares of tokens are multiples of 2^-12.</summary>
    private const int TableBits = 12;

    /// <summary>Shares: Zipf, successors of 1, 2 and 3 tokens, repetition.</summary>
    private static readonly double[] Shares = [0.08, 0.20, 0.32, 0.20, 0.20];

    /// <summary>Shares of a context's successors, the habit first.</summary>
    private static readonly double[] Habits = [0.55, 0.25, 0.13, 0.07];

    private readonly ulong _seed;
    private readonly byte[] _zipf = new byte[1 << TableBits];
    private readonly double[] _zipfShares = new double[Vocabulary];
    private readonly double[] _reach;

    /// <summary>A language.</summary>
    /// <param name="seed">Chooses the successors.</param>
    /// <param name="longest">Longest text, in tokens.</param>
    public SyntheticLanguage(ulong seed, int longest)
    {
        _seed = seed;
        // Mandelbrot's law 1 / (rank + 2.7): the usual fit to words, see Piantadosi 2014, "Zipf's word frequency law".
        double total = Enumerable.Range(1, Vocabulary).Sum(rank => 1 / (rank + 2.7)),
            sum = 0;
        int filled = 0;
        for (int token = 0; token < Vocabulary; token++)
        {
            sum += 1 / (token + 1 + 2.7);
            int end = (int)Math.Round(sum / total * _zipf.Length);
            _zipfShares[token] = (double)(end - filled) / _zipf.Length;
            _zipf.AsSpan(filled..end).Fill((byte)token);
            filled = end;
        }
        // Cumulated weights 1 / (d + 1) of repeating the token d back, for d = 1, 2, …
        _reach = new double[longest + 1];
        for (int d = 1; d <= longest; d++)
        {
            _reach[d] = _reach[d - 1] + 1.0 / (d + 1);
        }
    }

    /// <summary>Writes a text.</summary>
    /// <param name="random">Its randomness.</param>
    /// <param name="tokens">Receives the tokens.</param>
    public void Write(SplitMix random, Span<int> tokens)
    {
        for (int t = 0; t < tokens.Length; t++)
        {
            double choice = random.NextUnit();
            int kind = 0;
            while (kind < Shares.Length - 1 && choice >= Shares[kind])
            {
                choice -= Shares[kind++];
            }
            tokens[t] = kind switch
            {
                0 => Zipf(random.Next()),
                <= Order => Successor(Context(tokens[..t], kind), Habit(random.NextUnit())),
                _ => t == 0 ? Zipf(random.Next()) : tokens[t - Distance(random.NextUnit() * _reach[t], t)],
            };
        }
    }

    /// <summary>The exact distribution of the next token.</summary>
    /// <param name="past">All tokens of the text so far.</param>
    /// <param name="shares">Receives <see cref="Vocabulary"/> probabilities.</param>
    public void Next(ReadOnlySpan<int> past, Span<double> shares)
    {
        int t = past.Length;
        // The first token has nothing to repeat: it is drawn instead.
        double drawn = Shares[0] + (t == 0 ? Shares[^1] : 0);
        for (int token = 0; token < Vocabulary; token++)
        {
            shares[token] = drawn * _zipfShares[token];
        }
        for (int order = 1; order <= Order; order++)
        {
            ulong context = Context(past, order);
            for (int i = 0; i < Successors; i++)
            {
                shares[Successor(context, i)] += Shares[order] * Habits[i];
            }
        }
        for (int d = 1; d <= t; d++)
        {
            shares[past[t - d]] += Shares[^1] * (_reach[d] - _reach[d - 1]) / _reach[t];
        }
    }

    private int Zipf(ulong random) => _zipf[random >> (64 - TableBits)];

    /// <summary>
    /// The number of the last <paramref name="order"/> tokens; where the text is shorter, its beginning counts as a token of its own.
    /// </summary>
    private ulong Context(ReadOnlySpan<int> past, int order)
    {
        ulong context = (ulong)order;
        for (int back = 1; back <= order; back++)
        {
            context = context * (Vocabulary + 1) + (ulong)(past.Length >= back ? past[^back] : Vocabulary);
        }
        return SplitMix.Mix(context ^ _seed);
    }

    private int Successor(ulong context, int habit) => Zipf(SplitMix.Mix(context + (ulong)habit));

    private static int Habit(double choice)
    {
        int habit = 0;
        while (habit < Successors - 1 && choice >= Habits[habit])
        {
            choice -= Habits[habit++];
        }
        return habit;
    }

    /// <summary>The smallest d whose cumulated weight is above a number.</summary>
    private int Distance(double weight, int furthest)
    {
        int low = 1,
            high = furthest;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            (low, high) = _reach[middle] > weight ? (low, middle) : (middle + 1, high);
        }
        return low;
    }
}
