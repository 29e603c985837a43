using System.Globalization;
using KernelGen.Generators.Model;
using KernelGen.Generators.Plan.Codecs;
using KernelGen.Generators.Reading;

namespace KernelGen.Generators.Rules;

/// <summary>Elements that code whole blocks: each by itself, then with the scale, whose group is the block.</summary>
internal static class BlockElementRules
{
    /// <summary>Weights of the largest block: encoders keep a few copies of it on the stack.</summary>
    public const int LargestGroup = 4096;

    public static IEnumerable<Violation> Check(FormatModel model, Declaration declaration)
    {
        var element = (BlockElementModel)model.Element;
        Violation[] alone = [.. Element(model, element)];
        if (alone.Length > 0)
        {
            return alone;
        }
        Violation[] scale = [.. Scale(model, element)];
        return scale.Length > 0 ? scale : [.. Group(model, element), .. Others(model, element, declaration)];
    }

    private static IEnumerable<Violation> Element(FormatModel model, BlockElementModel element)
    {
        switch (element)
        {
            case TrellisElementModel trellis:
                if (!(trellis.Rate is >= 1 and <= 4.25) || trellis.Rate * 16 != Math.Floor(trellis.Rate * 16))
                {
                    double nearest = double.IsNaN(trellis.Rate) ? 2 : Math.Round(Math.Min(Math.Max(trellis.Rate, 1), 4.25) * 16) / 16;
                    Fault rate = Fault.Set("Trellis", "bits", nearest);
                    yield return new(Descriptors.TrellisRate, rate, Number(trellis.Rate), model.TypeName, Number(nearest));
                }
                if (trellis.States is not (4096 or 8192 or 16384 or 32768 or 65536) || trellis.Refinements is < 0 or > 8)
                {
                    Fault states = Fault
                        .Nearest("Trellis", "states", trellis.States, [4096, 8192, 16384, 32768, 65536])
                        .And(Fault.Nearest("Trellis", "Refinements", trellis.Refinements, 0, 8));
                    yield return new(Descriptors.TrellisStates, states, trellis.States, model.TypeName, trellis.Refinements);
                }
                break;
            case VectorElementModel vector when !VectorPlan.Known.Contains((vector.Dimension, vector.Entries)):
                string known = string.Join(", ", VectorPlan.Known.Select(grid => $"({grid.Dimension}, {grid.Entries})"));
                IEnumerable<int> entries = VectorPlan.Known.Where(grid => grid.Dimension == vector.Dimension).Select(grid => grid.Entries);
                Fault grid = Fault.Nearest(element.Attribute, "entries", vector.Entries, entries);
                yield return new(Descriptors.UnknownGrid, grid, vector.Entries, vector.Dimension, model.TypeName, known);
                break;
            case LatticeElementModel lattice when lattice.Bits is < 2 or > 4:
                yield return new(Descriptors.LatticeBits, Fault.Nearest("E8P", "bits", lattice.Bits, 2, 4), lattice.Bits, model.TypeName);
                break;
            default:
                break;
        }
    }

    private static IEnumerable<Violation> Scale(FormatModel model, BlockElementModel element)
    {
        bool ternary = element is TernaryElementModel;
        string? wrong = model.Scale switch
        {
            null => "no scale",
            { Group: < 0 } scale => $"one scale per {(scale.Group == ScaleModel.Row ? "row" : "tensor")}",
            { Type: not (ScaleType.Float16 or ScaleType.BFloat16 or ScaleType.Float32) } scale => $"a scale of type {scale.Type}",
            { Rule: ScaleRule.GaussianOptimal or ScaleRule.MinimiseError } => null,
            { Rule: ScaleRule.AbsMax } when ternary => null,
            { } scale => $"a scale by ScaleRule.{scale.Rule}",
        };
        wrong ??= model.Scale!.Use == ScaleUse.Unrounded && !ternary ? "codes by the unrounded scale" : null;
        if (wrong is not null)
        {
            yield return new(
                Descriptors.BlockScale,
                ScaleFix(model, element, ternary),
                model.TypeName,
                wrong,
                element.Attribute,
                256,
                "GaussianOptimal",
                ternary ? "MinimiseError or AbsMax" : "MinimiseError"
            );
        }
    }

