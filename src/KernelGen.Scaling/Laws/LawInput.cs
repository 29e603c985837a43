using System.Collections.Frozen;

namespace KernelGen.Scaling;

/// <summary>What a law predicts from: parameters, tokens, the representations of the parts, and columns some laws add.</summary>
public sealed class LawInput
{
    private readonly FrozenDictionary<string, double> _columns;

    /// <summary>An input.</summary>
    /// <param name="parameters">Number of parameters N, positive. Whether embeddings count is a matter of the data.</param>
    /// <param name="tokens">Number of training tokens D, positive.</param>
    /// <param name="weights">Representation of the weights; dense if null.</param>
    /// <param name="activations">Representation of the activations; dense if null.</param>
    /// <param name="kvCache">Representation of keys and values; dense if null.</param>
    /// <param name="method">Training method, for the laws that tell methods apart.</param>
    /// <param name="columns">Further inputs by column name, as a law's <see cref="IScalingLaw.Columns"/> lists them.</param>
    /// <exception cref="ArgumentOutOfRangeException">Parameters or tokens are not positive and finite.</exception>
    public LawInput(
        double parameters,
        double tokens,
        RepresentationPoint? weights = null,
        RepresentationPoint? activations = null,
        RepresentationPoint? kvCache = null,
        string? method = null,
        IReadOnlyDictionary<string, double>? columns = null
    )
    {
        if (!(parameters > 0) || !double.IsFinite(parameters))
        {
            throw new ArgumentOutOfRangeException(nameof(parameters), parameters, "The number of parameters must be positive and finite.");
        }
        if (!(tokens > 0) || !double.IsFinite(tokens))
        {
            throw new ArgumentOutOfRangeException(nameof(tokens), tokens, "The number of tokens must be positive and finite.");
        }
        Params = parameters;
        Tokens = tokens;
        LogParams = Math.Log(parameters);
        LogTokens = Math.Log(tokens);
        Weights = weights ?? RepresentationPoint.Dense;
        Activations = activations ?? RepresentationPoint.Dense;
        KvCache = kvCache ?? RepresentationPoint.Dense;
        Method = method ?? "";
        _columns = columns is null ? FrozenDictionary<string, double>.Empty : columns.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Parameters N.</summary>
    public double Params { get; }

    /// <summary>Training tokens D.</summary>
    public double Tokens { get; }

    /// <summary>ln N, kept because a fit asks for it millions of times.</summary>
    public double LogParams { get; }

    /// <summary>ln D.</summary>
    public double LogTokens { get; }

    /// <summary>Representation of the weights.</summary>
    public RepresentationPoint Weights { get; }

    /// <summary>Representation of the activations.</summary>
    public RepresentationPoint Activations { get; }

    /// <summary>Representation of keys and values.</summary>
    public RepresentationPoint KvCache { get; }

    /// <summary>An input of size 1 with one compressed part, for questions about representations alone.</summary>
    /// <param name="point">The representation.</param>
    /// <param name="part">0 weights, 1 activations, 2 KV cache.</param>
    public static LawInput Of(RepresentationPoint point, int part) =>
        new(1, 1, part == 0 ? point : null, part == 1 ? point : null, part == 2 ? point : null);

    /// <summary>The representation of a part.</summary>
    /// <param name="part">0 weights, 1 activations, 2 KV cache.</param>
    public RepresentationPoint Part(int part) =>
        part switch
        {
            0 => Weights,
            1 => Activations,
            _ => KvCache,
        };

    /// <summary>True if any part is compressed.</summary>
    public bool IsCompressed => !(Weights.IsDense && Activations.IsDense && KvCache.IsDense);

    /// <summary>Training method; empty if unknown.</summary>
    public string Method { get; }

    /// <summary>The further columns.</summary>
    public IReadOnlyDictionary<string, double> Columns => _columns;

    /// <summary>The value of a column that a law needs.</summary>
    /// <param name="column">Name of the column.</param>
    /// <exception cref="KeyNotFoundException">The input has no such column.</exception>
    public double this[string column] =>
        _columns.TryGetValue(column, out double value)
            ? value
            : throw new KeyNotFoundException($"The law needs a column '{column}', which the input does not have.");

    /// <summary>The value of a column, or a default.</summary>
    /// <param name="column">Name of the column.</param>
    /// <param name="otherwise">The value if there is no such column.</param>
    public double Get(string column, double otherwise) => _columns.TryGetValue(column, out double value) ? value : otherwise;

    /// <summary>The same input at another size.</summary>
    /// <param name="parameters">Parameters.</param>
    /// <param name="tokens">Tokens.</param>
    public LawInput At(double parameters, double tokens) => new(parameters, tokens, Weights, Activations, KvCache, Method, _columns);

    /// <summary>The same size in other representations.</summary>
    /// <param name="weights">Representation of the weights.</param>
    /// <param name="activations">Representation of the activations.</param>
    /// <param name="kvCache">Representation of keys and values.</param>
    public LawInput In(RepresentationPoint weights, RepresentationPoint? activations = null, RepresentationPoint? kvCache = null) =>
        new(Params, Tokens, weights, activations, kvCache, Method, _columns);
}
