using KernelGen.Tests;

namespace KernelGen.Training.Tests;

public class DataTests
{
    [Fact]
    public void NextTokensFollowTheStatedDistribution()
    {
        var language = new SyntheticLanguage(7, 16);
        var shares = new double[SyntheticLanguage.Vocabulary];
        // Chi-square over tokens 4 of texts, each against its own exact distribution: summed, counts of token i have mean Σ p and variance Σ p(1 − p).
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
