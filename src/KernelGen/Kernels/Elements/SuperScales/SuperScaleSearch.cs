using System.Buffers;
using System.ComponentModel;
using System.Numerics;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// Finds the integer scales, super-scales and codes of a super-block. Each group says what it wants; super-scales are tried
/// on a ladder around the one that puts the largest wish on the largest integer; then integers, codes and super-scales are
/// refined in turn under what is stored, by true squared error. The result does not depend on the vector width.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class SuperScaleSearch
{
    private const int Rounds = 3;

    private static readonly double[] Steps = [0, -4, -3, -2.5, -2, -1.5, -1, -0.5, 0.5, 1, 1.5, 2];

    private readonly SuperScaleSpec _spec;
    private readonly LevelGrid _grid;
    private readonly GroupFit _fit;
    private readonly int _lowest,
        _highest,
        _room;
    private readonly double[] _highRungs,
        _lowRungs;

    /// <summary>Prepares a search.</summary>
    /// <param name="spec">The super-block.</param>
    public SuperScaleSearch(SuperScaleSpec spec)
    {
        _spec = spec;
        _grid = new LevelGrid(spec.Levels);
        (_lowest, _highest) = (SubScales.Lowest(spec.Scale), SubScales.Highest(spec.Scale));
        (_highRungs, _lowRungs) = (Ladder(_highest, spec.MinimiseError), Ladder(-_lowest, spec.MinimiseError));
        _fit = new GroupFit(_grid, _lowest < 0, spec.MinimiseError);
        _room = spec.Groups * Math.Max(5 * _fit.Candidates, 3 * 2 * (_highRungs.Length + _lowRungs.Length));
    }

    /// <summary>Searches.</summary>
    /// <param name="values">Finite values of a super-block, or fewer at the end of a row: the others enter no scale.</param>
    /// <param name="entries">Receives the integer scales of the groups, then their offsets.</param>
    /// <param name="codes">Receives a code for every element of the block.</param>
    /// <param name="importance">Weights of squared errors for a whole super-block, or none.</param>
    public SuperScales Find(ReadOnlySpan<float> values, Span<int> entries, Span<byte> codes, ReadOnlySpan<float> importance = default) =>
        Vector512.IsHardwareAccelerated ? Find<Simd512>(values, entries, codes, importance)
        : Vector256.IsHardwareAccelerated ? Find<Simd256>(values, entries, codes, importance)
        : Vector128.IsHardwareAccelerated ? Find<Simd128>(values, entries, codes, importance)
        : Find<Simd32>(values, entries, codes, importance);

    /// <summary>The scalar reference of <see cref="Find"/>.</summary>
    /// <param name="values">Finite values of a super-block, or fewer at the end of a row.</param>
    /// <param name="entries">Receives the integer scales of the groups, then their offsets.</param>
    /// <param name="codes">Receives a code for every element of the block.</param>
    /// <param name="importance">Weights of squared errors for a whole super-block, or none.</param>
    public SuperScales FindReference(
        ReadOnlySpan<float> values,
        Span<int> entries,
        Span<byte> codes,
        ReadOnlySpan<float> importance = default
    ) => Find<Simd32>(values, entries, codes, importance);

    internal SuperScales Find<T>(ReadOnlySpan<float> values, Span<int> entries, Span<byte> codes, ReadOnlySpan<float> importance = default)
        where T : struct, ISimd<T>
    {
        int block = _spec.Group * _spec.Groups;
        entries.Clear();
        float largest = BitConverter.UInt32BitsToSingle(GroupMath.MagnitudeBits(values));
        if (largest == 0f)
        {
            codes[..block].Fill(_grid.Code(0f, 0f, 0f));
            return default;
        }

        // The search runs on values of magnitude up to 2, so that no sum overflows; powers of two change no mantissa.
        int exponent = Math.ILogB(largest),
            lanes = GroupLanes.Room(_spec.Group, _spec.Groups);
        double factor = Math.ScaleB(1.0, -exponent);
        float[] rented = ArrayPool<float>.Shared.Rent(2 * block + lanes + _room);
        try
        {
            Span<float> x = rented.AsSpan(0, block),
                w = rented.AsSpan(block, block);
            x.Clear();
            w.Clear();
            for (int i = 0; i < values.Length; i++)
            {
                x[i] = (float)(values[i] * factor);
                w[i] = importance.IsEmpty ? 1f : importance[i];
            }
            var state = new State(
                new GroupLanes(_grid, x, w, _spec.Groups, rented.AsSpan(2 * block, lanes)),
                entries[.._spec.Groups],
                _spec.HasOffset ? entries[_spec.Groups..] : [],
                exponent,
                stackalloc FittedGroup[_spec.Groups],
                stackalloc GroupStatistics[_spec.Groups],
                rented.AsSpan(2 * block + lanes, _room)
            );
            for (int g = 0; g < _spec.Groups; g++)
            {
                state.Statistics[g] = GroupStatistics.Of(x.Slice(g * _spec.Group, _spec.Group), w.Slice(g * _spec.Group, _spec.Group));
            }
            FitGroups<T>(ref state);
            ChooseSuperScale<T>(ref state);
            if (_spec.HasOffset)
            {
                ChooseSuperOffset<T>(ref state);
            }
            if (_spec.MinimiseError)
            {
                Refine<T>(ref state);
            }
            for (int g = 0; g < _spec.Groups; g++)
            {
                float minimum = state.Minimum(g),
                    inverse = ScaleCodec.Reciprocal(state.Scale(g));
                for (int i = g * _spec.Group; i < (g + 1) * _spec.Group; i++)
                {
                    codes[i] = _grid.Code(x[i], minimum, inverse);
                }
            }
            return new SuperScales(state.Super.Stored, state.SuperOffset.Stored);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    private void FitGroups<T>(ref State state)
        where T : struct, ISimd<T>
    {
        Span<bool> wanted = stackalloc bool[_spec.Groups];
        wanted.Fill(true);
        if (!_spec.HasOffset)
        {
            _fit.Scale<T>(state.Lanes, state.Statistics, state.Fits, wanted, state.Room);
            return;
        }
        _fit.Affine<T>(state.Lanes, state.Statistics, state.Fits, state.Room);
        if (_lowest < 0)
        {
            return;
        }
        // All offsets of a block have the sign of their super-offset; groups that want the other sign do without.
        double balance = 0;
        foreach (FittedGroup fit in state.Fits)
        {
            balance += fit.Minimum;
        }
        for (int g = 0; g < _spec.Groups; g++)
        {
            wanted[g] = state.Fits[g].Minimum * balance < 0;
        }
        if (wanted.Contains(true))
        {
            _fit.Scale<T>(state.Lanes, state.Statistics, state.Fits, wanted, state.Room);
        }
    }

    /// <summary>The super-scale under which the groups, with the minima that they want, lose least.</summary>
    private void ChooseSuperScale<T>(ref State state)
        where T : struct, ISimd<T>
    {
        double wish = 0;
        foreach (FittedGroup fit in state.Fits)
        {
            wish = Math.Abs(fit.Scale) > Math.Abs(wish) ? fit.Scale : wish;
        }
        int ends = _lowest < 0 && _spec.MinimiseError ? 2 : 1,
            rungs = ends * _highRungs.Length,
            groups = _spec.Groups;
        Span<Multiplier> supers = stackalloc Multiplier[rungs];
        var trial = new SuperScaleTrial(2 * rungs, groups, state.Room);
        for (int rung = 0; rung < rungs; rung++)
        {
            double on = rung < _highRungs.Length ? _highest * _highRungs[rung] : _lowest * _lowRungs[rung - _highRungs.Length];
            supers[rung] = state.Round(_spec.Super, wish / on);
            float super = supers[rung].Normal;
            for (int g = 0; g < groups; g++)
            {
                FittedGroup fit = state.Fits[g];
                (int from, int to) = Neighbours(super == 0f ? 0 : fit.Scale / super);
                for (int side = 0; side < 2; side++)
                {
                    float scale = super * (side == 0 ? from : to);
                    trial.Set(2 * rung + side, g, scale, (float)(fit.Minimum + (scale - fit.Scale) * fit.MeanLevel));
                }
            }
        }
        trial.Run<T>(state.Lanes);
        int best = trial.LeastPair();
        if (best < 0)
        {
            return;
        }
        state.Super = supers[best];
        for (int g = 0; g < groups; g++)
        {
            (int from, int to) = Neighbours(state.Super.Normal == 0f ? 0 : state.Fits[g].Scale / state.Super.Normal);
            state.Scales[g] = trial.Error(2 * best + 1, g) < trial.Error(2 * best, g) ? to : from;
        }
    }

    /// <summary>The super-offset under which the groups, with the scales that they have, lose least.</summary>
    private void ChooseSuperOffset<T>(ref State state)
        where T : struct, ISimd<T>
    {
        int rungs = _highRungs.Length,
            groups = _spec.Groups;
        Span<double> wishes = stackalloc double[groups];
        double wish = 0;
        for (int g = 0; g < groups; g++)
        {
            FittedGroup fit = state.Fits[g];
            wishes[g] = fit.Minimum == 0 ? 0 : fit.Minimum + (state.Scale(g) - fit.Scale) * fit.MeanLevel;
            wish = Math.Abs(wishes[g]) > Math.Abs(wish) ? wishes[g] : wish;
        }
        Span<Multiplier> supers = stackalloc Multiplier[rungs];
        var trial = new SuperScaleTrial(2 * rungs, groups, state.Room);
        for (int rung = 0; rung < rungs; rung++)
        {
            supers[rung] = state.Round(_spec.Super, wish / (_highest * _highRungs[rung]));
            float super = supers[rung].Normal;
            for (int g = 0; g < groups; g++)
            {
                (int from, int to) = Neighbours(super == 0f ? 0 : wishes[g] / super);
                trial.Set(2 * rung, g, state.Scale(g), super * from);
                trial.Set(2 * rung + 1, g, state.Scale(g), super * to);
            }
        }
        trial.Run<T>(state.Lanes);
        int best = trial.LeastPair();
        if (best < 0)
        {
            return;
        }
        state.SuperOffset = supers[best];
        for (int g = 0; g < groups; g++)
        {
            (int from, int to) = Neighbours(state.SuperOffset.Normal == 0f ? 0 : wishes[g] / state.SuperOffset.Normal);
            state.Offsets[g] = trial.Error(2 * best + 1, g) < trial.Error(2 * best, g) ? to : from;
        }
    }

    /// <summary>
    /// Integers one by one to the neighbour that errs less, then both super-scales by least squares over the block, while that helps.
    /// </summary>
    private void Refine<T>(ref State state)
        where T : struct, ISimd<T>
    {
        double error = Settle<T>(ref state);
        Span<int> before = stackalloc int[2 * _spec.Groups];
        for (int round = 0; round < Rounds; round++)
        {
            state.Scales.CopyTo(before);
            state.Offsets.CopyTo(before[_spec.Groups..]);
            (Multiplier super, Multiplier offset) = (state.Super, state.SuperOffset);
            Refit<T>(ref state);
            if (state.Super == super && state.SuperOffset == offset)
            {
                return;
            }
            double next = Settle<T>(ref state);
            if (!(next < error))
            {
                before[.._spec.Groups].CopyTo(state.Scales);
                before.Slice(_spec.Groups, state.Offsets.Length).CopyTo(state.Offsets);
                (state.Super, state.SuperOffset) = (super, offset);
                return;
            }
            error = next;
        }
    }

    /// <summary>Moves each group to neighbouring integers while its error falls; the error of the block.</summary>
    private double Settle<T>(ref State state)
        where T : struct, ISimd<T>
    {
        int groups = _spec.Groups,
            moves = _spec.HasOffset ? 9 : 3;
        Span<float> errors = stackalloc float[groups];
        for (bool moved = true; moved; )
        {
            var trial = new SuperScaleTrial(moves, groups, state.Room);
            for (int g = 0; g < groups; g++)
            {
                for (int step = -1; step <= 1; step++)
                {
                    float scale = state.Super.Normal * Moved(state.Scales[g], step);
                    if (!_spec.HasOffset)
                    {
                        trial.Set(step + 1, g, scale, 0f);
                        continue;
                    }
                    int offset = state.Offsets[g];
                    trial.Set(3 * step + 3, g, scale, state.SuperOffset.Normal * Moved(offset, -1));
                    trial.Set(3 * step + 4, g, scale, state.SuperOffset.Normal * offset);
                    trial.Set(3 * step + 5, g, scale, state.SuperOffset.Normal * Moved(offset, 1));
                }
            }
            trial.Run<T>(state.Lanes);
            moved = false;
            for (int g = 0; g < groups; g++)
            {
                int stay = moves / 2,
                    best = trial.Best(g, stay);
                errors[g] = trial.Error(best, g);
                if (best != stay)
                {
                    state.Scales[g] = Moved(state.Scales[g], (_spec.HasOffset ? best / 3 : best) - 1);
                    if (_spec.HasOffset)
                    {
                        state.Offsets[g] = Moved(state.Offsets[g], best % 3 - 1);
                    }
                    moved = true;
                }
            }
        }
        double total = 0;
        foreach (float error in errors)
        {
            total += error;
        }
        return total;
    }

    /// <summary>An integer one step on, unless that is out of range.</summary>
    private int Moved(int integer, int step)
    {
        int next = integer + step;
        return next < _lowest || next > _highest ? integer : next;
    }

    /// <summary>Super-scales of least squared error for the codes and integers that there are.</summary>
    private void Refit<T>(ref State state)
        where T : struct, ISimd<T>
    {
        int groups = _spec.Groups;
        Span<float> inverses = state.Room[..groups],
            minima = state.Room.Slice(groups, groups);
        Span<float> level = state.Room.Slice(2 * groups, groups),
            square = state.Room.Slice(3 * groups, groups),
            product = state.Room.Slice(4 * groups, groups);
        for (int g = 0; g < groups; g++)
        {
            (minima[g], inverses[g]) = (state.Minimum(g), ScaleCodec.Reciprocal(state.Scale(g)));
        }
        state.Lanes.Sums<T>(1, minima, inverses, level, square, product);
        double aa = 0,
            ab = 0,
            bb = 0,
            xa = 0,
            xb = 0;
        for (int g = 0; g < groups; g++)
        {
            GroupStatistics of = state.Statistics[g];
            double k = state.Scales[g],
                o = _spec.HasOffset ? state.Offsets[g] : 0;
            aa += k * k * square[g];
            ab += k * o * level[g];
            bb += o * o * of.Weight;
            xa += k * product[g];
            xb += o * of.Sum;
        }
        // weight = super · (k·ℓ) − superOffset · o
        double determinant = aa * bb - ab * ab;
        if (bb > 0 && determinant > 1e-12 * aa * bb)
        {
            state.Super = state.Round(_spec.Super, (xa * bb - xb * ab) / determinant);
            state.SuperOffset = state.Round(_spec.Super, (xa * ab - xb * aa) / determinant);
        }
        else if (bb == 0 && aa > 0)
        {
            state.Super = state.Round(_spec.Super, xa / aa);
        }
    }

    /// <summary>The integers on both sides of a number, within the type's range; without a search the nearest one.</summary>
    private (int From, int To) Neighbours(double ideal)
    {
        double inside = Math.Clamp(ideal, _lowest, _highest);
        return _spec.MinimiseError
            ? ((int)Math.Floor(inside), (int)Math.Ceiling(inside))
            : ((int)Math.Round(inside), (int)Math.Round(inside));
    }

    /// <summary>
    /// Multiples of the largest integer that the largest wish may be put on: above 1 it saturates, below 1 room is left. Whole
    /// steps put it on an integer; the power of two keeps scales exact that the super-scale's type can hold exactly.
    /// </summary>
    private static double[] Ladder(int largest, bool search) =>
        !search || largest == 0
            ? [1.0]
            : [.. Steps.Select(step => 1 + step / largest), (double)BitOperations.RoundUpToPowerOf2((uint)largest + 1) / 2 / largest];

    /// <summary>A super-scale as it is stored, and in the units of the search.</summary>
    private readonly record struct Multiplier(float Stored, float Normal);

    /// <summary>A block in the search.</summary>
    private ref struct State(
        GroupLanes lanes,
        Span<int> scales,
        Span<int> offsets,
        int exponent,
        Span<FittedGroup> fits,
        Span<GroupStatistics> statistics,
        Span<float> room
    )
    {
        public readonly GroupLanes Lanes = lanes;

        public readonly Span<int> Scales = scales,
            Offsets = offsets;

        public readonly Span<FittedGroup> Fits = fits;

        public readonly Span<GroupStatistics> Statistics = statistics;

        /// <summary>Room for trials.</summary>
        public readonly Span<float> Room = room;

        public Multiplier Super { get; set; }

        public Multiplier SuperOffset { get; set; }

        public readonly float Scale(int g) => Super.Normal * Scales[g];

        public readonly float Minimum(int g) => Offsets.Length == 0 ? 0f : SuperOffset.Normal * Offsets[g];

        /// <summary>What a type makes of a super-scale: it saturates at the type's largest value.</summary>
        public readonly Multiplier Round(ScaleType type, double normal)
        {
            float largest = ScaleCodec.Largest(type);
            float stored = ScaleCodec.Rounded(type, (float)Math.Clamp(Math.ScaleB(normal, exponent), -largest, largest));
            return stored == 0f ? default : new(stored, (float)Math.ScaleB(stored, -exponent));
        }
    }
}
