namespace KernelGen.Training;

/// <summary>
/// Gradual magnitude pruning (Zhu and Gupta, arXiv 1710.01878): the share of zeros rises from 0 to the mask's as
/// s·(1 − (1 − t)³) while t goes from 0 to 1 between two moments of the run. What is pruned is zero, gets no gradient, and
/// does not come back.
/// </summary>
/// <param name="length">Number of weights.</param>
/// <param name="density">Share of weights kept in the end.</param>
/// <param name="begin">Share of the run after which pruning begins.</param>
/// <param name="end">Share of the run after which the last weights are pruned.</param>
/// <param name="every">Steps between two prunings.</param>
internal sealed class MagnitudePruning(int length, double density, double begin, double end, long every) : FixedMask(length), IScheduled
{
    public void Advance(long step, long steps, Span<float> weights, ReadOnlySpan<float> gradient)
    {
        double progress = Math.Clamp(((double)step / steps - begin) / (end - begin), 0, 1);
        // The last pruning comes with the end of the schedule, regardless of the rhythm.
        bool last = progress == 1 && ((double)(step - 1) / steps - begin) / (end - begin) < 1;
        if (step % every == 0 || last)
        {
            double zeros = (1 - density) * (1 - Math.Pow(1 - progress, 3));
            int wanted = (int)Math.Round((1 - zeros) * weights.Length);
            for (int i = 0; i < weights.Length; i++)
            {
                weights[i] = Kept[i] ? weights[i] : 0;
            }
            Drop(weights, Count - wanted);
        }
    }
}
