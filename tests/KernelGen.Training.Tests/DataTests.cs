using KernelGen.Tests;

namespace KernelGen.Training.Tests;

public class DataTests
{
    [Fact]
    public void NextTokensFollowTheStatedDistribution()
    {
        var language = new SyntheticLanguage(7, 16);
        var shares = new double[SyntheticLanguage.Vocabulary];
        // Chi-square over tokens 4 of texts, each against its own exact distribution: summed, counts of token i have mean Σ p and variance
        // Σ p(1 − p).
        const int Texts = 40_000;
        var mean = new double[shares.Length];
        var variance = new double[shares.Length];
        var count = new double[shares.Length];
        var tokens = new int[6];
        double cost = 0,
            entropy = 0,
            square = 0;
        for (int text = 0; text < Texts; text++)
        {
            language.Write(new SplitMix(1, (ulong)text), tokens);
            language.Next(tokens.AsSpan(0, 5), shares);
            Assert.Equal(1, shares.Sum(), 1e-12);
            double own = -shares.Sum(p => p * Math.Log(p)),
                paid = -Math.Log(shares[tokens[5]]);
            (cost, entropy, square) = (cost + paid, entropy + own, square + (paid - own) * (paid - own));
            count[tokens[5]]++;
            for (int i = 0; i < shares.Length; i++)
            {
                mean[i] += shares[i];
                variance[i] += shares[i] * (1 - shares[i]);
            }
        }
        double chi = Enumerable.Range(0, shares.Length).Sum(i => (count[i] - mean[i]) * (count[i] - mean[i]) / variance[i]);
        Assert.InRange(chi, 25, 115); // 64 terms: mean 64, standard deviation 11
        // What the distribution pays on average is its entropy.
        Assert.InRange((cost - entropy) / Math.Sqrt(square), -4, 4);
        // Tokens are Zipfian: the most frequent one is far ahead of the median.
        Assert.True(count.Max() > 8 * count.Order().ElementAt(count.Length / 2));
    }

    [Fact]
    public void SequencesAreOnesOwn()
    {
        var data = new SyntheticData(32, 3);
        int[] a = new int[33],
            b = new int[33],
            c = new int[33];
        data.Sequence(5, a);
        data.Sequence(6, b);
        new SyntheticData(32, 3).Sequence(5, c);
        Assert.Equal(a, c);
        Assert.NotEqual(a, b);
        new SyntheticData(32, 4).Sequence(5, b);
        Assert.NotEqual(a, b);
        data.HeldOut(5, b);
        Assert.NotEqual(a, b);
        double costs = Enumerable.Range(0, data.HeldOutSequences).Sum(data.TrueCost) / (32.0 * data.HeldOutSequences);
        Assert.InRange(data.Entropy!.Value, costs - 0.05, costs + 0.05);
    }

    [Fact]
    public void RulesAreZipfianAndTheirEntropyIsASum()
    {
        var language = new QuantaLanguage(7);
        double[] entropies = language.Entropies(),
            shares = new double[QuantaLanguage.Rules];
        Span<int> fact = stackalloc int[QuantaLanguage.FactTokens];
        for (int rule = 0; rule < shares.Length; rule++)
        {
            shares[rule] = 1;
            for (int place = QuantaLanguage.Digits - 1, rest = rule; place >= 0; place--, rest /= QuantaLanguage.Base)
            {
                fact[place] = place * QuantaLanguage.Base + rest % QuantaLanguage.Base;
            }
            for (int place = 0; place < QuantaLanguage.Digits; place++)
            {
                shares[rule] *= language.Probability(fact[..(place + 1)]);
            }
        }
        Assert.Equal(1, shares.Sum(), 1e-9);
        // The chain rule: the digits together have the entropy of the rule.
        Assert.Equal(-shares.Sum(p => p * Math.Log(p)), entropies[..QuantaLanguage.Digits].Sum(), 1e-9);
        for (int rank = 1; 2 * rank <= shares.Length; rank *= 2)
        {
            Assert.Equal(Math.Pow(2, 1 + QuantaLanguage.Exponent), shares[rank - 1] / shares[2 * rank - 1], 1e-3);
        }
        // A value is a rule's own but for the noise.
        for (int place = QuantaLanguage.Digits; place < QuantaLanguage.FactTokens; place++)
        {
            double sum = 0,
                entropy = 0,
                largest = 0;
            for (int value = 0; value < QuantaLanguage.Range; value++)
            {
                fact[place] = QuantaLanguage.Digits * QuantaLanguage.Base + (place - QuantaLanguage.Digits) * QuantaLanguage.Range + value;
                double p = language.Probability(fact[..(place + 1)]);
                (sum, entropy, largest) = (sum + p, entropy - p * Math.Log(p), Math.Max(largest, p));
            }
            Assert.Equal(1, sum, 1e-12);
            Assert.Equal(1 - QuantaLanguage.Noise * (1 - 1.0 / QuantaLanguage.Range), largest, 1e-12);
            Assert.Equal(entropy, entropies[place], 1e-12);
        }
    }

