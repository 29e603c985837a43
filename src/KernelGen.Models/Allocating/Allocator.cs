namespace KernelGen.Models;

/// <summary>
/// Chooses a format for each tensor so that the costs are least and the bytes within a budget. By the linearity theorem of
/// HIGGS (Malinovskii et al., arXiv 2411.17525, eq. 4) the loss grows by Σ α·t², with t² the relative squared error of a
/// tensor and α its sensitivity, so that costs add up and the choice is a multiple-choice knapsack. It is solved exactly by a
/// dynamic programme over bytes whose states are kept only while the linear relaxation does not rule them out.
/// </summary>
public static class Allocator
{
    /// <summary>Costs nearer than this, relatively, are equal: sums of doubles are not exact either.</summary>
    private const double Tolerance = 1e-12;

    /// <summary>A partial choice: of the tensors so far, bytes and cost; which choice was last and from which state.</summary>
    private readonly record struct State(long Bytes, double Cost, int Choice, int Parent);

    /// <summary>The least cost within a budget; null if even the smallest choices take more.</summary>
    /// <param name="items">The tensors.</param>
    /// <param name="budget">Bytes that may be taken.</param>
    public static Allocation? Solve(IReadOnlyList<AllocationItem> items, long budget)
    {
        // Large tensors first: they decide most, and what they leave is filled exactly by the small ones.
        AllocationChoice[][] frontiers = [.. items.Select(Frontier)];
        int[] order = [.. Enumerable.Range(0, items.Count).OrderByDescending(i => frontiers[i][^1].Bytes).ThenBy(i => i)];
        AllocationChoice[][] sorted = [.. order.Select(i => frontiers[i])];
        if (sorted.Sum(frontier => frontier[0].Bytes) > budget)
        {
            return null;
        }
        Relaxation relaxation = Relaxation.Of(sorted, budget);
        int[] best = Improve(sorted, relaxation, budget) ?? relaxation.Rounded;
        var choices = new AllocationChoice[items.Count];
        for (int i = 0; i < order.Length; i++)
        {
            choices[order[i]] = sorted[i][best[i]];
        }
        return Allocation.Of(choices);
    }

    /// <summary>The best allocation in which all tensors have one format, among those within a budget; null if there is none.</summary>
    /// <param name="items">The tensors.</param>
    /// <param name="budget">Bytes that may be taken.</param>
    public static Allocation? BestUniform(IReadOnlyList<AllocationItem> items, long budget) =>
        Uniform(items).Where(allocation => allocation.Bytes <= budget).MinBy(allocation => allocation.Cost);

    /// <summary>All allocations in which all tensors have one format.</summary>
    /// <param name="items">The tensors.</param>
    public static IEnumerable<Allocation> Uniform(IReadOnlyList<AllocationItem> items)
    {
        foreach (CompressedFormat format in items.SelectMany(item => item.Choices).Select(choice => choice.Format).Distinct())
        {
            AllocationChoice?[] choices = [.. items.Select(item => item.Choices.FirstOrDefault(choice => choice.Format == format))];
            if (choices.All(choice => choice is not null))
            {
                yield return Allocation.Of(choices!);
            }
        }
    }

    /// <summary>Choices by bytes, without those that another one beats in both.</summary>
    private static AllocationChoice[] Frontier(AllocationItem item)
    {
        List<AllocationChoice> frontier = [];
        foreach (AllocationChoice choice in item.Choices.OrderBy(choice => choice.Bytes).ThenBy(choice => choice.Cost))
        {
            if (frontier.Count == 0 || choice.Cost < frontier[^1].Cost)
            {
                frontier.Add(choice);
            }
        }
        return [.. frontier];
    }

    /// <summary>The dynamic programme; null if nothing is better than what rounding the relaxation gave.</summary>
    private static int[]? Improve(AllocationChoice[][] items, Relaxation relaxation, long budget)
    {
        double limit = relaxation.RoundedCost - Math.Abs(relaxation.RoundedCost) * Tolerance;
        var layers = new List<State>[items.Length];
        List<State> states = [new(0, 0, -1, -1)];
        for (int i = 0; i < items.Length; i++)
        {
            states = Extended(states, items[i], relaxation, i + 1, budget, limit);
            layers[i] = states;
        }
        if (states.Count == 0)
        {
            return null;
        }
        var choices = new int[items.Length];
        int at = states.Count - 1; // most bytes, least cost
        for (int i = items.Length - 1; i >= 0; i--)
        {
            State state = layers[i][at];
            choices[i] = state.Choice;
            at = state.Parent;
        }
        return choices;
    }

    /// <summary>States after one more tensor: by bytes upwards, costs falling, none that cannot beat the limit.</summary>
    private static List<State> Extended(
        List<State> states,
        AllocationChoice[] item,
        Relaxation relaxation,
        int next,
        long budget,
        double limit
    )
    {
        List<State> all = [];
        for (int parent = 0; parent < states.Count; parent++)
        {
            State state = states[parent];
            for (int choice = 0; choice < item.Length; choice++)
            {
                long bytes = state.Bytes + item[choice].Bytes;
                double cost = state.Cost + item[choice].Cost;
                if (bytes + relaxation.LeastBytes[next] <= budget && cost + relaxation.LeastCost(next, budget - bytes) < limit)
                {
                    all.Add(new(bytes, cost, choice, parent));
                }
            }
        }
        all.Sort((a, b) => a.Bytes != b.Bytes ? a.Bytes.CompareTo(b.Bytes) : a.Cost.CompareTo(b.Cost));
        List<State> kept = [];
        foreach (State state in all)
        {
            if (kept.Count == 0 || state.Cost < kept[^1].Cost - Math.Abs(kept[^1].Cost) * Tolerance)
            {
                kept.Add(state);
            }
        }
        return kept;
    }
}
