namespace KernelGen;

/// <summary>Sums from which a relative mean squared error is formed: Σ(x − R(x))² and Σx².</summary>
/// <param name="SquaredError">Σ(x − R(x))².</param>
/// <param name="SquaredValue">Σx².</param>
/// <param name="Count">Number of values.</param>
public readonly record struct ErrorSums(double SquaredError, double SquaredValue, long Count)
{
    /// <summary>SquaredError / SquaredValue; 0 where both are 0.</summary>
    public double RelativeError => SquaredValue > 0 ? SquaredError / SquaredValue : 0;

    /// <summary>Adds two sums over disjoint values.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static ErrorSums operator +(ErrorSums a, ErrorSums b) =>
        new(a.SquaredError + b.SquaredError, a.SquaredValue + b.SquaredValue, a.Count + b.Count);
}
