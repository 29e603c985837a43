namespace KernelGen.Models;

/// <summary>A mean over tokens and its standard error.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="StandardError">Standard deviation over √count.</param>
/// <param name="Count">Number of tokens.</param>
public readonly record struct TokenMean(double Mean, double StandardError, long Count)
{
    internal static TokenMean Of(IReadOnlyList<double> values)
    {
        double mean = values.Count > 0 ? values.Average() : double.NaN;
        double variance = values.Count > 1 ? values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1) : double.NaN;
        return new(mean, Math.Sqrt(variance / Math.Max(1, values.Count)), values.Count);
    }
}

/// <summary>How well a model predicts a text.</summary>
/// <param name="Loss">−ln p of each token, in nats.</param>
/// <param name="Difference">Loss beyond the reference model's, token by token; null without one.</param>
/// <param name="Divergence">Kullback–Leibler divergence from the reference model's distribution, in nats; null without one.</param>
public sealed record LlamaScore(TokenMean Loss, TokenMean? Difference, TokenMean? Divergence)
{
    /// <summary>exp(loss).</summary>
    public double Perplexity => Math.Exp(Loss.Mean);

    /// <summary>Standard error of the perplexity.</summary>
    public double PerplexityError => Perplexity * Loss.StandardError;
}

/// <summary>
/// Scores a text in windows that do not overlap: each token but the first of the text is predicted once, from those before it
/// in its window.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="context">Tokens of a window.</param>
/// <param name="reference">A model to compare with, of the same vocabulary; null for none.</param>
public sealed class LlamaEvaluation(LlamaModel model, int context, LlamaModel? reference = null)
{
    /// <summary>Scores a text.</summary>
    /// <param name="tokens">Two tokens or more.</param>
    /// <param name="progress">Hears of the tokens that are predicted so far, and their mean loss.</param>
    public LlamaScore Score(ReadOnlySpan<int> tokens, Action<long, double>? progress = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens.Length, 2);
        int vocabulary = model.Config.VocabularySize;
        if (reference is not null && reference.Config.VocabularySize != vocabulary)
        {
            throw new ArgumentException($"The reference model has {reference.Config.VocabularySize} tokens, the model {vocabulary}.");
        }
        List<double> losses = [],
            differences = [],
            divergences = [];
        double sum = 0;
        for (int start = 0; start + 1 < tokens.Length; start += context)
        {
            int[] targets = tokens.Slice(start + 1, Math.Min(context, tokens.Length - start - 1)).ToArray();
            ReadOnlySpan<int> window = tokens.Slice(start, targets.Length);
            float[]? expected = reference is null ? null : AllLogits(reference, window);
            model.Read(window, (first, count, logits) =>
            {
                for (int i = 0; i < count; i++)
                {
                    ReadOnlySpan<float> row = logits.Span.Slice(i * vocabulary, vocabulary);
                    double normaliser = LlamaMath.LogSumExp(row),
                        loss = normaliser - row[targets[first + i]];
                    losses.Add(loss);
                    sum += loss;
                    if (expected is not null)
                    {
                        ReadOnlySpan<float> other = expected.AsSpan((first + i) * vocabulary, vocabulary);
                        double otherNormaliser = LlamaMath.LogSumExp(other);
                        differences.Add(loss - (otherNormaliser - other[targets[first + i]]));
                        divergences.Add(Divergence(other, otherNormaliser, row, normaliser));
                    }
                }
            });
            progress?.Invoke(losses.Count, sum / losses.Count);
        }
        return new(
            TokenMean.Of(losses),
            reference is null ? null : TokenMean.Of(differences),
            reference is null ? null : TokenMean.Of(divergences)
        );
    }

    private static float[] AllLogits(LlamaModel model, ReadOnlySpan<int> window)
    {
        int vocabulary = model.Config.VocabularySize;
        var all = new float[window.Length * vocabulary];
        model.Read(window, (first, count, logits) => logits.Span.CopyTo(all.AsSpan(first * vocabulary, count * vocabulary)));
        return all;
    }

    /// <summary>Σ p·(ln p − ln q).</summary>
    private static double Divergence(ReadOnlySpan<float> p, double pNormaliser, ReadOnlySpan<float> q, double qNormaliser)
    {
        double sum = 0;
        for (int i = 0; i < p.Length; i++)
        {
            double logP = p[i] - pNormaliser;
            sum += Math.Exp(logP) * (logP - (q[i] - qNormaliser));
        }
        return sum;
    }
}
