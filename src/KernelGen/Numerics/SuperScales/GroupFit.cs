namespace KernelGen;

/// <summary>
/// The scale and minimum of one group that least squared error asks for, before anything is rounded to stored types:
/// weight = level · scale − minimum. A ladder of ranges gives codes, least squares gives the scale and minimum of those codes,
/// and codes and scales are then refined in turn.
/// </summary>
internal sealed class GroupFit
{
    private const int Refinements = 4;

    private readonly LevelGrid _grid;
    private readonly bool _signedScale, _search;
    private readonly double[] _clips;
    private readonly (double Low, double High)[] _ends;

    /// <param name="grid">The levels.</param>
    /// <param name="signedScale">Whether a scale may be negative.</param>
    /// <param name="search">Whether to search; otherwise the range of the values is taken.</param>
    public GroupFit(LevelGrid grid, bool signedScale, bool search)
    {
        (_grid, _search) = (grid, search);
        // A grid that is its own mirror image gains nothing from the other sign.
        _signedScale = signedScale && !grid.IsMirrored;
        // How far the range is cut shrinks with the number of levels: up to about two levels of a side are given up, about
        // half a level is left unused. The steps were chosen by the error over Gaussian values in groups of 16 and 32. Weights
        // that lie on a grid themselves are met exactly when a whole number of levels stays unused.
        double side = 0.5 * (grid.Count - 1);
        double[] cuts = grid.Count <= 4 ? [0.1, -0.1, 0.3, 0.5, 0.7] : [0.0, -0.3, 0.3, 0.6, 0.9, 1.2];
        _clips = !search ? [1.0] : [1.0, .. Unused(side), .. Enumerable.Range(0, 24).Select(i => Math.Max(0.3, 1 + (0.6 - 2.6 * i / 23) / (side + 1)))];
        _ends = !search ? [(0, 0)]
            : [(0, 0), .. Unused(2 * side).Select(factor => (0.0, 2 * side * (1 - factor))), .. cuts.SelectMany(low => cuts.Select(high => (low, high)))];
    }

    /// <summary>Factors of the range that leave one, two or three levels unused.</summary>
    private static IEnumerable<double> Unused(double levels)
        => Enumerable.Range(1, 3).Where(unused => unused < levels - 1).Select(unused => levels / (levels - unused));

    /// <summary>Fits a scale without a minimum.</summary>
    public FittedGroup Scale<T>(ReadOnlySpan<float> x, ReadOnlySpan<float> w) where T : struct, ISimd<T>
    {
        (float min, float max) = Range(x, w);
        FittedGroup best = default;
        double bestGain = 0;
        // The sign that puts the largest value on the level of largest magnitude comes first: it wins where all are exact.
        for (int sign = _signedScale && _search ? -1 : 1; sign <= 1; sign += 2)
        {
            (double up, double down) = sign > 0 ? (_grid.Highest, -_grid.Lowest) : (-_grid.Lowest, (double)_grid.Highest);
            double full = Math.Max(up > 0 ? max / up : 0, down > 0 ? -min / down : 0);
            if (full <= 0)
            {
                continue;
            }
            foreach (double clip in _clips)
            {
                double scale = sign * full * clip;
                LevelSums sums = _grid.Sums<T>(x, w, 0f, (float)(1 / scale));
                if (!_search)
                {
                    return new(scale, 0, 0);
                }
                Keep(sums, ref best, ref bestGain);
            }
        }
        for (int i = 0; i < Refinements && best.Scale != 0; i++)
        {
            double before = bestGain;
            Keep(_grid.Sums<T>(x, w, 0f, (float)(1 / best.Scale)), ref best, ref bestGain);
            if (bestGain == before)
            {
                break;
            }
        }
        return best;
    }

    /// <summary>Fits a scale and a minimum of any sign.</summary>
    public FittedGroup Affine<T>(ReadOnlySpan<float> x, ReadOnlySpan<float> w) where T : struct, ISimd<T>
    {
        (float min, float max) = Range(x, w);
        double levels = (double)_grid.Highest - _grid.Lowest, range = (double)max - min, step = range / (_grid.Count - 1);
        if (!(range > 0))
        {
            return new(0, -min, 0);
        }
        double weight = 0, sum = 0, square = 0;
        for (int i = 0; i < x.Length; i++)
        {
            weight += w[i];
            sum += (double)w[i] * x[i];
            square += (double)w[i] * x[i] * x[i];
        }
        FittedGroup best = new(range / levels, range / levels * _grid.Lowest - min, 0);
        double bestError = double.PositiveInfinity;
        if (!_search)
        {
            return best;
        }
        foreach ((double low, double high) in _ends)
        {
            double from = min + low * step, scale = (max - high * step - from) / levels, minimum = scale * _grid.Lowest - from;
            Keep(_grid.Sums<T>(x, w, (float)minimum, (float)(1 / scale)), weight, sum, square, ref best, ref bestError);
        }
        for (int i = 0; i < Refinements && best.Scale != 0; i++)
        {
            double before = bestError;
            Keep(_grid.Sums<T>(x, w, (float)best.Minimum, (float)(1 / best.Scale)), weight, sum, square, ref best, ref bestError);
            if (bestError == before)
            {
                break;
            }
        }
        return best;
    }

    /// <summary>Least squares without a minimum lowers the error from Σx² by (Σxℓ)²/Σℓ².</summary>
    private void Keep(LevelSums sums, ref FittedGroup best, ref double bestGain)
    {
        if (sums.LevelSquare <= 0)
        {
            return;
        }
        double gain = sums.Product * sums.Product / sums.LevelSquare;
        if (gain > bestGain && (_signedScale || sums.Product > 0))
        {
            (best, bestGain) = (new(sums.Product / sums.LevelSquare, 0, 0), gain);
        }
    }

    private static void Keep(LevelSums sums, double weight, double sum, double square, ref FittedGroup best, ref double bestError)
    {
        double determinant = weight * sums.LevelSquare - sums.Level * sums.Level;
        if (determinant <= 0)
        {
            return;
        }
        double scale = (weight * sums.Product - sum * sums.Level) / determinant, minimum = (scale * sums.Level - sum) / weight;
        double error = square - scale * sums.Product + minimum * sum;
        if (scale > 0 && error < bestError)
        {
            (best, bestError) = (new(scale, minimum, sums.Level / weight), error);
        }
    }

    private static (float Min, float Max) Range(ReadOnlySpan<float> x, ReadOnlySpan<float> w)
    {
        float min = float.PositiveInfinity, max = float.NegativeInfinity;
        for (int i = 0; i < x.Length; i++)
        {
            if (w[i] > 0)
            {
                min = Math.Min(min, x[i]);
                max = Math.Max(max, x[i]);
            }
        }
        return min <= max ? (min, max) : (0f, 0f);
    }
}

/// <summary>What a group asks for.</summary>
/// <param name="Scale">The scale.</param>
/// <param name="Minimum">What is subtracted after scaling.</param>
/// <param name="MeanLevel">The mean of the levels: how much the best minimum moves with the scale.</param>
internal readonly record struct FittedGroup(double Scale, double Minimum, double MeanLevel);
