using System.Globalization;

namespace KernelGen.Models;

/// <summary>
/// What packing lost of a tensor beyond the rounding that its format is made for: scales that left their type, values that became
/// infinite, groups of which nothing is left. Sums over disjoint rows can be added.
/// </summary>
public readonly record struct PackingLoss
{
    /// <summary>Part of a group's energy below which its scale has saturated: a factor of ten in its values.</summary>
    private const double KeptEnergy = 0.01;

    /// <summary>How far above its error on Gaussian values a format's error may be, and what is no matter in any case.</summary>
    private const double LargestFactor = 16,
        Harmless = 0.02,
        Hopeless = 0.9;

    /// <summary>Share of the energy, or of the groups, that may become zero without making the tensor a failure.</summary>
    private const double HarmlessEnergy = 1e-8,
        HarmlessShare = 0.1;

    /// <summary>Values that share fate where a format has no scale.</summary>
    private const int GroupWithoutScale = 32;

    /// <summary>Groups that were looked at.</summary>
    public long Groups { get; init; }

    /// <summary>Groups of values, not all zero, that became all zero.</summary>
    public long Flushed { get; init; }

    /// <summary>Groups that lost nearly all their energy.</summary>
    public long Saturated { get; init; }

    /// <summary>Finite values that became infinite or NaN.</summary>
    public long Infinite { get; init; }

    /// <summary>Σ(x − y)² of values that stayed finite.</summary>
    public double SquaredError { get; init; }

    /// <summary>Σx² of all.</summary>
    public double Squares { get; init; }

    /// <summary>Σx² of the flushed groups.</summary>
    public double FlushedSquares { get; init; }

    /// <summary>Relative mean squared error.</summary>
    public double RelativeError => SquaredError == 0 ? 0 : SquaredError / Squares;

    /// <summary>Whether anything was lost that should not be.</summary>
    /// <param name="format">The format; null for plain values.</param>
    public bool IsAlarming(CompressedFormat? format) => Flushed > 0 || Problem(format) is not null;

    /// <summary>What makes the tensor a failure, in words; null if nothing does.</summary>
    /// <param name="format">The format; null for plain values.</param>
    public string? Problem(CompressedFormat? format)
    {
        string type = format?.Info.Name ?? "its type";
        if (Infinite > 0)
        {
            return string.Create(CultureInfo.InvariantCulture, $"has {Infinite} finite values that became infinite in {type}");
        }
        if (Saturated > 0)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"has {Saturated} of {Groups} groups that lost nearly all of their energy: their scales are beyond what {type} stores"
            );
        }
        if (Flushed > 0 && (FlushedSquares > HarmlessEnergy * Squares || Flushed > HarmlessShare * Groups))
        {
            return FlushedWords(type);
        }
        double gaussian = format is null ? 0 : GaussianError.Of(format),
            largest = Math.Min(Math.Max(LargestFactor * gaussian, Harmless), Math.Max(Hopeless, 2 * gaussian));
        return RelativeError > largest
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"has relative error {RelativeError:G3} in {type}, whose error on Gaussian values is {gaussian:G3}"
            )
            : null;
    }

    /// <summary>The loss in words, whether it makes the tensor a failure or not.</summary>
    /// <param name="format">The format; null for plain values.</param>
    public string Words(CompressedFormat? format) => Problem(format) ?? FlushedWords(format?.Info.Name ?? "its type");

    /// <summary>Sums over both parts.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static PackingLoss operator +(PackingLoss a, PackingLoss b) =>
        new()
        {
            Groups = a.Groups + b.Groups,
            Flushed = a.Flushed + b.Flushed,
            Saturated = a.Saturated + b.Saturated,
            Infinite = a.Infinite + b.Infinite,
            SquaredError = a.SquaredError + b.SquaredError,
            Squares = a.Squares + b.Squares,
            FlushedSquares = a.FlushedSquares + b.FlushedSquares,
        };

    /// <summary>Compares whole rows.</summary>
    /// <param name="x">The original.</param>
    /// <param name="y">What became of it.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="info">The format; null for plain values.</param>
    public static PackingLoss Of(ReadOnlySpan<float> x, ReadOnlySpan<float> y, int columns, FormatInfo? info)
    {
        int group = Math.Min(columns, GroupOf(info, columns));
        var sum = new PackingLoss();
        for (int row = 0; row < x.Length; row += columns)
        {
            for (int start = 0; start < columns; start += group)
            {
                int length = Math.Min(group, columns - start);
                sum += OfGroup(x.Slice(row + start, length), y.Slice(row + start, length));
            }
        }
        return sum;
    }

    /// <summary>
    /// Values that one scale decides about: the larger of group and block, the row where its scale is that of row or tensor.
    /// </summary>
    private static int GroupOf(FormatInfo? info, int columns) =>
        info is null || info.Group == 0 ? GroupWithoutScale
        : info.Group < 0 ? columns
        : Math.Max(info.Group, info.Block);

    private static PackingLoss OfGroup(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double before = 0,
            after = 0,
            error = 0;
        long infinite = 0;
        bool empty = true,
            flushed = true;
        for (int i = 0; i < x.Length; i++)
        {
            if (!float.IsFinite(y[i]))
            {
                infinite += float.IsFinite(x[i]) ? 1 : 0;
                flushed = false;
                continue;
            }
            double a = x[i],
                b = y[i];
            before += a * a;
            after += b * b;
            error += (a - b) * (a - b);
            empty &= x[i] == 0;
            flushed &= y[i] == 0;
        }
        flushed &= !empty;
        return new()
        {
            Groups = 1,
            Flushed = flushed ? 1 : 0,
            Saturated = !flushed && infinite == 0 && after < KeptEnergy * before ? 1 : 0,
            Infinite = infinite,
            SquaredError = error,
            Squares = before,
            FlushedSquares = flushed ? before : 0,
        };
    }

    private string FlushedWords(string type) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"has {Flushed} of {Groups} groups that became zero: their values are too small for {type}"
        );
}
