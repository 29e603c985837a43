using System.Numerics;

namespace KernelGen.Training;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101), and its variant AMSGrad (Reddi, Kale and
/// Kumar, arXiv 1904.09237), whose second moments never fall. Moments and ε are those of Llama's training: 0.9, 0.95, 1e-8.
/// </summary>
/// <param name="layout">Which parameters are decayed.</param>
/// <param name="decay">Decay of matrices.</param>
/// <param name="largest">Whether second moments never fall: AMSGrad.</param>
/// <param name="factor">Factor of the rate of each tensor; decay goes without it. 1 if null.</param>
internal sealed class GradientOptimizer(ParameterLayout layout, double decay, bool largest, Func<ParameterTensor, double>? factor = null)
{
    private const float Beta1 = 0.9f,
        Beta2 = 0.95f,
        Epsilon = 1e-8f;

    private readonly float[] _first = new float[layout.Length],
        _second = new float[layout.Length],
        _top = largest ? new float[layout.Length] : [];
    private double _power1 = 1,
        _power2 = 1;

    /// <summary>What the steps so far have left, by name.</summary>
    public IEnumerable<(string Name, float[] Values)> State =>
        [("first", _first), ("second", _second), .. largest ? ((string, float[])[])[("top", _top)] : []];

    /// <summary>Goes on as if so many steps had been taken.</summary>
    /// <param name="steps">The steps.</param>
    public void Resume(long steps)
    {
        for (long step = 0; step < steps; step++)
        {
            _power1 *= Beta1;
            _power2 *= Beta2;
        }
    }

    /// <summary>Takes a step.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="gradient">Their gradient.</param>
    /// <param name="scale">Factor of the gradient, from clipping.</param>
    /// <param name="rate">Learning rate.</param>
    public void Step(Span<float> parameters, ReadOnlySpan<float> gradient, float scale, double rate)
    {
        _power1 *= Beta1;
        _power2 *= Beta2;
        // Bias corrections are folded into the rate and ε: m̂ / (√v̂ + ε) = √c2/c1 · m / (√v + √c2·ε).
        double root = Math.Sqrt(1 - _power2);
        foreach (ParameterTensor tensor in layout.Tensors)
        {
            bool decays = tensor.Kind is ParameterKind.Linear or ParameterKind.Embedding;
            float keep = decays ? (float)(1 - rate * decay) : 1;
            double own = factor is null ? rate : rate * factor(tensor);
            var numbers = new Numbers(scale, (float)(own * root / (1 - _power1)), (float)(root * Epsilon));
            Range range = tensor.Range;
            Update(
                numbers,
                keep,
                parameters[range],
                gradient[range],
                _first.AsSpan(range),
                _second.AsSpan(range),
                largest ? _top.AsSpan(range) : _second.AsSpan(range)
            );
        }
    }

    /// <summary>√ Σ g²: what clipping compares with its limit.</summary>
    public static double Norm(ReadOnlySpan<float> gradient)
    {
        double sum = 0;
        for (int start = 0; start < gradient.Length; start += 4096)
        {
            sum += System.Numerics.Tensors.TensorPrimitives.SumOfSquares(gradient.Slice(start, Math.Min(4096, gradient.Length - start)));
        }
        return Math.Sqrt(sum);
    }

    /// <param name="Scale">Factor of the gradient.</param>
    /// <param name="Rate">Learning rate with bias corrections.</param>
    /// <param name="Epsilon">ε with bias correction.</param>
    private readonly record struct Numbers(float Scale, float Rate, float Epsilon);

    private static void Update(
        Numbers numbers,
        float keep,
        Span<float> x,
        ReadOnlySpan<float> gradient,
        Span<float> first,
        Span<float> second,
        Span<float> top
    )
    {
        Span<Vector<float>> xs = ElementLoops.Vectors(x),
            firsts = ElementLoops.Vectors(first),
            seconds = ElementLoops.Vectors(second),
            tops = ElementLoops.Vectors(top);
        ReadOnlySpan<Vector<float>> gradients = ElementLoops.Vectors(gradient);
        var epsilon = new Vector<float>(numbers.Epsilon);
        for (int i = 0; i < xs.Length; i++)
        {
            Vector<float> g = gradients[i] * numbers.Scale;
            Vector<float> m = firsts[i] * Beta1 + g * (1 - Beta1),
                v = seconds[i] * Beta2 + g * g * (1 - Beta2);
            (firsts[i], seconds[i]) = (m, v);
            tops[i] = v = Vector.Max(v, tops[i]);
            xs[i] = xs[i] * keep - numbers.Rate * m / (Vector.SquareRoot(v) + epsilon);
        }
        for (int i = xs.Length * Vector<float>.Count; i < x.Length; i++)
        {
            float g = gradient[i] * numbers.Scale;
            float m = first[i] * Beta1 + g * (1 - Beta1),
                v = second[i] * Beta2 + g * g * (1 - Beta2);
            (first[i], second[i]) = (m, v);
            top[i] = v = MathF.Max(v, top[i]);
            x[i] = x[i] * keep - numbers.Rate * m / (MathF.Sqrt(v) + numbers.Epsilon);
        }
    }
}
