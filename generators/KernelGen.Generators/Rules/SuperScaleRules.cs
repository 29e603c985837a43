using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;
using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Rules;

/// <summary>Super-scales, the integer scales under them, and the spans of planes in a super-block.</summary>
internal static class SuperScaleRules
{
    /// <summary>Elements of a super-block: an encoder keeps several copies of it on the stack.</summary>
    public const int LargestSuperBlock = 4096;

    public static IEnumerable<Violation> CheckStage(FormatModel model)
    {
        if (model.SuperScale is not { } super)
        {
            return [.. IntegersAlone(model), .. Spans(model)];
        }
        if (model.Scale is null)
        {
            return
            [
                new(
                    Descriptors.SuperScaleOver,
                    "SuperScale",
                    model.TypeName,
                    "no scales",
                    "[Scale] with an integer type: UInt4, UInt6, UInt8, Int6 or Int8"
                ),
            ];
        }
        return [.. Types(model, super, model.Scale), .. Sizes(model, super, model.Scale)];
    }

    public static IEnumerable<Violation> CheckCombination(FormatModel model)
    {
        if (model.SuperScale is null)
        {
            yield break;
        }
        TieRule ties = model.Element switch
        {
            IntElementModel integer => integer.Ties,
            FloatElementModel real => real.Ties,
            _ => TieRule.Even,
        };
        (bool Wrong, Fault At, string What, string Instead)[] table =
        [
            (
                model.HasTensorScale,
                Fault.Remove("TensorScale"),
                "a tensor scale",
                "the super-scale is the second level; remove one of them"
            ),
            (
                model.Layout.Groups > 1,
                Fault.Remove("Layout", "Groups"),
                $"Layout(Groups = {model.Layout.Groups})",
                "its own argument says how many groups there are; remove Groups"
            ),
            (
                model.Scale!.Use == ScaleUse.Unrounded,
                Fault.Remove("Scale", "Use"),
                "ScaleUse.Unrounded",
                "codes are chosen under the stored scales; remove Use"
            ),
            (
                model.Scale.Rule is not (ScaleRule.AbsMax or ScaleRule.MinimiseError),
                Fault.Set("Scale", "Rule", ScaleRule.MinimiseError),
                $"ScaleRule.{model.Scale.Rule}",
                "use MinimiseError or AbsMax"
            ),
            (
                ties != TieRule.Even,
                Fault.Remove(model.Element is FloatElementModel ? "FloatElement" : "IntElement", "Ties"),
                $"TieRule.{ties}",
                "codes are those of least error and ties have none; remove Ties"
            ),
        ];
        foreach ((bool wrong, Fault fault, string what, string instead) in table)
        {
            if (wrong)
            {
                yield return new(Descriptors.SuperScaleCombination, fault, model.TypeName, what, instead);
            }
        }
        if (!table.Any(row => row.Wrong))
        {
            foreach (Violation violation in Spans(model))
            {
                yield return violation;
            }
        }
    }

    private static IEnumerable<Violation> IntegersAlone(FormatModel model)
    {
        if (model.Scale is { } scale && SubScaleLayout.IsInteger(scale.Type))
        {
            yield return new(Descriptors.IntegerScaleAlone, "Scale", model.TypeName, "scales", scale.Type);
        }
        else if (model.Offset is { } offset && SubScaleLayout.IsInteger(offset.Type))
        {
            Fault plain = Fault.Set("Offset", "type", ScaleType.Float16);
            yield return new(Descriptors.IntegerScaleAlone, plain, model.TypeName, "offsets", offset.Type);
        }
    }

    private static IEnumerable<Violation> Types(FormatModel model, SuperScaleModel super, ScaleModel scale)
    {
        if (super.Type is not (ScaleType.Float32 or ScaleType.Float16 or ScaleType.BFloat16))
        {
            yield return new(Descriptors.SuperScaleType, Fault.Set("SuperScale", "type", ScaleRules.Of16Bits(super.Type)), super.Type);
        }
        if (!SubScaleLayout.IsInteger(scale.Type))
        {
            yield return new(
                Descriptors.SuperScaleOver,
                model.Offset is { } own && SubScaleLayout.IsInteger(own.Type) ? Fault.Set("Scale", "type", own.Type) : "Scale",
                model.TypeName,
                $"scales of type {scale.Type}",
                "an integer type: UInt4, UInt6, UInt8, Int6 or Int8"
            );
        }
        else if (model.Offset is { } offset && offset.Type != scale.Type)
        {
            yield return new(
                Descriptors.SuperScaleOver,
                Fault.Set("Offset", "type", scale.Type),
                model.TypeName,
                $"scales of type {scale.Type} and offsets of type {offset.Type}",
                $"{scale.Type} for both"
            );
        }
    }

