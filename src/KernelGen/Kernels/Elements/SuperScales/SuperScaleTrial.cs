using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Elements;

/// <summary>Scales and minima that are tried on all groups, and the errors that they leave.</summary>
internal readonly ref struct SuperScaleTrial(int candidates, int groups, Span<float> room)
{
    private readonly Span<float> _scales = room[..(candidates * groups)],
        _minima = room.Slice(candidates * groups, candidates * groups);

    private readonly Span<float> _errors = room.Slice(2 * candidates * groups, candidates * groups);

    public void Set(int candidate, int group, float scale, float minimum) =>
        (_scales[candidate * groups + group], _minima[candidate * groups + group]) = (scale, minimum);

    public void Run<T>(GroupLanes lanes)
        where T : struct, ISimd<T> => lanes.Errors<T>(candidates, _minima, _scales, _errors);

    public float Error(int candidate, int group) => _errors[candidate * groups + group];

    /// <summary>The candidate with the least error of a group; the given one unless another has less.</summary>
    public int Best(int group, int stay)
    {
        int best = stay;
        float least = Error(stay, group);
        for (int candidate = 0, at = group; candidate < candidates; candidate++, at += groups)
        {
            (best, least) = _errors[at] < least ? (candidate, _errors[at]) : (best, least);
        }
        return best;
    }

    /// <summary>
    /// Of the candidates by pairs the pair whose groups, each taking the better of the two, lose least; −1 if none has a finite error.
    /// </summary>
    public int LeastPair()
    {
        double least = double.PositiveInfinity;
        int best = -1;
        for (int pair = 0; pair < candidates / 2; pair++)
        {
            double total = 0;
            for (int g = 0; g < groups; g++)
            {
                float one = Error(2 * pair, g),
                    other = Error(2 * pair + 1, g);
                total += other < one ? other : one;
            }
            (best, least) = total < least ? (pair, total) : (best, least);
        }
        return best;
    }
}
