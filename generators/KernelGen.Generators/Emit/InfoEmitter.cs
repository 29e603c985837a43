using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit;

/// <summary>Constants, the format's description and the members that users call.</summary>
internal static class InfoEmitter
{
    public static string Write(BlockPlan plan)
    {
        FormatModel model = plan.Model;
        return $$"""
            {{Constants(plan)}}

            /// <inheritdoc/>
            public static FormatInfo Info { get; } = new()
            {
                Name = FormatName,
                Family = "{{Stages.Family(model)}}",
                ElementBits = {{model.Element.Bits}},
                Group = {{Text.Int(model.Scale?.Group ?? 0)}},
                Block = Block,
                BlockBytes = BlockBytes,
                RowHeaderBytes = RowHeaderBytes,
                TensorHeader = {{(plan.TensorHeader is { } header ? "ScaleType." + header : "null")}},
                HoldsNonFinite = {{Text.Bool(plan.HoldsNonFinite)}},{{(plan.Searches ? "\n    HonoursImportance = true," : "")}}{{(
                plan.GaussianScale is null || plan.Source == ScaleSource.Group ? "" : "\n    GaussianScale = GaussianScale,"
            )}}
                Stages =
                [
                    {{Text.Indent(
                string.Join("\n", Stages.Of(plan).Select(stage => $"new FormatStage(\"{stage.Kind}\", \"{stage.Text}\"),")),
                8
            )}}
                ],
                Levels = {{Levels(plan)}},
            };

            {{DriverText.Members(model.TypeName)}}

            /// <inheritdoc/>
            public static float TensorScale(in TensorStatistics statistics)
            {
                {{Text.Indent(plan.TensorHeader is null ? "return 1f;" : ScaleText.ChooseWhole(plan), 4)}}
            }
            """;
    }

    private static string Levels(BlockPlan plan) =>
        plan.Levels.Length == 0
            ? "[]"
            : $$"""
                [
                        {{Text.Indent(Text.Rows(plan.WrittenLevels.Select(Text.Float)), 8)}}
                    ]
                """;

    private static string Constants(BlockPlan plan)
    {
        var lines = new List<string>
        {
            $"private const string FormatName = \"{plan.Model.Name}\";",
            "",
            "/// <summary>Elements per group.</summary>",
            $"private const int Group = {plan.Group};",
            "",
            "/// <summary>Groups per block.</summary>",
            $"private const int Groups = {plan.Groups};",
            "",
            "/// <summary>Elements per block.</summary>",
            "private const int Block = Group * Groups;",
            "",
            "/// <summary>Bytes per block.</summary>",
            $"private const int BlockBytes = {plan.BlockBytes};",
            "",
            "/// <summary>Bytes in front of each row.</summary>",
            $"private const int RowHeaderBytes = {plan.RowHeaderBytes};",
            "",
        };
        lines.AddRange(plan.Fields.Select(field => $"private const int {field.Field}Offset = {field.Offset};"));
        lines.AddRange(plan.Planes.Select(plane => $"private const int {plane.Field}Bytes = {plane.BytesPerGroup};"));
        if (plan.Model.Scale is not null)
        {
            lines.AddRange([
                "",
                "/// <summary>Largest magnitude of a level.</summary>",
                $"private const float TopLevel = {Text.Float(plan.Top)};",
            ]);
            lines.AddRange(["", "/// <summary>Lowest level.</summary>", $"private const float LowestLevel = {Text.Float(plan.Lowest)};"]);
        }
        if (plan.Offset is not null)
        {
            lines.AddRange([
                "",
                "/// <summary>Highest less lowest level.</summary>",
                $"private const float LevelSpan = {Text.Float(plan.Highest - plan.Lowest)};",
            ]);
        }
        if (plan.GaussianScale is { } gaussian)
        {
            lines.AddRange([
                "",
                "/// <summary>The scale, in units of the RMS, of least squared error over a Gaussian; by exact integration over the cells.</summary>",
                $"private const double GaussianScale = {gaussian.ToString("R", System.Globalization.CultureInfo.InvariantCulture)};",
            ]);
        }
        return string.Join("\n", lines);
    }
}
