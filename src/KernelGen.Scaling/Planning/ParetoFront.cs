namespace KernelGen.Scaling;

/// <summary>The choices that no other beats in both respects.</summary>
public static class ParetoFront
{
    /// <summary>The front, cheapest first.</summary>
    /// <typeparam name="T">Kind of choice.</typeparam>
    /// <param name="items">The choices.</param>
    /// <param name="cost">What a choice costs: bytes, seconds, … Items without a number are left out.</param>
    /// <param name="loss">What it loses.</param>
    public static IReadOnlyList<T> Of<T>(IEnumerable<T> items, Func<T, double> cost, Func<T, double> loss)
    {
        var front = new List<T>();
        double best = double.PositiveInfinity;
        foreach (T item in items.Where(item => double.IsFinite(cost(item)) && double.IsFinite(loss(item))).OrderBy(cost).ThenBy(loss))
        {
            if (loss(item) < best)
            {
                best = loss(item);
                front.Add(item);
            }
        }
        return front;
    }
}
