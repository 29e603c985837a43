namespace KernelGen.Models;

/// <summary>
/// Sums over the values of a tensor and of what became of them, from which errors are formed; sums over disjoint values can
/// be added. Weighted sums count the column weights of an importance file, all 1 without one.
/// </summary>
public readonly record struct ValueErrors
{
    /// <summary>Number of values.</summary>
    public long Count { get; init; }

    /// <summary>Σ(x − y)².</summary>
    public double SquaredError { get; init; }

    /// <summary>Σx².</summary>
    public double Squares { get; init; }

    /// <summary>Σy².</summary>
    public double ResultSquares { get; init; }

    /// <summary>Σx·y.</summary>
    public double Products { get; init; }

    /// <summary>Σw(x − y)².</summary>
    public double WeightedError { get; init; }

    /// <summary>Σw·x².</summary>
    public double WeightedSquares { get; init; }

    /// <summary>Σw·y².</summary>
    public double WeightedResultSquares { get; init; }

    /// <summary>Σw·x·y.</summary>
    public double WeightedProducts { get; init; }

    /// <summary>Values beyond the threshold of outliers.</summary>
    public long Outliers { get; init; }

    /// <summary>The part of <see cref="SquaredError"/> that falls on outliers.</summary>
    public double OutlierError { get; init; }

    /// <summary>max|x − y|.</summary>
    public double Largest { get; init; }

    /// <summary>Relative mean squared error Σ(x − y)²/Σx²; 0 where nothing differs.</summary>
    public double RelativeError => Ratio(SquaredError, Squares);

    /// <summary>The same under the weights.</summary>
    public double WeightedRelativeError => Ratio(WeightedError, WeightedSquares);

    /// <summary>Cosine of the angle between original and result; 1 where both are zero.</summary>
    public double Cosine => Angle(Products, Squares, ResultSquares);

    /// <summary>The same under the weights.</summary>
    public double WeightedCosine => Angle(WeightedProducts, WeightedSquares, WeightedResultSquares);

    /// <summary>Share of the values that are outliers.</summary>
    public double OutlierShare => Count > 0 ? (double)Outliers / Count : 0;

    /// <summary>Share of the squared error that falls on outliers.</summary>
    public double OutlierErrorShare => SquaredError > 0 ? OutlierError / SquaredError : 0;

    /// <summary>Sums over both parts.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static ValueErrors operator +(ValueErrors a, ValueErrors b) =>
        new()
        {
            Count = a.Count + b.Count,
            SquaredError = a.SquaredError + b.SquaredError,
            Squares = a.Squares + b.Squares,
            ResultSquares = a.ResultSquares + b.ResultSquares,
            Products = a.Products + b.Products,
            WeightedError = a.WeightedError + b.WeightedError,
            WeightedSquares = a.WeightedSquares + b.WeightedSquares,
            WeightedResultSquares = a.WeightedResultSquares + b.WeightedResultSquares,
            WeightedProducts = a.WeightedProducts + b.WeightedProducts,
            Outliers = a.Outliers + b.Outliers,
            OutlierError = a.OutlierError + b.OutlierError,
            Largest = Math.Max(a.Largest, b.Largest),
        };

    /// <summary>Compares whole rows.</summary>
    /// <param name="x">The original.</param>
    /// <param name="y">What became of it.</param>
    /// <param name="weights">Weight of each column; empty for 1.</param>
    /// <param name="outlier">Magnitude beyond which a value of the original is an outlier.</param>
    public static ValueErrors Of(
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> y,
        ReadOnlySpan<float> weights = default,
        double outlier = double.PositiveInfinity
    )
    {
        double error = 0,
            squares = 0,
            results = 0,
            products = 0,
            largest = 0,
            outlierError = 0;
        double weightedError = 0,
            weightedSquares = 0,
            weightedResults = 0,
            weightedProducts = 0;
        long outliers = 0;
        int column = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double a = x[i],
                b = y[i],
                difference = a - b,
                square = difference * difference;
            error += square;
            squares += a * a;
            results += b * b;
            products += a * b;
            largest = Math.Max(largest, Math.Abs(difference));
            if (Math.Abs(a) > outlier)
            {
                outliers++;
                outlierError += square;
            }
            if (!weights.IsEmpty)
            {
                double weight = weights[column];
                column = column + 1 == weights.Length ? 0 : column + 1;
                weightedError += weight * square;
                weightedSquares += weight * a * a;
                weightedResults += weight * b * b;
                weightedProducts += weight * a * b;
            }
        }
        return new()
        {
            Count = x.Length,
            SquaredError = error,
            Squares = squares,
            ResultSquares = results,
            Products = products,
            WeightedError = weights.IsEmpty ? error : weightedError,
            WeightedSquares = weights.IsEmpty ? squares : weightedSquares,
            WeightedResultSquares = weights.IsEmpty ? results : weightedResults,
            WeightedProducts = weights.IsEmpty ? products : weightedProducts,
            Outliers = outliers,
            OutlierError = outlierError,
            Largest = largest,
        };
    }

    private static double Angle(double products, double squares, double results) =>
        squares > 0 && results > 0 ? products / Math.Sqrt(squares * results)
        : squares == results ? 1
        : 0;

    private static double Ratio(double error, double squares) => error == 0 ? 0 : error / squares;
}
