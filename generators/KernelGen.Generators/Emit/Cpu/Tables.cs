using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit.Cpu;

/// <summary>Constant tables of a format. Properties over constant data cost nothing to reach, static arrays do.</summary>
internal static class Tables
{
    public static string Write(BlockPlan plan)
    {
        var members = new List<string>();
        if (ElementRecipes.UsesTable(plan.Element) || plan.Arms.Any(arm => RecipeEmitter.ScalesTable(plan, arm)))
        {
            members.Add(
                Table("LevelTable", "The level of each code; filled up to whole vectors.", plan.LevelOfEveryCode.Select(Text.Float), "0f")
            );
        }
        if (plan.Element is Model.CodebookElementModel)
        {
            double[] sorted = plan.SortedLevels;
            if (sorted.Length > 16)
            {
                members.Add(
                    Table(
                        "BoundaryTable",
                        "The boundaries between neighbouring levels, ascending.",
                        ElementRecipes.Boundaries(sorted).Select(boundary => Text.Float(boundary)),
                        ""
                    )
                );
            }
            if (!plan.Levels.SequenceEqual(sorted))
            {
                members.Add(
                    Table(
                        "CodeOfRankTable",
                        "The code of each level in ascending order.",
                        sorted.Select(level => Text.Float(Array.IndexOf(plan.Levels, level))),
                        "0f"
                    )
                );
            }
        }
        return string.Join("\n\n", members);
    }

    private static string Table(string name, string summary, IEnumerable<string> literals, string filler)
    {
        var all = literals.ToList();
        while (filler.Length > 0 && all.Count % 16 != 0)
        {
            all.Add(filler);
        }
        return $$"""
            /// <summary>{{summary}}</summary>
            private static ReadOnlySpan<float> {{name}} =>
            [
                {{Text.Indent(Text.Rows(all), 4)}}
            ];
            """;
    }
}
