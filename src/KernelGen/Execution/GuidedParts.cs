namespace KernelGen;

/// <summary>
/// Work cut into parts that become smaller: every round of as many parts as there are threads takes three quarters of what is left.
/// Taking a part costs a trip between processors, so the first ones are large; threads that begin late or are held up leave more of the
/// small ones to the others (factoring, Hummel, Schonberg and Flynn, 1992).
/// </summary>
internal readonly struct GuidedParts
{
    /// <summary>One of so many parts a round leaves for the next ones.</summary>
    private const int Left = 4;

    private readonly int _units, _round, _smallest;

    /// <summary>Cuts some units of work.</summary>
    /// <param name="units">Number of units that cannot be cut.</param>
    /// <param name="round">Parts of a round: as many as there are threads, or more where somebody waits to cancel them.</param>
    /// <param name="smallest">Units that are worth taking, at least 1.</param>
    public GuidedParts(int units, int round, int smallest)
    {
        (_units, _round, _smallest) = (units, round, smallest);
        for (int left = units; left > 0;)
        {
            int part = Part(left), parts = Math.Min(round, (left - 1) / part + 1);
            Count += parts;
            left -= Math.Min(left, parts * part);
        }
    }

    /// <summary>Number of parts.</summary>
    public int Count { get; }

    /// <summary>The units of a part.</summary>
    /// <param name="index">Index of the part, less than <see cref="Count"/>.</param>
    /// <returns>The first unit, and the one after the last.</returns>
    public (int Start, int End) this[int index]
    {
        get
        {
            int left = _units;
            for (; index >= _round; index -= _round)
            {
                left -= _round * Part(left);
            }
            int part = Part(left), start = _units - left + index * part;
            return (start, start + Math.Min(part, _units - start));
        }
    }

    private int Part(int left) => Math.Max(_smallest, left / (Left * _round) * (Left - 1));
}
