namespace KernelGen.Kernels.Elements;

/// <summary>The levels of an element, ascending, and the code of the one nearest to a scaled value.</summary>
internal sealed class LevelGrid
{
    /// <summary>1.5 · 2²³: added and subtracted, it rounds a float32 of less than 2²² to the nearest integer, ties to even.</summary>
    public const float Rounder = 12582912f;

    private readonly float[] _levels;
    private readonly float[] _boundaries;
    private readonly byte[] _codes;

    public LevelGrid(IReadOnlyList<float> levelOfCode)
    {
        (float Level, byte Code)[] sorted =
        [
            .. levelOfCode
                .Select((level, code) => (level, (byte)code))
                .Where(entry => float.IsFinite(entry.level))
                .DistinctBy(entry => entry.level)
                .OrderBy(entry => entry.level),
        ];
        _levels = [.. sorted.Select(entry => entry.Level)];
        _codes = [.. sorted.Select(entry => entry.Code)];
        IsInteger = _levels.Select((level, rank) => level == _levels[0] + rank && level == MathF.Round(level)).All(whole => whole);
        IsMirrored = _levels.Select((level, rank) => level == -_levels[^(rank + 1)]).All(same => same);
        _boundaries = IsInteger ? [] : [.. _levels.Zip(_levels.Skip(1), (a, b) => 0.5f * (a + b))];
    }

    public float Lowest => _levels[0];

    public float Highest => _levels[^1];

    /// <summary>Number of levels.</summary>
    public int Count => _levels.Length;

    /// <summary>The levels, ascending.</summary>
    public ReadOnlySpan<float> Levels => _levels;

    /// <summary>Halfway between neighbouring levels; none if levels are integers.</summary>
    public ReadOnlySpan<float> Boundaries => _boundaries;

    /// <summary>Whether −ℓ is a level for every level ℓ.</summary>
    public bool IsMirrored { get; }

    /// <summary>Whether the levels are all integers between the lowest and the highest.</summary>
    public bool IsInteger { get; }

    /// <summary>The code of the level nearest to (x + minimum) · inverse.</summary>
    public byte Code(float x, float minimum, float inverse)
    {
        float value = (x + minimum) * inverse;
        if (IsInteger)
        {
            float inside =
                value < Lowest ? Lowest
                : Highest < value ? Highest
                : value;
            return _codes[(int)(inside + Rounder - Rounder - Lowest)];
        }
        int rank = 0;
        foreach (float boundary in _boundaries)
        {
            rank += boundary < value ? 1 : 0;
        }
        return _codes[rank];
    }
}
