using System.Numerics;
using System.Runtime.Intrinsics;

namespace KernelGen;

/// <summary>
/// Finds the integer scales, super-scales and codes of a super-block. Each group says what it wants; super-scales are tried
/// on a ladder around the one that puts the largest wish on the largest integer; then integers, codes and super-scales are
/// refined in turn under what is stored, by true squared error. The result does not depend on the vector width.
/// </summary>
public sealed class SuperScaleSearch
{
    private const int Rounds = 3;

    private static readonly double[] Steps = [0, -4, -3, -2.5, -2, -1.5, -1, -0.5, 0.5, 1, 1.5, 2];

    private readonly SuperScaleSpec _spec;
    private readonly LevelGrid _grid;
    private readonly GroupFit _fit;
    private readonly int _lowest, _highest;
    private readonly double[] _highRungs, _lowRungs;

    /// <summary>Prepares a search.</summary>
    /// <param name="spec">The super-block.</param>
    public SuperScaleSearch(SuperScaleSpec spec)
    {
        _spec = spec;
        _grid = new LevelGrid(spec.Levels);
        (_lowest, _highest) = (SubScales.Lowest(spec.Scale), SubScales.Highest(spec.Scale));
        (_highRungs, _lowRungs) = (Ladder(_highest, spec.MinimiseError), Ladder(-_lowest, spec.MinimiseError));
        _fit = new GroupFit(_grid, _lowest < 0, spec.MinimiseError);
    }

    /// <summary>Searches.</summary>
    /// <param name="values">Finite values of a super-block, or fewer at the end of a row: the others enter no scale.</param>
    /// <param name="entries">Receives the integer scales of the groups, then their offsets.</param>
    /// <param name="codes">Receives a code for every element of the block.</param>
    /// <param name="importance">Weights of squared errors for a whole super-block, or none.</param>
    public SuperScales Find(ReadOnlySpan<float> values, Span<int> entries, Span<byte> codes, ReadOnlySpan<float> importance = default)
        => Vector512.IsHardwareAccelerated ? Find<Simd512>(values, entries, codes, importance)
            : Vector256.IsHardwareAccelerated ? Find<Simd256>(values, entries, codes, importance)
            : Vector128.IsHardwareAccelerated ? Find<Simd128>(values, entries, codes, importance)
            : Find<Simd32>(values, entries, codes, importance);

    /// <summary>The scalar reference of <see cref="Find"/>.</summary>
    /// <param name="values">Finite values of a super-block, or fewer at the end of a row.</param>
    /// <param name="entries">Receives the integer scales of the groups, then their offsets.</param>
    /// <param name="codes">Receives a code for every element of the block.</param>
    /// <param name="importance">Weights of squared errors for a whole super-block, or none.</param>
    public SuperScales FindReference(ReadOnlySpan<float> values, Span<int> entries, Span<byte> codes, ReadOnlySpan<float> importance = default)
        => Find<Simd32>(values, entries, codes, importance);

