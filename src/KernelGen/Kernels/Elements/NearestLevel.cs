using System.ComponentModel;

namespace KernelGen.Kernels.Elements;

/// <summary>The scalar reference encoder of codebooks.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class NearestLevel
{
    /// <summary>Index of the level nearest to a value, by distances in double precision; a tie goes to the lower level.</summary>
    /// <param name="levels">Finite levels in any order.</param>
    /// <param name="value">A finite value.</param>
    public static int Index(ReadOnlySpan<float> levels, float value)
    {
        // Far outside the grid all distances would round to the same number.
        double near = Math.Clamp(value, MinOf(levels), MaxOf(levels));
        int best = 0;
        double bestDistance = double.PositiveInfinity;
        for (int i = 0; i < levels.Length; i++)
        {
            double distance = Math.Abs(near - levels[i]);
            if (distance < bestDistance || (distance == bestDistance && levels[i] < levels[best]))
            {
                (best, bestDistance) = (i, distance);
            }
        }
        return best;
    }

    private static float MinOf(ReadOnlySpan<float> levels)
    {
        float min = levels[0];
        foreach (float level in levels)
        {
            min = Math.Min(min, level);
        }
        return min;
    }

    private static float MaxOf(ReadOnlySpan<float> levels)
    {
        float max = levels[0];
        foreach (float level in levels)
        {
            max = Math.Max(max, level);
        }
        return max;
    }
}
