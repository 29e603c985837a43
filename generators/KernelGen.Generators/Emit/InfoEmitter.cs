using System.Globalization;
using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit;

/// <summary>The description of a format whose codes stand for one weight each, as data, and the members that users call.</summary>
internal static class InfoEmitter
{
    public static string Write(BlockPlan plan) =>
        $$"""
            /// <summary>The format as data: what the reference coder reads.</summary>
            private static readonly ElementSpec Spec = new()
            {
                {{Text.Indent(string.Join("\n", Properties(plan).Select(property => $"{property.Name} = {property.Value},")), 4)}}
            };

            /// <inheritdoc/>
            public static FormatInfo Info { get; } = Spec.Describe(
                "{{Stages.Family(plan.Model)}}",
                {{Text.Indent(
                string.Join(",\n", Stages.Of(plan).Select(stage => $"new FormatStage(\"{stage.Kind}\", \"{stage.Text}\")")),
                4
            )}}
            );

            {{DriverText.Members(plan.Model.TypeName)}}
            """;

    private static IEnumerable<(string Name, string Value)> Properties(BlockPlan plan)
    {
        yield return ("Name", $"\"{plan.Model.Name}\"");
        yield return ("Element", Element(plan));
        yield return ("Group", Text.Int(plan.Group));
        if (plan.Groups > 1)
        {
            yield return ("Groups", Text.Int(plan.Groups));
        }
        yield return ("BlockBytes", Text.Int(plan.BlockBytes));
        yield return (
            "Planes",
            $"""
            [
                {string.Join(
                "\n    ",
                plan.Planes.Select(plane =>
                    $"new({plane.Bits}, {plane.Shift}, CodeOrder.{plane.Order}, {plane.Offset}, {plane.BytesPerGroup}),"
                )
            )}
            ]
            """
        );
        if (plan.Model.Scale is not { } scale)
        {
            yield break;
        }
        yield return ("Source", $"ScaleSource.{plan.Source}");
        yield return ("Scale", $"ScaleType.{scale.Type}");
        if (plan.Scale is { Offset: > 0 } inBlock)
        {
            yield return ("ScaleOffset", Text.Int(inBlock.Offset));
        }
        yield return ("Rule", $"ScaleRule.{scale.Rule}");
        if (scale.Use == ScaleUse.Unrounded)
        {
            yield return ("Unrounded", "true");
        }
        if (plan.Offset is { } offset)
        {
            yield return ("Offset", $"ScaleType.{offset.Type}");
            yield return ("OffsetOffset", Text.Int(offset.Offset));
        }
        if (plan.Model.HasTensorScale)
        {
            yield return ("HasTensorScale", "true");
        }
        if (plan.GaussianScale is { } gaussian)
        {
            yield return ("GaussianScale", gaussian.ToString("R", CultureInfo.InvariantCulture));
        }
    }

    private static string Element(BlockPlan plan) =>
        plan.Element switch
        {
            IntElementModel e =>
                $"ElementGrid.Integer({e.Bits}, IntLevels.{e.Levels}, IntCode.{e.Code}, TieRule.{e.Ties}{(e.FractionBits > 0 ? $", {e.FractionBits}" : "")})",
            FloatElementModel e =>
                $"ElementGrid.Float({e.Exponent}, {e.Mantissa}, {Text.Int(e.Bias)}, FloatSpecials.{e.Specials}, TieRule.{e.Ties}, "
                    + $"negativeZero: {Text.Bool(e.NegativeZero)}, holdsNonFinite: {Text.Bool(plan.HoldsNonFinite)})",
            CodebookElementModel e =>
                $"ElementGrid.Codebook({e.Bits},\n    {Text.Rows(e.Values.Select(value => Text.Float(value))).Replace("\n", "\n    ").TrimEnd(',')})",
            _ => throw new InvalidOperationException($"No data for {plan.Element}."),
        };
}