    [Fact]
    public void FactsCostTheirEntropy()
    {
        var language = new QuantaLanguage(7);
        double[] entropies = language.Entropies(),
            sums = new double[entropies.Length],
            squares = new double[entropies.Length];
        const int Facts = 50_000;
        var tokens = new int[2 * QuantaLanguage.FactTokens];
        for (int text = 0; text < Facts; text++)
        {
            language.Write(new SplitMix(1, (ulong)text), tokens);
            for (int place = 0; place < entropies.Length; place++)
            {
                // The second fact of a text, so that what is before it is seen to play no part.
                double cost = -Math.Log(language.Probability(tokens.AsSpan(0, QuantaLanguage.FactTokens + place + 1)));
                (sums[place], squares[place]) = (sums[place] + cost, squares[place] + cost * cost);
            }
        }
        for (int place = 0; place < entropies.Length; place++)
        {
            double mean = sums[place] / Facts,
                error = Math.Sqrt((squares[place] / Facts - mean * mean) / Facts);
            Assert.InRange((mean - entropies[place]) / error, -4, 4);
        }
        var data = new QuantaData(64, 3);
        double exact = Enumerable.Range(1, 64).Average(t => entropies[t % QuantaLanguage.FactTokens]);
        Assert.Equal(exact, data.Entropy!.Value, 1e-12);
        double held = Enumerable.Range(0, data.HeldOutSequences).Sum(data.TrueCost) / (64.0 * data.HeldOutSequences);
        Assert.InRange(data.Entropy!.Value - held, -0.03, 0.03);
    }

    [Fact]
    public void FactsAreTheSameOnEveryMachine()
    {
        var data = new QuantaData(64, 3);
        int[] a = new int[65],
            b = new int[65];
        data.Sequence(5, a);
        new QuantaData(64, 3).Sequence(5, b);
        Assert.Equal(a, b);
        // From a second implementation of the generator, in Python.
        Assert.Equal([0, 32, 64, 107, 115, 132, 0, 32, 68, 102, 127, 128, 0, 32, 67, 97, 113, 137, 0, 32, 90, 102, 116, 137], a[..24]);
        Assert.Equal(0.9165549130239244, data.Entropy!.Value, 1e-12);
        new QuantaData(64, 4).Sequence(5, b);
        Assert.NotEqual(a, b);
        data.HeldOut(5, b);
        Assert.NotEqual(a, b);
        Assert.All(a.Index(), one => Assert.InRange(one.Item, 32 * Math.Min(one.Index % 6, 3), QuantaLanguage.Vocabulary - 1));
    }

    [Fact]
    public void CorpusHoldsItsTailOut()
    {
        using var folder = new ScratchFolder();
        string path = folder["text"];
        byte[] text = [.. Enumerable.Range(0, 4000).Select(i => (byte)(i / 16))];
        File.WriteAllBytes(path, text);
        ByteCorpus corpus = ByteCorpus.Read(path, 16, 0);
        Assert.Equal((256, 12), (corpus.Vocabulary, corpus.HeldOutSequences));
        var tokens = new int[17];
        corpus.HeldOut(0, tokens);
        Assert.Equal(text.Skip(3800).Take(17).Select(value => (int)value), tokens);
        for (int i = 0; i < 500; i++)
        {
            corpus.Sequence(i, tokens);
            Assert.True(tokens[^1] <= 3800 / 16 && tokens[^1] - tokens[0] == 1);
        }
        File.WriteAllBytes(path, text[..600]);
        Assert.Contains("660", Assert.Throws<ArgumentException>(() => ByteCorpus.Read(path, 16, 0)).Message, StringComparison.Ordinal);
    }
}