    private static IEnumerable<Violation> Sizes(FormatModel model, SuperScaleModel super, ScaleModel scale)
    {
        if (super.Groups < 2 || scale.Group < 16 || scale.Group % 16 != 0 || (long)super.Groups * scale.Group > LargestSuperBlock)
        {
            int group = (Math.Min(Math.Max(scale.Group, 16), LargestSuperBlock / 2) + 8) / 16 * 16;
            Fault nearest = Fault
                .Nearest("SuperScale", "groups", super.Groups, 2, LargestSuperBlock / group)
                .And(Fault.Nearest("Scale", "group", scale.Group, group, group))
                .When(scale.Group > 0);
            yield return new(Descriptors.SuperBlock, nearest, model.TypeName, super.Groups, scale.Group, LargestSuperBlock);
        }
        else if (SubScaleLayout.IsInteger(scale.Type) && (model.Offset is null || model.Offset.Type == scale.Type))
        {
            int entries = SubScaleLayout.Entries(model);
            string? needs =
                super.Order == SubScaleOrder.Folded
                && (SubScaleLayout.Bits(scale.Type) != 6 || model.Offset is null || super.Groups % 2 != 0)
                    ? "6-bit scales and offsets of an even number of groups"
                : entries * SubScaleLayout.Bits(scale.Type) % 8 != 0
                    ? "entries that fill whole bytes: an even number of 4 bits, a multiple of 4 of 6 bits"
                : null;
            if (needs is not null)
            {
                // whole bytes in any order: of 4 groups
                int most = LargestSuperBlock / scale.Group / 4 * 4;
                Fault fault =
                    super.Order == SubScaleOrder.Folded
                        ? Fault.Remove("SuperScale", "Order")
                        : Fault.Nearest("SuperScale", "groups", super.Groups, 4, most, 4);
                yield return new(Descriptors.SubScaleOrder, fault, super.Order, entries, scale.Type, model.TypeName, needs);
            }
        }
    }

    private static IEnumerable<Violation> Spans(FormatModel model)
    {
        LayoutModel layout = model.Layout;
        foreach (
            (string name, int span, int bits, CodeOrder order) in new[]
            {
                ("NibblesSpan", layout.NibblesSpan, 4, layout.Nibbles),
                ("PairsSpan", layout.PairsSpan, 2, layout.Pairs),
                ("BitsSpan", layout.BitsSpan, 1, layout.Bits),
            }
        )
        {
            bool hasPlane = BlockPlan.PlanesOf(model.Element.Bits).Any(plane => plane.Bits == bits);
            if (span == 0 && (model.SuperScale is null || !hasPlane || order != CodeOrder.Split))
            {
                continue;
            }
            int group = model.Scale?.Group ?? 0,
                block = (model.SuperScale?.Groups ?? 0) * group,
                over = span == 0 ? block : span;
            bool Fits(int over) =>
                block % over == 0
                && over * bits / 8 is >= 4 and int stride
                && stride % 4 == 0
                && (stride % group == 0 || group % stride == 0);
            string? wrong =
                model.SuperScale is null ? "only the planes of a super-block have spans; remove it, or add [SuperScale]"
                : !hasPlane ? $"codes of {model.Element.Bits} bits have no such plane; remove it"
                : over < 0 || !Fits(over)
                    ? $"use a divisor s of the super-block's {block} elements such that s·{bits}/8 is a multiple of 4, and a divisor or a "
                        + $"multiple of the group of {group}"
                : null;
            if (wrong is not null)
            {
                Fault fault =
                    model.SuperScale is null || !hasPlane
                        ? Fault.Remove("Layout", name)
                        : Fault.Nearest("Layout", name, over, Enumerable.Range(1, block).Where(Fits));
                yield return new(Descriptors.Span, fault, name, span, model.TypeName, wrong);
            }
        }
    }
}