    internal SuperScales Find<T>(ReadOnlySpan<float> values, Span<int> entries, Span<byte> codes, ReadOnlySpan<float> importance = default) where T : struct, ISimd<T>
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
        int exponent = Math.ILogB(largest);
        double factor = Math.ScaleB(1.0, -exponent);
        Span<float> x = stackalloc float[block];
        Span<float> w = stackalloc float[block];
        x.Clear();
        w.Clear();
        for (int i = 0; i < values.Length; i++)
        {
            x[i] = (float)(values[i] * factor);
            w[i] = importance.IsEmpty ? 1f : importance[i];
        }
        var state = new State(x, w, entries[.._spec.Groups], _spec.HasOffset ? entries[_spec.Groups..] : [], exponent, stackalloc FittedGroup[_spec.Groups]);
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
        for (int i = 0; i < block; i++)
        {
            int g = i / _spec.Group;
            codes[i] = _grid.Code(x[i], state.Minimum(g), ScaleCodec.Reciprocal(state.Scale(g)));
        }
        return new SuperScales(state.Super.Stored, state.SuperOffset.Stored);
    }

    private void FitGroups<T>(ref State state) where T : struct, ISimd<T>
    {
        double balance = 0;
        for (int g = 0; g < _spec.Groups; g++)
        {
            ReadOnlySpan<float> x = state.Values(g), w = state.Weights(g);
            state.Fits[g] = _spec.HasOffset ? _fit.Affine<T>(x, w) : _fit.Scale<T>(x, w);
            balance += state.Fits[g].Minimum;
        }
        if (!_spec.HasOffset || _lowest < 0)
        {
            return;
        }
        // All offsets of a block have the sign of their super-offset; groups that want the other sign do without.
        for (int g = 0; g < _spec.Groups; g++)
        {
            if (state.Fits[g].Minimum * balance < 0)
            {
                ReadOnlySpan<float> x = state.Values(g), w = state.Weights(g);
                state.Fits[g] = _fit.Scale<T>(x, w);
            }
        }
    }

    /// <summary>The super-scale under which the groups, with the minima that they want, lose least.</summary>
    private void ChooseSuperScale<T>(ref State state) where T : struct, ISimd<T>
    {
        double wish = 0;
        foreach (FittedGroup fit in state.Fits)
        {
            wish = Math.Abs(fit.Scale) > Math.Abs(wish) ? fit.Scale : wish;
        }
        Span<int> tried = stackalloc int[_spec.Groups];
        double best = double.PositiveInfinity;
        for (int end = 0; end < (_lowest < 0 && _spec.MinimiseError ? 2 : 1); end++)
        {
            foreach (double rung in end == 0 ? _highRungs : _lowRungs)
            {
                Multiplier super = state.Round(_spec.Super, wish / ((end == 0 ? _highest : _lowest) * rung));
                double total = 0;
                for (int g = 0; g < _spec.Groups; g++)
                {
                    ReadOnlySpan<float> x = state.Values(g), w = state.Weights(g);
                    FittedGroup fit = state.Fits[g];
                    double ideal = super.Normal == 0f ? 0 : fit.Scale / super.Normal;
                    double least = double.PositiveInfinity;
                    (int from, int to) = Neighbours(ideal);
                    for (int k = from; k <= to; k++)
                    {
                        float scale = super.Normal * k;
                        double error = _grid.Error<T>(x, w, scale, (float)(fit.Minimum + (scale - fit.Scale) * fit.MeanLevel));
                        if (error < least)
                        {
                            (least, tried[g]) = (error, k);
                        }
                    }
                    total += least;
                }
                if (total < best)
                {
                    best = total;
                    state.Super = super;
                    tried.CopyTo(state.Scales);
                }
            }
        }
    }

    /// <summary>The super-offset under which the groups, with the scales that they have, lose least.</summary>
    private void ChooseSuperOffset<T>(ref State state) where T : struct, ISimd<T>
    {
        Span<double> wishes = stackalloc double[_spec.Groups];
        double wish = 0;
        for (int g = 0; g < _spec.Groups; g++)
        {
            FittedGroup fit = state.Fits[g];
            wishes[g] = fit.Minimum == 0 ? 0 : fit.Minimum + (state.Scale(g) - fit.Scale) * fit.MeanLevel;
            wish = Math.Abs(wishes[g]) > Math.Abs(wish) ? wishes[g] : wish;
        }
        Span<int> tried = stackalloc int[_spec.Groups];
        double best = double.PositiveInfinity;
        foreach (double rung in _highRungs)
        {
            Multiplier super = state.Round(_spec.Super, wish / (_highest * rung));
            double total = 0;
            for (int g = 0; g < _spec.Groups; g++)
            {
                ReadOnlySpan<float> x = state.Values(g), w = state.Weights(g);
                double least = double.PositiveInfinity;
                (int from, int to) = Neighbours(super.Normal == 0f ? 0 : wishes[g] / super.Normal);
                for (int k = from; k <= to; k++)
                {
                    double error = _grid.Error<T>(x, w, state.Scale(g), super.Normal * k);
                    if (error < least)
                    {
                        (least, tried[g]) = (error, k);
                    }
                }
                total += least;
            }
            if (total < best)
            {
                best = total;
                state.SuperOffset = super;
                tried.CopyTo(state.Offsets);
            }
        }
    }

    /// <summary>Integers one by one to the neighbour that errs less, then both super-scales by least squares over the block, while that helps.</summary>
    private void Refine<T>(ref State state) where T : struct, ISimd<T>
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
    private double Settle<T>(ref State state) where T : struct, ISimd<T>
    {
        double total = 0;
        int reach = _spec.HasOffset ? 1 : 0;
        for (int g = 0; g < _spec.Groups; g++)
        {
            ReadOnlySpan<float> x = state.Values(g), w = state.Weights(g);
            float error = _grid.Error<T>(x, w, state.Scale(g), state.Minimum(g));
            for (bool moved = true; moved;)
            {
                moved = false;
                (int scale, int offset) = (state.Scales[g], _spec.HasOffset ? state.Offsets[g] : 0);
                (int bestScale, int bestOffset) = (scale, offset);
                for (int k = Math.Max(scale - 1, _lowest); k <= Math.Min(scale + 1, _highest); k++)
                {
                    for (int o = Math.Max(offset - reach, _lowest); o <= Math.Min(offset + reach, _highest); o++)
                    {
                        float tried = _grid.Error<T>(x, w, state.Super.Normal * k, state.SuperOffset.Normal * o);
                        if (tried < error)
                        {
                            (error, bestScale, bestOffset, moved) = (tried, k, o, true);
                        }
                    }
                }
                state.Scales[g] = bestScale;
                if (_spec.HasOffset)
                {
                    state.Offsets[g] = bestOffset;
                }
            }
            total += error;
        }
        return total;
    }

    /// <summary>Super-scales of least squared error for the codes and integers that there are.</summary>
    private void Refit<T>(ref State state) where T : struct, ISimd<T>
    {
        double aa = 0, ab = 0, bb = 0, xa = 0, xb = 0;
        for (int g = 0; g < _spec.Groups; g++)
        {
            ReadOnlySpan<float> x = state.Values(g), w = state.Weights(g);
            LevelSums sums = _grid.Sums<T>(x, w, state.Minimum(g), ScaleCodec.Reciprocal(state.Scale(g)));
            double k = state.Scales[g], o = _spec.HasOffset ? state.Offsets[g] : 0, weight = 0, sum = 0;
            for (int i = 0; i < x.Length; i++)
            {
                weight += w[i];
                sum += (double)w[i] * x[i];
            }
            aa += k * k * sums.LevelSquare;
            ab += k * o * sums.Level;
            bb += o * o * weight;
            xa += k * sums.Product;
            xb += o * sum;
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
        return _spec.MinimiseError ? ((int)Math.Floor(inside), (int)Math.Ceiling(inside)) : ((int)Math.Round(inside), (int)Math.Round(inside));
    }

    /// <summary>
    /// Multiples of the largest integer that the largest wish may be put on: above 1 it saturates, below 1 room is left. Whole
    /// steps put it on an integer; the power of two keeps scales exact that the super-scale's type can hold exactly.
    /// </summary>
    private static double[] Ladder(int largest, bool search)
        => !search || largest == 0 ? [1.0] : [.. Steps.Select(step => 1 + step / largest), (double)BitOperations.RoundUpToPowerOf2((uint)largest + 1) / 2 / largest];

    /// <summary>A super-scale as it is stored, and in the units of the search.</summary>
    private readonly record struct Multiplier(float Stored, float Normal);

    /// <summary>A block in the search.</summary>
    private ref struct State(ReadOnlySpan<float> x, ReadOnlySpan<float> w, Span<int> scales, Span<int> offsets, int exponent, Span<FittedGroup> fits)
    {
        private readonly ReadOnlySpan<float> _x = x, _w = w;

        private readonly int _size = x.Length / scales.Length;

        public readonly Span<int> Scales = scales, Offsets = offsets;

        public readonly Span<FittedGroup> Fits = fits;

        public Multiplier Super { get; set; }

        public Multiplier SuperOffset { get; set; }

        /// <summary>The values of a group.</summary>
        public readonly ReadOnlySpan<float> Values(int g) => _x.Slice(g * _size, _size);

        /// <summary>Their weights: 0 past the end of a row, else 1 or the importance.</summary>
        public readonly ReadOnlySpan<float> Weights(int g) => _w.Slice(g * _size, _size);

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
