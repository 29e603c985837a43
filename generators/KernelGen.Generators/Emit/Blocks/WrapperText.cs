using System.Globalization;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit.Blocks;

/// <summary>
/// What formats around another one state of themselves: a rotation, or what is chosen in whole rows. Their members are the runtime's.
/// </summary>
internal static class WrapperText
{
    public static string Contract(RotationPlan plan) =>
        $"IRotatedFormat<{plan.Model.TypeName}, {plan.Model.TypeName}.{RotationPlan.InnerName}>";

    public static string Contract(RowStagePlan plan) => $"{Interface(plan)}<{plan.Model.TypeName}, {plan.Model.TypeName}.{plan.InnerName}>";

    public static string Write(RotationPlan plan) =>
        $$"""
            static RowRotation {{Contract(plan)}}.Rotation => new(Size: {{plan.Rotation.Size}}, Seed: {{plan.Rotation.Seed}}u);

            {{InfoEmitter.Write(
                plan.Whole,
                [
                    $"Rotation = {plan.Rotation.Size}",
                    .. new[] { $"RowOutliers = {RotationPlan.InnerName}.Info.RowOutliers" }.Where(_ => plan.Whole.RowOutliers is not null),
                ]
            )}}
            """;

    public static string Write(RowStagePlan plan)
    {
        string type = plan.Outliers is null ? "RowMask" : "RowOutliers";
        return $$"""
            /// <summary>What is chosen in rows, and how it is stored.</summary>
            private static readonly {{type}} Chosen = new({{Arguments(plan)}});

            static {{type}} {{Contract(plan)}}.Chosen => Chosen;

            {{InfoEmitter.Write(new(plan.Model), plan.Outliers is null ? [] : ["RowOutliers = Chosen"])}}

            {{(plan.Integers is { } integers && plan.Model.IsRepacked ? Cpu.IntegerEmitter.Write(plan.Model.TypeName, integers) : "")}}
            """;
    }

    private static string Interface(RowStagePlan plan) => plan.Outliers is null ? "IRowMaskFormat" : "IRowOutlierFormat";

    private static string Arguments(RowStagePlan plan)
    {
        if (plan.Outliers is { } outliers)
        {
            return $"{Number(outliers.Fraction)}, ScaleType.{outliers.Type}";
        }
        string groups = plan.Integers is null ? "" : $", group: {Text.Int(plan.Elements.Group)}, zeroCode: {Text.Int(plan.ZeroCode)}";
        return $"{Number(plan.Model.Sparse!.Density)}, block: {Text.Int(plan.Block)}{groups}";
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
