using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;
using KernelGen.Generators.Plan.Gpu;

namespace KernelGen.Generators.Emit.Ilgpu;

/// <summary>The methods that read the scale and the offset of a group.</summary>
internal static class GpuScaleText
{
    public static string Write(GpuPlan plan)
    {
        string unit = $$"""
            /// <inheritdoc/>
            public static GpuScales Scales(GpuSource source, GpuShape shape, int unit)
            {
                {{Text.Indent(UnitBody(plan), 4)}}
            }
            """;
        if (!plan.HasScale)
        {
            return unit;
        }
        string scale = unit + "\n\n" + Method("Scale", "The scale of a group.", ScaleBody(plan));
        return plan.HasOffset ? scale + "\n\n" + Method("Offset", "The offset of a group.", OffsetBody(plan)) : scale;
    }

    /// <summary>Groups that cut quadruples: every weight is scaled where it is decoded.</summary>
    public static string Cut(GpuPlan plan)
    {
        if (!plan.HasScale || plan.ScalesRuns || plan.ScalesKept)
        {
            return "";
        }
        IEnumerable<string> weights = Enumerable
            .Range(0, GpuPlan.Unit)
            .Select(i =>
                $"{DecodeText.Place(i)} = {DecodeText.Place(i)} * scale{i / plan.Run}{(plan.HasOffset ? $" + offset{i / plan.Run}" : "")};"
            );
        return Runs(plan) + "\n" + string.Join("\n", weights);
    }

    /// <summary>Scale and offset of every quadruple; each group's is read once.</summary>
    private static string UnitBody(GpuPlan plan)
    {
        if (!plan.HasScale || !plan.ScalesRuns)
        {
            return "return GpuScales.One();";
        }
        string Quads(string name, int first) =>
            $"F4.Of({string.Join(", ", Enumerable.Range(first, 4).Select(quad => $"{name}{quad * 4 / plan.Run}"))})";
        string offsets = plan.HasOffset ? $"scales.LowOffset = {Quads("offset", 0)};\nscales.HighOffset = {Quads("offset", 4)};\n" : "";
        string scales = $"scales.Low = {Quads("scale", 0)};\nscales.High = {Quads("scale", 4)};\n";
        return $"{Runs(plan)}\nGpuScales scales = default;\n{scales}{offsets}return scales;";
    }

    /// <summary>Locals with the scales (and offsets) of a unit's runs.</summary>
    public static string Runs(GpuPlan plan)
    {
        IEnumerable<string> lines = Enumerable
            .Range(0, GpuPlan.Unit / plan.Run)
            .SelectMany(run =>
            {
                string group = GroupOf(plan, run);
                string scale = $"float scale{run} = Scale(source, shape, {group});";
                return plan.HasOffset ? [scale, $"float offset{run} = Offset(source, shape, {group});"] : new[] { scale };
            });
        return string.Join("\n", lines);
    }

    /// <summary>Text of the index of a run's group.</summary>
    private static string GroupOf(GpuPlan plan, int run)
    {
        if (plan.Group == 0)
        {
            return "0";
        }
        if (plan.Group % GpuPlan.Unit == 0)
        {
            return plan.Group == GpuPlan.Unit ? "unit" : $"unit / {plan.Group / GpuPlan.Unit}";
        }
        if (GpuPlan.Unit % plan.Group == 0)
        {
            int per = GpuPlan.Unit / plan.Group;
            return run == 0 ? $"unit * {per}" : $"unit * {per} + {run}";
        }
        return run == 0 ? $"unit * 32 / {plan.Group}" : $"(unit * 32 + {run * plan.Run}) / {plan.Group}";
    }

    private static string Method(string name, string summary, string body) =>
        $$"""
            /// <summary>{{summary}}</summary>
            private static float {{name}}(GpuSource source, GpuShape shape, int group)
            {
                {{Text.Indent(body, 4)}}
            }
            """;

    private static string ScaleBody(GpuPlan plan)
    {
        if (plan.Super is { } super)
        {
            int each = super.HasOffset ? 2 : 1;
            return $"""
                // an integer times the scale of its super-block
                float super = {Read(super.Super.Type, Times($"group / {super.Super.Groups}", each, 0))};
                return super * (float)({Entry(super)}source.Bytes[{Times("group", each, 0)}]);
                """;
        }
        if (plan.Source == ScaleSource.Tensor)
        {
            return "return shape.TensorScale;";
        }
        if (plan.Source == ScaleSource.Row)
        {
            return $"return {Read(plan.Model.Scale!.Type, "0")};";
        }
        bool together = plan.Offset is { } offset && offset.Bytes == plan.Scale!.Bytes;
        string value = Read(plan.Scale!.Type, Times("group", together ? 2 : 1, 0));
        return $"return {value}{(plan.Model.HasTensorScale ? " * shape.TensorScale" : "")};";
    }

    /// <summary>How a stored integer is read; scales and offsets have one type.</summary>
    private static string Entry(Plan.Codecs.SuperScalePlan super) =>
        super.Model.Scale!.Type is ScaleType.Int6 or ScaleType.Int8 ? "(int)(sbyte)" : "(int)";

    private static string OffsetBody(GpuPlan plan)
    {
        if (plan.Super is { } super)
        {
            return $"""
                // stored as what is subtracted
                float super = {Read(super.Super.Type, Times($"group / {super.Super.Groups}", 2, 1))};
                return -(super * (float)({Entry(super)}source.Bytes[{Times("group", 2, 1)}]));
                """;
        }
        bool together = plan.Offset!.Bytes == plan.Scale!.Bytes;
        return $"return {Read(plan.Offset.Type, Times("group", together ? 2 : 1, together ? 1 : 0))};";
    }

    /// <summary>Text of a scale at an index of the array of its size.</summary>
    public static string Read(ScaleType type, string index) =>
        type switch
        {
            ScaleType.Float32 => $"source.Floats[{index}]",
            ScaleType.Float16 => $"TMath.FromHalf(source.Halves[{index}])",
            ScaleType.BFloat16 => $"GpuNumbers.FromBFloat16(source.Halves[{index}])",
            _ => $"GpuNumbers.From{type}(source.Bytes[{index}])",
        };

    private static string Times(string index, int times, int plus) =>
        times == 1 ? index : $"{(index.Contains(' ') ? $"({index})" : index)} * {times}{(plus == 0 ? "" : $" + {plus}")}";
}