    /// <summary>The scale that the message names, with what the declared one has of it.</summary>
    private static Fault ScaleFix(FormatModel model, BlockElementModel element, bool ternary)
    {
        if (model.Scale is not { } scale)
        {
            const string added = "Scale=[Scale(ScaleType.Float16, group: 256, Rule = ScaleRule.GaussianOptimal)]";
            return new(element.Attribute, element is TernaryElementModel { Planes.Count: > 0 } ? null : added);
        }
        bool rule = scale.Rule is ScaleRule.GaussianOptimal or ScaleRule.MinimiseError || (ternary && scale.Rule == ScaleRule.AbsMax);
        bool type = scale.Type is ScaleType.Float16 or ScaleType.BFloat16 or ScaleType.Float32;
        return Fault
            .Set("Scale", "type", ScaleRules.Of16Bits(scale.Type))
            .When(!type)
            .And(Fault.Set("Scale", "group", 256).When(scale.Group < 0))
            .And(Fault.Set("Scale", "Rule", ScaleRule.GaussianOptimal).When(!rule))
            .And(Fault.Remove("Scale", "Use").When(scale.Use == ScaleUse.Unrounded && !ternary));
    }

    private static IEnumerable<Violation> Group(FormatModel model, BlockElementModel element)
    {
        int group = model.Scale!.Group;
        (int step, int least) = element switch
        {
            // Sixteen weights are a whole number of bits and a block a whole number of bytes.
            TrellisElementModel trellis => (
                trellis.BitsPer16 % 8 == 0 ? 16
                : trellis.BitsPer16 % 4 == 0 ? 32
                : trellis.BitsPer16 % 2 == 0 ? 64
                : 128,
                32
            ),
            VectorElementModel vector => (
                vector.Dimension
                    * (
                        vector.IndexBits % 8 == 0 ? 1
                        : vector.IndexBits % 4 == 0 ? 2
                        : 4
                    ),
                1
            ),
            LatticeElementModel => (8, 8),
            TernaryElementModel { Code: TernaryCode.NeighbourPairs } => (16, 16),
            SignElementModel => (16, 16),
            _ => (1, 1),
        };
        if (group < least || group > LargestGroup || group % step != 0)
        {
            yield return new(
                Descriptors.BlockGroup,
                Fault.Nearest("Scale", "group", group, Math.Max(least, step), LargestGroup, step),
                group,
                element.Attribute,
                model.TypeName,
                $"a multiple of {step} from {Math.Max(least, step)} to {LargestGroup}"
            );
        }
        else if (element is TernaryElementModel ternary && Planes(ternary, group) is { } wrong)
        {
            yield return new(
                Descriptors.TernaryPlanes,
                Fault.Remove(element.Attribute, "planes").When(ternary.Code == TernaryCode.NeighbourPairs),
                model.TypeName,
                ternary.Planes.Sum(bytes => (long)bytes * ternary.PerByte),
                group,
                wrong
            );
        }
    }

    /// <summary>What is wrong with planes, or null: all bytes are used, and every plane but the last is full.</summary>
    private static string? Planes(TernaryElementModel element, int group)
    {
        if (element.Planes.Count == 0)
        {
            return null;
        }
        if (element.Code == TernaryCode.NeighbourPairs)
        {
            return "neighbouring elements share a byte, so there are no planes to give";
        }
        if (element.Planes.Any(bytes => bytes is < 1 or > LargestGroup))
        {
            return $"a plane has 1 to {LargestGroup} bytes";
        }
        long before = element.Planes.Take(element.Planes.Count - 1).Sum(bytes => (long)bytes * element.PerByte),
            rest = group - before;
        int last = element.Planes[element.Planes.Count - 1];
        return rest <= 0 || rest > (long)last * element.PerByte || last > rest
            ? $"at {element.PerByte} a byte they shall hold all, the last plane not less than one and not more than {element.PerByte} in "
                + "each byte"
            : null;
    }

    private static IEnumerable<Violation> Others(FormatModel model, BlockElementModel element, Declaration declaration)
    {
        string? other = new[] { "Offset", "TensorScale", "SuperScale" }.FirstOrDefault(name => declaration.Find(name) is not null);
        if (other is not null)
        {
            yield return new(
                Descriptors.BlockAlone,
                Fault.Remove(other),
                model.TypeName,
                element.Attribute,
                $"[{other}]",
                "remove it, as the codes are in units of the group's scale alone"
            );
        }
        LayoutModel layout = model.Layout;
        bool plain =
            layout.Groups == 1
            && layout.Nibbles == LayoutModel.Default.Nibbles
            && layout.Pairs == LayoutModel.Default.Pairs
            && layout.Bits == LayoutModel.Default.Bits;
        bool both =
            layout.Fields.Count == 0
            || (layout.Fields.Count == 2 && layout.Fields.Contains(BlockField.Scale) && layout.Fields.Contains(BlockField.Codes));
        if (!plain || !both)
        {
            yield return new(
                Descriptors.BlockAlone,
                both ? Fault.Remove("Layout", "Groups", "Nibbles", "Pairs", "Bits") : Fault.Remove("Layout"),
                model.TypeName,
                element.Attribute,
                "a layout of scalar codes",
                "write [Layout(BlockField.Scale, BlockField.Codes)] or the two the other way round, without further arguments"
            );
        }
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
