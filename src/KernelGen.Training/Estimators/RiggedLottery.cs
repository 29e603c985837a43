using KernelGen.Scaling;

namespace KernelGen.Training;

/// <summary>
/// RigL (Evci et al., arXiv 1911.11134): a random mask of the final density from the start. Every few steps, until three
/// quarters of the run, a share α/2·(1 + cos(π t / T)) of the kept weights of least magnitude is dropped, and as many masked
/// ones with the largest gradient grow, from zero.
/// </summary>
internal sealed class RiggedLottery : FixedMask, IScheduled
{
    /// <summary>Share of the run after which the mask stays.</summary>
    private const double Until = 0.75;

    private readonly double _drop;
    private readonly long _every;
    private readonly bool[] _dropped;

    /// <param name="length">Number of weights.</param>
    /// <param name="density">Share of weights kept.</param>
    /// <param name="drop">α, share replaced at first.</param>
    /// <param name="every">Steps between two changes.</param>
    /// <param name="seed">Chooses the first mask.</param>
    public RiggedLottery(int length, double density, double drop, long every, ulong seed)
        : base(length)
    {
        (_drop, _every) = (drop, every);
        _dropped = new bool[length];
        var random = new float[length];
        ValueSource.Gaussian.Fill(seed, 0, random);
        Drop(random, length - Math.Max(1, (int)Math.Round(density * length)));
    }

    public void Advance(long step, long steps, Span<float> weights, ReadOnlySpan<float> gradient)
    {
        double progress = (double)step / (Until * steps);
        if (step == 0 || step % _every != 0 || progress >= 1)
        {
            return;
        }
        int count = Count;
        Kept.CopyTo(_dropped, 0);
        Drop(weights, (int)(count * 0.5 * _drop * (1 + Math.Cos(Math.PI * progress))));
        int free = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            // What was dropped just now may not grow at once.
            _dropped[i] = _dropped[i] && !Kept[i];
            if (!Kept[i] && !_dropped[i])
            {
                (Order[free], Keys[free]) = (i, -Math.Abs(gradient[i]));
                free++;
            }
        }
        Sort(free);
        int grown = Math.Min(count - Count, free);
        foreach (int i in Order.AsSpan(0, grown))
        {
            Kept[i] = true;
            weights[i] = 0;
        }
    }
}
