using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;
using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Coding;

/// <summary>The coder that a search for a scale asks.</summary>
internal interface IGroupTrial
{
    /// <summary>Squared error of a group under a scale.</summary>
    float Error(ReadOnlySpan<float> group, ReadOnlySpan<float> importance, in GroupScale scale);

    /// <summary>The levels nearest to the values times <paramref name="first"/>.</summary>
    void Levels(ReadOnlySpan<float> group, float first, Span<float> levels);
}

/// <summary>The rules by which scales are chosen, one group at a time.</summary>
internal static class ScaleChoice
{
    /// <summary>Shrunk scales that a search tries, from 1.05 of AbsMax down.</summary>
    private const int SearchSteps = 24;

    /// <summary>The scale of one group.</summary>
    /// <exception cref="NonFiniteWeightException">A value is NaN or infinite.</exception>
    public static GroupScale Of<TTrial>(
        ElementSpec spec,
        TTrial trial,
        ReadOnlySpan<float> group,
        ReadOnlySpan<float> importance,
        float tensorScale,
        int row,
        int column
    )
        where TTrial : struct, IGroupTrial
    {
        uint magnitude = GroupMath.MagnitudeBits(group);
        if (magnitude >= GroupMath.NonFinite)
        {
            MatrixDriver.ThrowNonFinite(spec.Name, group, row, column);
        }
        float largest = BitConverter.UInt32BitsToSingle(magnitude),
            top = (float)spec.Element.Top;
        if (spec.Offset is not null)
        {
            return Affine(spec, trial, group, importance);
        }
        switch (spec.Rule)
        {
            case ScaleRule.MxFloor:
                return PowerOfTwo(Exponent(spec, magnitude));
            case ScaleRule.MxCeiling:
                return PowerOfTwo(ExponentAbove(largest / top));
            case ScaleRule.SignedMax:
                return Direct(spec, GroupMath.SignedMax(group, magnitude) / (float)spec.Element.Lowest, tensorScale);
            case ScaleRule.GaussianOptimal:
                double rms = Math.Sqrt(GroupMath.SumOfSquares(group) / group.Length);
                return Direct(spec, (float)Math.Min(rms * spec.GaussianScale, float.MaxValue), tensorScale);
            case ScaleRule.MinimiseError:
                return Search(spec, trial, group, importance, largest / top);
            case ScaleRule.SignedMaxRefit:
                return Refit(spec, trial, group, importance, magnitude);
            default:
                return Direct(spec, largest / top, tensorScale);
        }
    }

    /// <summary>The scale of a row or a tensor by its statistics, as stored; of groups' scales under a tensor scale, that one.</summary>
    public static float Whole(ElementSpec spec, in TensorStatistics statistics)
    {
        float top = (float)spec.Element.Top;
        if (spec.HasTensorScale)
        {
            // the largest group scale becomes the largest value of its type
            return statistics.AbsMax / (top * ScaleCodec.Largest(spec.Scale));
        }
        return spec.Rule switch
        {
            ScaleRule.GaussianOptimal => ScaleCodec.Rounded(
                spec.Scale,
                (float)Math.Min(statistics.Rms * spec.GaussianScale, float.MaxValue)
            ),
            ScaleRule.MxFloor => ScaleCodec.FromE8M0(Exponent(spec, BitConverter.SingleToUInt32Bits(statistics.AbsMax))),
            ScaleRule.MxCeiling => ScaleCodec.FromE8M0(ExponentAbove(statistics.AbsMax / top)),
            _ => ScaleCodec.Rounded(spec.Scale, statistics.AbsMax / top),
        };
    }

    /// <summary>The scale of a row, as stored.</summary>
    /// <exception cref="NonFiniteWeightException">A value is NaN or infinite.</exception>
    public static float Row(ElementSpec spec, ReadOnlySpan<float> values, int row)
    {
        TensorStatistics statistics = TensorStatistics.Measure(values);
        if (!float.IsFinite(statistics.AbsMax))
        {
            MatrixDriver.ThrowNonFinite(spec.Name, values, row, 0);
        }
        return Whole(spec, statistics);
    }

    /// <summary>A stored scale that is chosen already.</summary>
    public static GroupScale Given(float scale) => new(scale, scale, 0f, ScaleCodec.Reciprocal(scale), 0f);

    /// <summary>
    /// The exponent of the largest magnitude less the exponent of the top level, read from the float's own exponent field.
    /// </summary>
    private static byte Exponent(ElementSpec spec, uint magnitude) => (byte)Math.Clamp((int)(magnitude >> 23) - TopExponent(spec), 0, 254);

    /// <summary>⌊log₂⌋ of the top level.</summary>
    public static int TopExponent(ElementSpec spec) => (int)Math.Floor(Math.Log(spec.Element.Top, 2) + 1e-12);

