using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// The scale and minimum of every group that least squared error asks for, before anything is rounded to stored types:
/// weight = level · scale − minimum. A ladder of ranges gives codes, least squares gives the scale and minimum of those codes,
/// and codes and scales are then refined in turn.
/// </summary>
internal sealed class GroupFit
{
    private const int Refinements = 4;

    private readonly LevelGrid _grid;
    private readonly bool _signedScale,
        _search;
    private readonly double[] _inverseClips;
    private readonly (double Inverse, double Minimum)[] _ends;

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
        double[] clips = !search
            ? [1.0]
            : [1.0, .. Unused(side), .. Enumerable.Range(0, 24).Select(i => Math.Max(0.3, 1 + (0.6 - 2.6 * i / 23) / (side + 1)))];
        (double Low, double High)[] ends = !search
            ? [(0, 0)]
            :
            [
                (0.0, 0.0),
                .. Unused(2 * side).Select(factor => (0.0, 2 * side * (1 - factor))),
                .. cuts.SelectMany(low => cuts.Select(high => (low, high))),
            ];
        _inverseClips = [.. clips.Select(clip => 1 / clip)];
        // as factors of the range: a level's share of what is left of it, and where the lowest one lies
        double levels = (double)grid.Highest - grid.Lowest;
        _ends =
        [
            .. ends.Select(end =>
            {
                double scale = (1 - (end.Low + end.High) / (2 * side)) / levels;
                return (1 / scale, scale * grid.Lowest - end.Low / (2 * side));
            }),
        ];
    }

    /// <summary>Candidates of a group.</summary>
    public int Candidates => Math.Max(2 * _inverseClips.Length, _ends.Length);

    /// <summary>Factors of the range that leave one, two or three levels unused.</summary>
    private static IEnumerable<double> Unused(double levels) =>
        Enumerable.Range(1, 3).Where(unused => unused < levels - 1).Select(unused => levels / (levels - unused));

    /// <summary>Fits scales without minima.</summary>
    /// <param name="lanes">The groups.</param>
    /// <param name="statistics">Of each.</param>
    /// <param name="fits">Receives the scales of the groups that <paramref name="wanted"/> names.</param>
    /// <param name="wanted">Which groups.</param>
    /// <param name="room">Five times <see cref="Candidates"/> floats for each group.</param>
    public void Scale<T>(
        GroupLanes lanes,
        ReadOnlySpan<GroupStatistics> statistics,
        Span<FittedGroup> fits,
        ReadOnlySpan<bool> wanted,
        Span<float> room
    )
        where T : struct, ISimd<T>
    {
        int groups = lanes.Groups,
            signs = _signedScale && _search ? 2 : 1;
        var trial = new Trial(groups, signs * _inverseClips.Length, room);
        for (int g = 0; g < groups; g++)
        {
            if (!wanted[g])
            {
                continue;
            }
            fits[g] = default;
            // The sign that puts the largest value on the level of largest magnitude comes first: it wins where all are exact.
            for (int sign = 3 - 2 * signs, candidate = 0; sign <= 1; sign += 2)
            {
                double full = Full(statistics[g], sign);
                if (!_search && full > 0)
                {
                    fits[g] = new(full, 0, 0);
                }
                double inverse = full > 0 ? sign / full : 0;
                foreach (double factor in _inverseClips)
                {
                    trial.Inverses[candidate++ * groups + g] = (float)(inverse * factor);
                }
            }
        }
        if (!_search)
        {
            return;
        }
        trial.Run<T>(lanes);
        Span<(double Product, double Square)> best = stackalloc (double, double)[groups];
        best.Fill((0, 1));
        for (int g = 0; g < groups; g++)
        {
            for (int candidate = 0; wanted[g] && candidate < trial.Candidates; candidate++)
            {
                if (trial.Inverses[candidate * groups + g] != 0f)
                {
                    Keep(trial.Of(candidate, g), ref best[g]);
                }
            }
        }
        bool better = true;
        for (int i = 0; i < Refinements && better; i++)
        {
            trial = new Trial(groups, 1, room);
            for (int g = 0; g < groups; g++)
            {
                trial.Inverses[g] = best[g].Product != 0 ? (float)(best[g].Square / best[g].Product) : 0f;
            }
            trial.Run<T>(lanes);
            better = false;
            for (int g = 0; g < groups; g++)
            {
                better |= wanted[g] && trial.Inverses[g] != 0f && Keep(trial.Of(0, g), ref best[g]);
            }
        }
        for (int g = 0; g < groups; g++)
        {
            if (wanted[g])
            {
                fits[g] = new(best[g].Product / best[g].Square, 0, 0);
            }
        }
    }

    /// <summary>Fits scales and minima of any sign.</summary>
    /// <param name="lanes">The groups.</param>
    /// <param name="statistics">Of each.</param>
    /// <param name="fits">Receives scales and minima.</param>
    /// <param name="room">Five times <see cref="Candidates"/> floats for each group.</param>
    public void Affine<T>(GroupLanes lanes, ReadOnlySpan<GroupStatistics> statistics, Span<FittedGroup> fits, Span<float> room)
        where T : struct, ISimd<T>
    {
        int groups = lanes.Groups;
        double levels = (double)_grid.Highest - _grid.Lowest;
        var trial = new Trial(groups, _ends.Length, room);
        for (int g = 0; g < groups; g++)
        {
            double min = statistics[g].Min,
                range = statistics[g].Max - min,
                inverse = range > 0 ? 1 / range : 0;
            fits[g] = range > 0 ? new(range / levels, range / levels * _grid.Lowest - min, 0) : new(0, -min, 0);
            for (int candidate = 0; range > 0 && candidate < _ends.Length; candidate++)
            {
                trial.Minima[candidate * groups + g] = (float)(range * _ends[candidate].Minimum - min);
                trial.Inverses[candidate * groups + g] = (float)(inverse * _ends[candidate].Inverse);
            }
        }
        if (!_search)
        {
            return;
        }
        trial.Run<T>(lanes);
        Span<Line> best = stackalloc Line[groups];
        best.Fill(new(0, 1, 0));
        for (int g = 0; g < groups; g++)
        {
            for (int candidate = 0; candidate < trial.Candidates && trial.Inverses[g] != 0f; candidate++)
            {
                Keep(trial.Of(candidate, g), statistics[g], ref best[g]);
            }
        }
        bool better = true;
        for (int i = 0; i < Refinements && better; i++)
        {
            trial = new Trial(groups, 1, room);
            for (int g = 0; g < groups; g++)
            {
                fits[g] = best[g].Covariance > 0 ? best[g].Fit(statistics[g]) : fits[g];
                trial.Minima[g] = (float)fits[g].Minimum;
                trial.Inverses[g] = fits[g].Scale != 0 ? (float)(1 / fits[g].Scale) : 0f;
            }
            trial.Run<T>(lanes);
            better = false;
            for (int g = 0; g < groups; g++)
            {
                better |= fits[g].Scale != 0 && Keep(trial.Of(0, g), statistics[g], ref best[g]);
            }
        }
        for (int g = 0; g < groups; g++)
        {
            fits[g] = best[g].Covariance > 0 ? best[g].Fit(statistics[g]) : fits[g];
        }
    }

    /// <summary>The scale of that sign that puts the values between the lowest and the highest level, without it.</summary>
    private double Full(GroupStatistics group, int sign)
    {
        (double up, double down) = sign > 0 ? (_grid.Highest, -_grid.Lowest) : (-_grid.Lowest, (double)_grid.Highest);
        return Math.Max(up > 0 ? group.Max / up : 0, down > 0 ? -group.Min / down : 0);
    }

    /// <summary>Least squares without a minimum lowers the error from Σx² by (Σxℓ)²/Σℓ².</summary>
    private bool Keep(LevelSums sums, ref (double Product, double Square) best)
    {
        bool better =
            sums.LevelSquare > 0
            && (_signedScale || sums.Product > 0)
            && sums.Product * sums.Product * best.Square > best.Product * best.Product * sums.LevelSquare;
        if (better)
        {
            best = (sums.Product, sums.LevelSquare);
        }
        return better;
    }

    /// <summary>With a minimum it lowers the error from that of the mean by covariance² / variance.</summary>
    private static bool Keep(LevelSums sums, GroupStatistics group, ref Line best)
    {
        double variance = group.Weight * sums.LevelSquare - sums.Level * sums.Level,
            covariance = group.Weight * sums.Product - group.Sum * sums.Level;
        bool better =
            variance > 0 && covariance > 0 && covariance * covariance * best.Variance > best.Covariance * best.Covariance * variance;
        if (better)
        {
            best = new(covariance, variance, sums.Level);
        }
        return better;
    }

    /// <summary>What least squares needs to know of the best codes so far.</summary>
    private readonly record struct Line(double Covariance, double Variance, double Level)
    {
        public FittedGroup Fit(GroupStatistics group)
        {
            double scale = Covariance / Variance;
            return new(scale, (scale * Level - group.Sum) / group.Weight, Level / group.Weight);
        }
    }

    /// <summary>Candidates for all groups, and their sums.</summary>
    private readonly ref struct Trial
    {
        private readonly Span<float> _level,
            _square,
            _product;
        private readonly int _groups;

        public Trial(int groups, int candidates, Span<float> room)
        {
            int count = groups * candidates;
            (_groups, Candidates) = (groups, candidates);
            Minima = room[..count];
            Inverses = room.Slice(count, count);
            _level = room.Slice(2 * count, count);
            _square = room.Slice(3 * count, count);
            _product = room.Slice(4 * count, count);
            room[..(2 * count)].Clear();
        }

        public int Candidates { get; }

        public Span<float> Minima { get; }

        /// <summary>Inverse scales; 0 where there is no candidate.</summary>
        public Span<float> Inverses { get; }

        public void Run<T>(GroupLanes lanes)
            where T : struct, ISimd<T> => lanes.Sums<T>(Candidates, Minima, Inverses, _level, _square, _product);

        public LevelSums Of(int candidate, int group)
        {
            int at = candidate * _groups + group;
            return new(_level[at], _square[at], _product[at]);
        }
    }
}

/// <summary>What a group asks for.</summary>
/// <param name="Scale">The scale.</param>
/// <param name="Minimum">What is subtracted after scaling.</param>
/// <param name="MeanLevel">The mean of the levels: how much the best minimum moves with the scale.</param>
internal readonly record struct FittedGroup(double Scale, double Minimum, double MeanLevel);

/// <summary>Sums over a group under chosen levels ℓ.</summary>
/// <param name="Level">Σ w·ℓ.</param>
/// <param name="LevelSquare">Σ w·ℓ².</param>
/// <param name="Product">Σ w·x·ℓ.</param>
internal readonly record struct LevelSums(double Level, double LevelSquare, double Product);
