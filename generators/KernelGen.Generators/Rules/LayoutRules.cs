using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Rules;

/// <summary>A layout against the parts that the block has.</summary>
internal static class LayoutRules
{
    public static IEnumerable<Violation> Check(FormatModel model)
    {
        LayoutModel layout = model.Layout;
        if (
            layout.Groups < 1
            || (layout.Groups > 1 && model.Scale is not { Group: > 0 })
            || (long)layout.Groups * Math.Max(1, model.Scale?.Group ?? 1) > ScaleRules.LargestBlock
        )
        {
            int fits = model.Scale is { Group: > 0 } scale && layout.Groups > 1 ? ScaleRules.LargestBlock / scale.Group : 1;
            Fault groups = fits > 1 ? Fault.Set("Layout", "Groups", fits) : Fault.Remove("Layout", "Groups");
            yield return new(Descriptors.LayoutGroups, groups, layout.Groups, model.TypeName, ScaleRules.LargestBlock);
        }
        if (layout.Fields.Count == 0)
        {
            yield break;
        }
        BlockField[] needed = [.. BlockPlan.FieldsOf(model)];
        string list = string.Join(", ", needed);
        IEnumerable<BlockField> right = layout.Fields.Where(needed.Contains).Concat(needed).Distinct();
        Fault fault = Fault.Set("Layout", "fields", string.Join(", ", right.Select(field => $"BlockField.{field}")));
        foreach (BlockField field in needed.Where(field => !layout.Fields.Contains(field)))
        {
            yield return new(Descriptors.LayoutCover, fault, model.TypeName, "lacks", field, model.Element.Bits, list);
        }
        foreach (IGrouping<BlockField, BlockField> field in layout.Fields.GroupBy(field => field))
        {
            if (!needed.Contains(field.Key))
            {
                yield return new(Descriptors.LayoutCover, fault, model.TypeName, "has no use for", field.Key, model.Element.Bits, list);
            }
            else if (field.Count() > 1)
            {
                yield return new(
                    Descriptors.LayoutCover,
                    fault,
                    model.TypeName,
                    $"names {field.Count()} times",
                    field.Key,
                    model.Element.Bits,
                    list
                );
            }
        }
    }
}
