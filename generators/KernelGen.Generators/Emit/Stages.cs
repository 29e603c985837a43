using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit;

/// <summary>A declaration in words.</summary>
internal static class Stages
{
    public static string Family(FormatModel model) =>
        model.Element switch
        {
            IntElementModel => "int",
            FloatElementModel => "float",
            _ => "codebook",
        };

    public static IEnumerable<(string Kind, string Text)> Of(BlockPlan plan)
    {
        FormatModel model = plan.Model;
        yield return Element(model.Element);
        if (model.Scale is { } scale)
        {
            string group = scale.Group switch
            {
                ScaleModel.Row => "row",
                ScaleModel.Tensor => "tensor",
                _ => Text.Int(scale.Group) + " elements",
            };
            yield return (
                "Scale",
                $"{scale.Type} per {group}, {scale.Rule}{(scale.Use == ScaleUse.Unrounded ? ", codes by the unrounded scale" : "")}"
            );
        }
        if (model.Offset is { } offset)
        {
            yield return ("Offset", $"{offset.Type} per group");
        }
        if (model.HasTensorScale)
        {
            yield return ("TensorScale", "Float32, multiplies the group scales");
        }
        yield return ("Layout", string.Join(", ", plan.Fields.Select(field => $"{field.Field} {field.Bytes} B")));
    }

    private static (string Kind, string Text) Element(ElementModel element) =>
        element switch
        {
            IntElementModel integer => (
                "IntElement",
                $"{integer.Bits} bit, {integer.Levels} levels, {integer.Code} code"
                    + (integer.Levels == IntLevels.Midrise ? "" : $", ties {integer.Ties}")
                    + (integer.FractionBits > 0 ? $", times 2^-{integer.FractionBits}" : "")
            ),
            FloatElementModel real => (
                "FloatElement",
                $"E{real.Exponent}M{real.Mantissa}, bias {Text.Int(real.Bias)}, specials {real.Specials}, ties {real.Ties}"
                    + (real.NegativeZero ? "" : ", no negative zero")
            ),
            CodebookElementModel codebook => ("Codebook", $"{codebook.Values.Count} values, {codebook.Bits} bit"),
            _ => throw new InvalidOperationException(),
        };
}
