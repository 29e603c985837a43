using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit.Cpu;

/// <summary>The recipe of a format whose codes stand for one weight each: what the runtime's loops are compiled with.</summary>
internal static class RecipeEmitter
{
    /// <summary>Name of the nested struct.</summary>
    public const string StructName = "Recipe";

    public static string Write(BlockPlan plan) =>
        $$"""
            /// <summary>The codes of this format, by vector width; KernelGen.Kernels.Coding.ElementKernels has the loops.</summary>
            private readonly struct {{StructName}} : IElementRecipe<{{StructName}}>
            {
                {{Text.Indent(Constants(plan), 4)}}

                {{Text.Indent(Tables.Write(plan), 4)}}

                {{Text.Indent(plan.Arms.Count > 0 && plan.PacksTiles ? StoreScale(plan) : "", 4)}}
                {{Text.Indent(string.Concat(plan.Arms.Select(arm => "\n" + CodeLoads.For(arm, Arm(plan, arm)))), 4)}}
            }

            {{(plan.Model.IsRepacked ? IntegerEmitter.Write(plan) : "")}}
            """;

    private static string Constants(BlockPlan plan)
    {
        IEnumerable<string> places = plan
            .Fields.Select(field => $"private const int {field.Field}Offset = {Text.Int(field.Offset)};")
            .Concat(
                plan.Planes.Where(_ => plan.Groups > 1 || plan.Planes.Any(plane => plane.Bits < 8))
                    .Select(plane => $"private const int {plane.Field}Bytes = {Text.Int(plane.BytesPerGroup)};")
            );
        string widths = plan.Arms.Count == 0 ? "0" : string.Join(" | ", plan.Arms.Select(arm => Text.Int(arm.Bits)));
        return $"""
            {string.Join("\n", places)}

            public static ElementSpec Spec => {plan.Model.TypeName}.Spec;
            public static int Widths => {widths};
            public static int Group => {Text.Int(plan.Group)};
            public static int Groups => {Text.Int(plan.Groups)};
            public static int BlockBytes => {Text.Int(plan.BlockBytes)};
            public static bool IsScaled => {Text.Bool(plan.Source != ScaleSource.None)};
            public static bool HasOffset => {Text.Bool(plan.Offset is not null)};
            """;
    }

    private static string StoreScale(BlockPlan plan)
    {
        string Store(ScalePlan field, string name, string code)
        {
            string at = plan.Groups > 1 ? $"{name} + g * {Text.Int(field.Bytes)}" : name;
            string type = field.Bytes switch
            {
                4 => "",
                2 => "(ushort)",
                _ => "(byte)",
            };
            return $"Unsafe.WriteUnaligned(ref Unsafe.Add(ref block, {at}), {type}{code});";
        }
        return $$"""
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public static void StoreScale(ref byte block, nint g, uint scale, uint offset)
            {
                {{Store(plan.Scale!, "ScaleOffset", "scale")}}
                {{(plan.Offset is null ? "" : Store(plan.Offset, "OffsetOffset", "offset"))}}
            }
            """;
    }

    /// <summary>The members of one vector width.</summary>
    private static string Arm(BlockPlan plan, ArmPlan arm) =>
        $$"""
            // ---- {{arm.Bits}}-bit vectors: {{arm.Lanes}} elements each ----

            {{(arm == plan.Arms[0] ? $"/// <summary>Codes to levels: {ElementRecipes.Describe(plan.Element)}.</summary>\n" : "")}}{{Member(
                "VECTOR<float> Level(VECTOR<int> code)",
                ElementRecipes.Level(plan)
            )}}

            {{Member("VECTOR<int> Code(VECTOR<float> level)", ElementRecipes.Code(plan))}}

            {{Member(
                $"void Decode{arm.Bits}(ref byte block, nint g, float {ScaleName(plan)}, ref float values)",
                Decode(plan, arm)
            )}}

            {{Member(
                $"void Encode{arm.Bits}(ref float values, float inverseScale, float shift, ref byte block, nint g, Span<byte> buffer)",
                PlaneStores.Write(plan, arm)
            )}}

            """;

    private static string ScaleName(BlockPlan plan) => plan.Source == ScaleSource.Group ? "tensorScale" : "scale";

    /// <summary>A leaf, inlined into the loop that calls it; one that is a single expression is written as one.</summary>
    private static string Member(string signature, string body)
    {
        const string attribute = "[MethodImpl(MethodImplOptions.AggressiveInlining)]";
        return body.StartsWith("return ", StringComparison.Ordinal) && !body.Contains("\n")
            ? $"{attribute}\npublic static {signature}\n    => {body.Substring("return ".Length)}"
            : $$"""
                {{attribute}}
                public static {{signature}}
                {
                    {{Text.Indent(body, 4)}}
                }
                """;
    }

    /// <summary>
    /// Whether decoding looks weights up in the 16 levels times the scale of the group, one multiplication for all of them.
    /// </summary>
    public static bool ScalesTable(BlockPlan plan, ArmPlan arm) =>
        arm.Lanes == 16 && plan.Element.Bits <= 4 && plan.Source != ScaleSource.None && plan.Group > arm.Lanes;

    private static string Decode(BlockPlan plan, ArmPlan arm)
    {
        string group = plan.Groups > 1 ? "g" : "";
        bool table = ScalesTable(plan, arm);
        string loop = CodeLoads.OverPlanes(
            plan,
            arm,
            (codes, element) =>
            {
                string weight = table ? $"Lanes512.Permute(table, {codes})" : Scaled(plan, $"Level({codes})");
                return $"({weight}).StoreUnsafe(ref values, {CodeLoads.Index(element)});";
            },
            masked: !table
        );
        string[] lines =
        [
            ScaleText.ReadGroup(plan, group),
            CodeLoads.Planes(plan, group),
            table ? $"Vector512<float> table = {Scaled(plan, "Vector512.Create(LevelTable)")};" : "",
            loop,
        ];
        return string.Join("\n", lines.Where(line => line.Length > 0));
    }

    private static string Scaled(BlockPlan plan, string levels) =>
        plan.Source == ScaleSource.None ? levels
        : plan.Offset is null ? $"{levels} * VECTOR.Create(scale)"
        : $"{levels} * VECTOR.Create(scale) + VECTOR.Create(offset)";
}
