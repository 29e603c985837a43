namespace KernelGen.Models;

/// <summary>
/// The linear relaxation of the choice: tensors may mix two neighbouring formats of their convex hull. Steps along all hulls
/// are taken from the one that saves most cost per byte on; the last step that fits gives the price of a byte, from which
/// follows a lower bound of what any choice for the remaining tensors can cost.
/// </summary>
internal sealed class Relaxation
{
    private readonly double _price;
    private readonly double[] _pricedCost;

    private Relaxation(double price, double[] pricedCost, long[] leastBytes, int[] rounded, double roundedCost)
    {
        _price = price;
        _pricedCost = pricedCost;
        LeastBytes = leastBytes;
        Rounded = rounded;
        RoundedCost = roundedCost;
    }

    /// <summary>Fewest bytes that tensors from an index on can take.</summary>
    public long[] LeastBytes { get; }

    /// <summary>A choice within the budget: all steps that fit.</summary>
    public int[] Rounded { get; }

    /// <summary>Its cost.</summary>
    public double RoundedCost { get; }

    /// <summary>No choice for the tensors from an index on costs less within so many bytes.</summary>
    public double LeastCost(int from, long bytes) => _pricedCost[from] - _price * bytes;

    /// <summary>A step along the hull of one tensor.</summary>
    private readonly record struct Step(int Item, int To, long Bytes, double Saved);

    /// <param name="items">For each tensor its choices, bytes rising and costs falling.</param>
    /// <param name="budget">Bytes that may be taken; at least those of all first choices.</param>
    public static Relaxation Of(AllocationChoice[][] items, long budget)
    {
        List<Step> steps = [];
        for (int item = 0; item < items.Length; item++)
        {
            int[] hull = Hull(items[item]);
            for (int i = 1; i < hull.Length; i++)
            {
                AllocationChoice from = items[item][hull[i - 1]],
                    to = items[item][hull[i]];
                steps.Add(new(item, hull[i], to.Bytes - from.Bytes, from.Cost - to.Cost));
            }
        }
        steps.Sort(
            (a, b) =>
            {
                int byGain = (b.Saved / b.Bytes).CompareTo(a.Saved / a.Bytes);
                return byGain != 0 ? byGain
                    : a.Item != b.Item ? a.Item.CompareTo(b.Item)
                    : a.To.CompareTo(b.To);
            }
        );
        var chosen = new int[items.Length];
        var stopped = new bool[items.Length];
        long left = budget - items.Sum(item => item[0].Bytes);
        double price = 0;
        foreach (Step step in steps)
        {
            if (stopped[step.Item])
            {
                continue;
            }
            if (step.Bytes <= left)
            {
                left -= step.Bytes;
                chosen[step.Item] = step.To;
            }
            else
            {
                stopped[step.Item] = true;
                price = price > 0 ? price : step.Saved / step.Bytes;
            }
        }
        return new(price, PricedCosts(items, price), LeastBytesFrom(items), chosen, items.Select((item, i) => item[chosen[i]].Cost).Sum());
    }

    private static double[] PricedCosts(AllocationChoice[][] items, double price)
    {
        var sums = new double[items.Length + 1];
        for (int i = items.Length - 1; i >= 0; i--)
        {
            sums[i] = sums[i + 1] + items[i].Min(choice => choice.Cost + price * choice.Bytes);
        }
        return sums;
    }

    private static long[] LeastBytesFrom(AllocationChoice[][] items)
    {
        var sums = new long[items.Length + 1];
        for (int i = items.Length - 1; i >= 0; i--)
        {
            sums[i] = sums[i + 1] + items[i][0].Bytes;
        }
        return sums;
    }

    /// <summary>Indices of the choices on the lower convex hull.</summary>
    private static int[] Hull(AllocationChoice[] choices)
    {
        List<int> hull = [];
        for (int i = 0; i < choices.Length; i++)
        {
            while (hull.Count >= 2 && Slope(hull[^2], hull[^1]) >= Slope(hull[^1], i))
            {
                hull.RemoveAt(hull.Count - 1);
            }
            hull.Add(i);
        }
        return [.. hull];

        double Slope(int a, int b) => (choices[b].Cost - choices[a].Cost) / (choices[b].Bytes - choices[a].Bytes);
    }
}
