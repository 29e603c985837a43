using KernelGen.Generators.Plan.Gpu;

namespace KernelGen.Generators.Emit.Ilgpu;

/// <summary>What becomes of the levels of a unit: weights, a product, and which of them are kept.</summary>
internal static class UnitText
{
    public static string Write(GpuPlan plan)
    {
        bool scaled = plan.HasScale && plan.ScalesRuns;
        string kept = plan.Mask == GpuMaskKind.None ? "uint.MaxValue" : "source.Extra[(long)source.Row * shape.Units + unit]";
        string weights =
            !scaled ? "levels"
            : plan.HasOffset ? "GpuScales.TimesPlus<TMath>(levels, scales)"
            : "GpuScales.Times(levels, scales)";
        string dot = !scaled ? "GpuRuns.Dot(levels, x)" : $"GpuRuns.Dot{plan.Run}(levels, scales, x)";
        string offsets = scaled && plan.HasOffset ? $" + GpuRuns.Sum{plan.Run}(scales, x)" : "";
        string outlier = plan.Outliers is { } outliers
            ? GpuScaleText.Read(outliers.Type, "").Replace("source.Halves[]", "entry & 65535u")
            : "0f";
        return $$"""
            /// <inheritdoc/>
            public static uint Kept(GpuSource source, GpuShape shape, int unit)
            {
                return {{kept}};
            }

            /// <inheritdoc/>
            public static GpuUnit Weights(GpuUnit levels, GpuScales scales)
            {
                return {{weights}};
            }

            /// <inheritdoc/>
            public static float Dot(GpuUnit levels, GpuScales scales, GpuUnit x)
            {
                return {{dot}}{{offsets}};
            }

            /// <inheritdoc/>
            public static float Outlier(uint entry)
            {
                return {{outlier}};
            }

            /// <inheritdoc/>
            public static float WithOutlier(float weight, float outlier)
            {
                return {{(plan.Outliers is { Adds: true } ? "weight + outlier" : "outlier")}};
            }
            """;
    }
}
