using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Rules;

/// <summary>Scales, offsets and tensor scales: each by itself, and together with the element.</summary>
internal static class ScaleRules
{
    /// <summary>Elements of a stored block, all its groups together: what a kernel keeps on the stack.</summary>
    public const int LargestBlock = 16384;

    public static IEnumerable<Violation> CheckStage(FormatModel model)
    {
        if (model.Scale is { } scale)
        {
            if (scale.Group is 0 or < ScaleModel.Tensor or > LargestBlock)
            {
                Fault largest = Fault.Set("Scale", "group", LargestBlock).When(scale.Group > 0);
                yield return new(Descriptors.GroupSize, largest, scale.Group, model.TypeName, LargestBlock);
            }
            foreach (Violation violation in TypeHoldsRule(scale))
            {
                yield return violation;
            }
            if (scale.Group < 0 && scale.Rule is ScaleRule.SignedMax or ScaleRule.MinimiseError or ScaleRule.SignedMaxRefit)
            {
                yield return new(Descriptors.RuleNeedsGroup, "Scale", scale.Rule, scale.Group == ScaleModel.Row ? "row" : "tensor");
            }
        }
        if (model.Offset is { } offset && offset.Type is ScaleType.E8M0 or ScaleType.E4M3 or ScaleType.UE4M3)
        {
            yield return new(Descriptors.OffsetType, Fault.Set("Offset", "type", Of16Bits(offset.Type)), offset.Type);
        }
    }

    /// <summary>The type of 16 bits with the range of another.</summary>
    public static ScaleType Of16Bits(ScaleType type) =>
        type is ScaleType.Float32 or ScaleType.E8M0 ? ScaleType.BFloat16 : ScaleType.Float16;

    private static IEnumerable<Violation> TypeHoldsRule(ScaleModel scale)
    {
        bool powerOfTwoRule = scale.Rule is ScaleRule.MxFloor or ScaleRule.MxCeiling;
        bool signedRule = scale.Rule is ScaleRule.SignedMax or ScaleRule.SignedMaxRefit;
        if (powerOfTwoRule && scale.Type != ScaleType.E8M0)
        {
            yield return new(
                Descriptors.ScaleCannotHoldRule,
                Fault.Set("Scale", "type", ScaleType.E8M0),
                scale.Rule,
                "a power of two up to 2^127",
                scale.Type,
                "ScaleType.E8M0, or the rule AbsMax"
            );
        }
        if (!powerOfTwoRule && scale.Type == ScaleType.E8M0)
        {
            yield return new(
                Descriptors.ScaleCannotHoldRule,
                Fault.Set("Scale", "Rule", ScaleRule.MxFloor),
                scale.Rule,
                "any number",
                scale.Type,
                "the rule MxFloor or MxCeiling, or ScaleType.Float16"
            );
        }
        if (signedRule && scale.Type == ScaleType.UE4M3)
        {
            yield return new(
                Descriptors.ScaleCannotHoldRule,
                Fault.Set("Scale", "type", ScaleType.E4M3),
                scale.Rule,
                "a scale of either sign",
                scale.Type,
                "ScaleType.E4M3 or Float16, or the rule AbsMax"
            );
        }
    }

    public static IEnumerable<Violation> CheckCombination(FormatModel model)
    {
        if (model.Element.Bits > 8)
        {
            string? extra =
                model.Scale is not null ? "Scale"
                : model.Offset is not null ? "Offset"
                : model.HasTensorScale ? "TensorScale"
                : null;
            if (extra is not null)
            {
                yield return new(Descriptors.WideScaled, Fault.Remove(extra), model.TypeName, $"[{extra}]", model.Element.Bits);
            }
            yield break;
        }

        double[] levels = [.. LevelTable.Values(model.Element).Where(level => !double.IsNaN(level) && !double.IsInfinity(level))];
        bool unsigned = model.Element is IntElementModel { Levels: IntLevels.Unsigned };
        if (model.Offset is not null && model.Scale?.Type == ScaleType.E8M0)
        {
            yield return new(Descriptors.PowerOfTwoWithOffset, "Offset", model.TypeName);
        }
        else if (
            model.Offset is not null
            && (model.Scale is not { Group: > 0 } || model.Scale.Rule is not (ScaleRule.AbsMax or ScaleRule.MinimiseError))
        )
        {
            yield return new(
                Descriptors.OffsetNeedsRange,
                "Offset",
                model.TypeName,
                "an offset",
                "it needs a scale with a group of a fixed size and the rule AbsMax or MinimiseError"
            );
        }
        else if (unsigned && model.Offset is null && model.Scale is not null)
        {
            bool ranged = model.Scale is { Group: > 0, Rule: ScaleRule.AbsMax or ScaleRule.MinimiseError } && !model.HasTensorScale;
            ScaleType type = model.SuperScale is null ? ScaleType.Float16 : model.Scale.Type;
            yield return new(
                Descriptors.OffsetNeedsRange,
                new("IntElement", ranged ? $"Offset=[Offset(ScaleType.{type})]" : null),
                model.TypeName,
                "unsigned levels and no offset",
                "add [Offset(ScaleType.Float16)], or use symmetric levels"
            );
        }

        if (model.Scale is { Rule: ScaleRule.SignedMax or ScaleRule.SignedMaxRefit } signed && levels.Min() >= 0)
        {
            yield return new(Descriptors.NoLowestLevel, Fault.Remove("Scale", "Rule"), signed.Rule, levels.Min());
        }
        if (model.Scale is { Rule: ScaleRule.GaussianOptimal })
        {
            string? wrong =
                model.Offset is not null ? "an offset"
                : levels.Min() >= 0 || levels.Max() <= 0 ? "levels on one side of zero"
                : null;
            if (wrong is not null)
            {
                yield return new(Descriptors.GaussianNotSymmetric, "Scale", model.TypeName, wrong);
            }
        }
        if (
            model.HasTensorScale
            && (
                model.Scale is not { Group: > 0, Rule: ScaleRule.AbsMax, Type: not (ScaleType.Float32 or ScaleType.BFloat16) }
                || model.Offset is not null
            )
        )
        {
            yield return new(
                Descriptors.TensorScaleAlone,
                "TensorScale",
                model.TypeName,
                model.Scale is null
                    ? "and no group scale"
                    : $"over {model.Scale.Rule} scales of type {model.Scale.Type}, group "
                        + $"{model.Scale.Group}{(model.Offset is null ? "" : " and an offset")}"
            );
        }
    }
}
