using System.Globalization;
using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;
using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Emit;

/// <summary>The description of a format as data, and the members that users call.</summary>
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

            {{DriverText.Members(plan.Model)}}
            """;

    /// <summary>The description of a format that is no list of elements with scales.</summary>
    /// <param name="format">The format.</param>
    /// <param name="more">Further properties.</param>
    public static string Write(InnerFormat format, IEnumerable<string> more) =>
        $$"""
            /// <inheritdoc/>
            public static FormatInfo Info { get; } = new()
            {
                {{Text.Indent(string.Join("\n", Properties(format).Concat(more).Select(property => property + ",")), 4)}}
                Stages =
                [
                    {{Text.Indent(
                string.Join("\n", format.Stages.Select(stage => $"new FormatStage(\"{stage.Kind}\", \"{stage.Text}\"),")),
                8
            )}}
                ],
            };

            {{DriverText.Members(format.Model)}}
            """;

    private static IEnumerable<string> Properties(InnerFormat format)
    {
        yield return $"Name = \"{format.Model.Name}\"";
        yield return $"Family = \"{format.Family}\"";
        yield return $"ElementBits = {Text.Int(format.ElementBits)}";
        yield return $"Group = {Text.Int(format.Group)}";
        yield return $"Block = {Text.Int(format.Block)}";
        yield return $"BlockBytes = {Text.Int(format.BlockBytes)}";
        if (format.RowHeaderBytes > 0)
        {
            yield return $"RowHeaderBytes = {Text.Int(format.RowHeaderBytes)}";
        }
        if (format.TensorHeader is { } header)
        {
            yield return $"TensorHeader = ScaleType.{header}";
        }
        if (format.Searches)
        {
            yield return "HonoursImportance = true";
        }
        if (format.Candidates > 1)
        {
            yield return $"CandidatesPerWeight = {Text.Int(format.Candidates)}";
        }
    }

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

    /// <summary>The expression that makes the levels of an element.</summary>
    public static string Element(BlockPlan plan) =>
        plan.Element switch
        {
            IntElementModel e => $"ElementGrid.Integer({e.Bits}, IntLevels.{e.Levels}, IntCode.{e.Code}, "
                + $"TieRule.{e.Ties}{(e.FractionBits > 0 ? $", {e.FractionBits}" : "")})",
            FloatElementModel e =>
                $"ElementGrid.Float({e.Exponent}, {e.Mantissa}, {Text.Int(e.Bias)}, FloatSpecials.{e.Specials}, TieRule.{e.Ties}, "
                    + $"negativeZero: {Text.Bool(e.NegativeZero)}, holdsNonFinite: {Text.Bool(plan.HoldsNonFinite)})",
            CodebookElementModel e => $"ElementGrid.Codebook({e.Bits},\n    "
                + $"{Text.Rows(e.Values.Select(value => Text.Float(value))).Replace("\n", "\n    ").TrimEnd(',')})",
            _ => throw new InvalidOperationException($"No data for {plan.Element}."),
        };
}