    /// <summary>The next power of two at or above a ratio.</summary>
    private static byte ExponentAbove(float ratio)
    {
        uint bits = BitConverter.SingleToUInt32Bits(ratio);
        return (byte)Math.Clamp((int)(bits >> 23) + ((bits & 0x7FFFFF) != 0 ? 1 : 0), 0, 254);
    }

    private static GroupScale PowerOfTwo(byte exponent)
    {
        float stored = ScaleCodec.FromE8M0(exponent);
        return new(stored, stored, 0f, 1f / stored, 0f);
    }

    private static GroupScale Direct(ElementSpec spec, float wanted, float tensorScale)
    {
        float stored =
            !spec.HasTensorScale ? ScaleCodec.Rounded(spec.Scale, wanted)
            : tensorScale > 0f ? ScaleCodec.Rounded(spec.Scale, wanted / tensorScale)
            : 0f;
        float scale = spec.HasTensorScale ? stored * tensorScale : stored;
        return new(stored, scale, 0f, ScaleCodec.Reciprocal(spec.Unrounded ? wanted : scale), 0f);
    }

    private static GroupScale Affine<TTrial>(ElementSpec spec, TTrial trial, ReadOnlySpan<float> group, ReadOnlySpan<float> importance)
        where TTrial : struct, IGroupTrial
    {
        float lowest = (float)spec.Element.Lowest,
            span = (float)(spec.Element.Highest - spec.Element.Lowest);
        (float min, float max) = GroupMath.Range(group);
        float wanted = Math.Min(max - min, float.MaxValue) / span;
        float Low(float minimum, float scale) => spec.Element.Lowest == 0 ? minimum : minimum - lowest * scale;
        if (spec.Rule != ScaleRule.MinimiseError)
        {
            float scale = ScaleCodec.Rounded(spec.Scale, wanted),
                low = Low(min, scale),
                offset = ScaleCodec.Rounded(spec.Offset!.Value, low);
            return new(scale, scale, offset, ScaleCodec.Reciprocal(spec.Unrounded ? wanted : scale), spec.Unrounded ? low : offset);
        }
        GroupScale best = default;
        float bestError = float.PositiveInfinity;
        for (int step = 0; step < SearchSteps; step++)
        {
            // the range shrinks around its middle
            float part = 1.05f - 0.03f * step,
                scale = ScaleCodec.Rounded(spec.Scale, wanted * part),
                offset = ScaleCodec.Rounded(spec.Offset!.Value, Low(min + (max - min) * (0.5f - 0.5f * part), scale));
            var candidate = new GroupScale(scale, scale, offset, ScaleCodec.Reciprocal(scale), offset);
            float error = trial.Error(group, importance, candidate);
            if (step == 0 || error < bestError)
            {
                (best, bestError) = (candidate, error);
            }
        }
        return best;
    }

    private static GroupScale Search<TTrial>(
        ElementSpec spec,
        TTrial trial,
        ReadOnlySpan<float> group,
        ReadOnlySpan<float> importance,
        float wanted
    )
        where TTrial : struct, IGroupTrial
    {
        GroupScale best = default;
        float bestError = float.PositiveInfinity;
        for (int step = 0; step < SearchSteps; step++)
        {
            GroupScale candidate = Given(ScaleCodec.Rounded(spec.Scale, wanted * (1.05f - 0.03f * step)));
            float error = trial.Error(group, importance, candidate);
            if (step == 0 || error < bestError)
            {
                (best, bestError) = (candidate, error);
            }
        }
        return best;
    }

    private static GroupScale Refit<TTrial>(
        ElementSpec spec,
        TTrial trial,
        ReadOnlySpan<float> group,
        ReadOnlySpan<float> importance,
        uint magnitude
    )
        where TTrial : struct, IGroupTrial
    {
        if (BitConverter.UInt32BitsToSingle(magnitude) < 1e-15f)
        {
            return default;
        }
        // ggml's order of operations: codes under the first scale, then least squares with weights x², or those of the
        // columns; values are divided by a power of two first, which changes no rounding and keeps the squares in range
        float first = ScaleCodec.Reciprocal(GroupMath.SignedMax(group, magnitude) / (float)spec.Element.Lowest);
        float unit = BitConverter.UInt32BitsToSingle(magnitude & 0x7F800000),
            inverseUnit = 1f / unit;
        float projection = 0f,
            energy = 0f;
        Span<float> levels = stackalloc float[group.Length];
        trial.Levels(group, first, levels);
        for (int i = 0; i < group.Length; i++)
        {
            float reduced = group[i] * inverseUnit;
            float weight = importance.IsEmpty ? reduced * reduced : importance[i];
            projection += weight * levels[i] * reduced;
            energy += weight * levels[i] * levels[i];
        }
        float stored = ScaleCodec.Rounded(spec.Scale, energy > 0f ? projection / energy * unit : 0f);
        return new(stored, stored, 0f, first, 0f);
    }
}
