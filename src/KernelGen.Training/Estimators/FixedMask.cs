namespace KernelGen.Training;

/// <summary>Weights behind a mask that stays until it is changed: what is masked is zero and gets no gradient.</summary>
internal abstract class FixedMask : Estimator
{
    /// <param name="length">Number of weights; all are kept at first.</param>
    protected FixedMask(int length)
    {
        Kept = new bool[length];
        Kept.AsSpan().Fill(true);
        Order = new int[length];
        Keys = new float[length];
    }

    /// <summary>Which weights are kept.</summary>
    public bool[] Kept { get; }

    /// <summary>Room for the numbers of weights, and for what they are sorted by.</summary>
    protected int[] Order { get; }

    /// <inheritdoc cref="Order"/>
    protected float[] Keys { get; }

    /// <summary>Number of weights kept.</summary>
    protected int Count => Kept.AsSpan().Count(true);

    public override void Forward(in Place place, ReadOnlyMemory<float> values, Memory<float> held) => Apply(values.Span, held.Span);

    public override void Backward(
        in Place place,
        ReadOnlySpan<float> values,
        ReadOnlySpan<float> held,
        Span<float> gradient,
        Span<float> learned
    ) => Apply(gradient, gradient);

    /// <summary>Masks the kept weights of smallest magnitude.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="count">How many; none if it is 0 or less.</param>
    protected void Drop(ReadOnlySpan<float> weights, int count)
    {
        int kept = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (Kept[i])
            {
                (Order[kept], Keys[kept]) = (i, Math.Abs(weights[i]));
                kept++;
            }
        }
        Sort(kept);
        for (int i = 0; i < Math.Min(count, kept); i++)
        {
            Kept[Order[i]] = false;
        }
    }

    /// <summary>
    /// Sorts the first numbers by their keys, and equal ones by themselves, so that the order is the same on every machine.
    /// </summary>
    protected void Sort(int count)
    {
        Keys.AsSpan(0, count).Sort(Order.AsSpan(0, count), static (a, b) => a.CompareTo(b));
        for (int start = 0; start < count; )
        {
            int end = start + 1;
            while (end < count && Keys[end] == Keys[start])
            {
                end++;
            }
            Order.AsSpan(start..end).Sort();
            start = end;
        }
    }

    private void Apply(ReadOnlySpan<float> from, Span<float> to)
    {
        for (int i = 0; i < from.Length; i++)
        {
            to[i] = Kept[i] ? from[i] : 0;
        }
    }
}
