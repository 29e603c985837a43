using KernelGen.Generators.Plan.Gpu;

namespace KernelGen.Generators.Emit.Ilgpu;

/// <summary>The constants that the shared kernels are compiled with.</summary>
internal static class ConstantText
{
    public static string Write(GpuPlan plan)
    {
        int tableLevels = plan.Kind == GpuLevelKind.Table ? plan.Levels.Count : 0;
        return $"""
            /// <inheritdoc/>
            public static int TableLevels => {Text.Int(tableLevels)};

            /// <inheritdoc/>
            public static bool HasOutliers => {(plan.Outliers is null ? "false" : "true")};

            /// <inheritdoc/>
            public static bool HasHalfLevels => {(plan.HasHalfLevels ? "true" : "false")};

            /// <inheritdoc/>
            public static bool HasOneRun => {(plan.Run == GpuPlan.Unit ? "true" : "false")};

            /// <inheritdoc/>
            public static bool HasOffsets => {(plan.HasOffset ? "true" : "false")};
            """;
    }
}
