namespace KernelGen.Scaling;

/// <summary>
/// A number that remembers how it was computed, so that a law is only its formula: the derivatives by all parameters come from one walk
/// back over the steps (automatic differentiation in reverse mode). A plain <c>double</c> converts to a constant.
/// </summary>
public readonly struct Traced
{
    private readonly Trace? _trace;

    /// <summary>Place on the trace; 0 for a constant.</summary>
    private readonly int _node;

    internal Traced(double value, Trace? trace, int node) => (Value, _trace, _node) = (value, trace, node);

    /// <summary>The number.</summary>
    public double Value { get; }

    /// <summary>A constant.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Traced(double value) => new(value, null, 0);

    /// <summary>Constants.</summary>
    /// <param name="values">The numbers.</param>
    public static Traced[] Constants(ReadOnlySpan<double> values)
    {
        var constants = new Traced[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            constants[i] = values[i];
        }
        return constants;
    }

    /// <summary>a + b.</summary>
    public static Traced operator +(Traced a, Traced b) => Of(a.Value + b.Value, a, 1, b, 1);

    /// <summary>a − b.</summary>
    public static Traced operator -(Traced a, Traced b) => Of(a.Value - b.Value, a, 1, b, -1);

    /// <summary>−a.</summary>
    public static Traced operator -(Traced a) => Of(-a.Value, a, -1, default, 0);

    /// <summary>a · b.</summary>
    public static Traced operator *(Traced a, Traced b) => Of(a.Value * b.Value, a, b.Value, b, a.Value);

    /// <summary>a / b.</summary>
    public static Traced operator /(Traced a, Traced b)
    {
        double ratio = a.Value / b.Value;
        return Of(ratio, a, 1 / b.Value, b, -ratio / b.Value);
    }

    /// <summary>eˣ.</summary>
    /// <param name="x">x.</param>
    public static Traced Exp(Traced x)
    {
        double value = Math.Exp(x.Value);
        return Of(value, x, value, default, 0);
    }

    /// <summary>The natural logarithm.</summary>
    /// <param name="x">x, positive.</param>
    public static Traced Log(Traced x) => Of(Math.Log(x.Value), x, 1 / x.Value, default, 0);

    /// <summary>The hyperbolic tangent.</summary>
    /// <param name="x">x.</param>
    public static Traced Tanh(Traced x)
    {
        double value = Math.Tanh(x.Value);
        return Of(value, x, 1 - value * value, default, 0);
    }

    /// <summary>The larger of two.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static Traced Max(Traced a, Traced b) => a.Value >= b.Value ? a : b;

    /// <summary>The derivatives of this number by the parameters of its trace.</summary>
    internal void Gradient(Span<double> gradient)
    {
        if (_trace is null)
        {
            gradient.Clear();
            return;
        }
        _trace.Gradient(_node, gradient);
    }

    private static Traced Of(double value, Traced a, double byA, Traced b, double byB) =>
        (a._trace ?? b._trace) is { } trace ? new Traced(value, trace, trace.Record(a._node, byA, b._node, byB)) : value;
}
