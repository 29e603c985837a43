namespace KernelGen.Reports;

/// <summary>An axis, linear or logarithmic (the ends are then logarithms to base 10).</summary>
internal sealed record Axis(double Low, double High, bool Log)
{
    /// <summary>The axis that holds values, with some room.</summary>
    public static Axis Over(IEnumerable<double> values, bool log)
    {
        double[] finite = [.. values.Select(v => log ? Math.Log10(v) : v).Where(double.IsFinite).DefaultIfEmpty(0)];
        double low = finite.Min(),
            high = finite.Max(),
            // Values that differ by rounding are one value: ticks could not step from one to the next.
            pad = high - low > 1e-9 * Math.Max(Math.Abs(low), Math.Abs(high)) ? 0.05 * (high - low)
            : log ? 0.3
            : Math.Max(1e-3, 0.05 * Math.Abs(low));
        return new(low - pad, high + pad, log);
    }

    /// <summary>Where a value lies, 0 at the low end and 1 at the high end.</summary>
    public double Share(double value) => ((Log ? Math.Log10(value) : value) - Low) / (High - Low);

    /// <summary>Round values inside, at most so many (and at least two on a linear axis).</summary>
    public IEnumerable<double> Ticks(int most) => Log ? LogTicks(most) : LinearTicks(most);

    /// <summary>1, 2 and 5 times the powers of ten, or 1 and 3 times, or every power, or every second, third …</summary>
    private IEnumerable<double> LogTicks(int most)
    {
        double[] Powers(double[] factors, int every) =>
            [
                .. from power in Enumerable.Range((int)Math.Floor(Low), (int)Math.Ceiling(High) - (int)Math.Floor(Low) + 1)
                where power % every == 0
                from factor in factors
                where Math.Log10(factor) + power >= Low && Math.Log10(factor) + power <= High
                select factor * Math.Pow(10, power),
            ];
        if (High - Low < 0.7)
        {
            // Less than a factor of five: powers say nothing here.
            return new Axis(Math.Pow(10, Low), Math.Pow(10, High), false).LinearTicks(Math.Min(most, 6));
        }
        foreach (double[] factors in new double[][] { [1, 2, 5], [1, 3], [1] })
        {
            if (Powers(factors, 1) is { } ticks && ticks.Length <= most)
            {
                return ticks;
            }
        }
        return Powers([1], (int)Math.Ceiling((High - Low) / most));
    }

    /// <summary>Round numbers: 1, 2 or 5 times a power of ten.</summary>
    private IEnumerable<double> LinearTicks(int most)
    {
        double rough = (High - Low) / Math.Max(2, most - 2),
            power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step =
            power
            * (
                rough / power < 1.5 ? 1
                : rough / power < 3.5 ? 2
                : rough / power < 7.5 ? 5
                : 10
            );
        for (double tick = Math.Ceiling(Low / step) * step; tick <= High + 1e-9 * step; tick += step)
        {
            yield return Math.Abs(tick) < 1e-9 * step ? 0 : tick;
        }
    }
}
