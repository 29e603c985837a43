using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;
using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Emit;

/// <summary>A block drawn as a row of boxes, with a line on where the codes of each plane sit.</summary>
internal static class BitDrawing
{
    public static IReadOnlyList<string> Of(CodecPlan plan) => [.. Boxes(plan.Block, plan.Fields), .. plan.Notes];

    public static IReadOnlyList<string> Of(BlockPlan plan)
    {
        var lines = Boxes(plan.Block, [.. plan.Fields.Select(field => (field.Field.ToString().ToLowerInvariant(), field.Bytes))]);
        lines.AddRange(plan.Planes.Select(plane => $"{plane.Field.ToString().ToLowerInvariant()}: {Where(plan, plane)}"));
        if (plan.Groups > 1)
        {
            lines.Add($"{plan.Groups} groups of {plan.Group}: each field holds the entries of group 0, then of group 1, …");
        }
        if (plan.RowHeaderBytes > 0)
        {
            lines.Add($"each row starts with its scale, {plan.Model.Scale!.Type}, {plan.RowHeaderBytes} B");
        }
        if (plan.TensorHeader is { } header)
        {
            lines.Add($"the tensor starts with its scale, {header}");
        }
        return lines;
    }

    private static List<string> Boxes(int block, IReadOnlyList<(string Name, int Bytes)> fields)
    {
        var top = new System.Text.StringBuilder();
        var edge = new System.Text.StringBuilder("┌");
        var middle = new System.Text.StringBuilder("│");
        var bottom = new System.Text.StringBuilder("└");
        int at = 0;
        foreach ((string name, int bytes) in fields)
        {
            string label = $" {name} · {Text.Int(bytes)} B ";
            top.Append(Text.Int(at).PadRight(label.Length + 1));
            edge.Append('─', label.Length).Append('┬');
            middle.Append(label).Append('│');
            bottom.Append('─', label.Length).Append('┴');
            at += bytes;
        }
        top.Append(Text.Int(at));
        edge[edge.Length - 1] = '┐';
        bottom[bottom.Length - 1] = '┘';
        return
        [
            $"block of {block} elements, {at} bytes, "
                + $"{(8.0 * at / block).ToString("0.####", System.Globalization.CultureInfo.InvariantCulture)} bits per weight",
            "byte " + top,
            "     " + edge,
            "     " + middle,
            "     " + bottom,
        ];
    }

    private static string Where(BlockPlan plan, PlanePlan plane)
    {
        if (plane.IsWhole)
        {
            return plane.Bits == 8 ? "byte j holds element j" : $"element j at byte {plane.Bits / 8}j, little-endian";
        }
        string codeBits =
            plane.Bits == 1 ? $"bit {plane.Shift} of the code" : $"bits {plane.Shift}-{plane.Shift + plane.Bits - 1} of the code";
        int perByte = 8 / plane.Bits;
        string place = plane.Order switch
        {
            CodeOrder.Split => "byte j holds elements "
                + string.Join(", ", Enumerable.Range(0, perByte).Select(part => part == 0 ? "j" : $"j+{part * plane.BytesPerGroup}"))
                + " from its low bits up",
            CodeOrder.LowFirst => $"byte j holds elements {perByte}j … {perByte}j+{perByte - 1} from its low bits up",
            _ => $"byte j holds elements {perByte}j … {perByte}j+{perByte - 1} from its high bits down",
        };
        return $"{codeBits}; {place}";
    }
}
