using ILGPU;

namespace KernelGen.Gpu;

/// <summary>The scale and the offset of each of the eight quadruples of a unit; groups are runs of quadruples.</summary>
public struct GpuScales
{
    /// <summary>Scales of the quadruples A to D.</summary>
    public F4 Low;

    /// <summary>Scales of the quadruples E to H.</summary>
    public F4 High;

    /// <summary>Offsets of the quadruples A to D.</summary>
    public F4 LowOffset;

    /// <summary>Offsets of the quadruples E to H.</summary>
    public F4 HighOffset;

    /// <summary>What formats without scales have.</summary>
    public static GpuScales One()
    {
        GpuScales scales = default;
        scales.Low = F4.Of(1f, 1f, 1f, 1f);
        scales.High = F4.Of(1f, 1f, 1f, 1f);
        return scales;
    }

    /// <summary>Levels scaled.</summary>
    /// <param name="levels">The levels.</param>
    /// <param name="scales">The scales.</param>
    public static GpuUnit Times(GpuUnit levels, GpuScales scales)
    {
        GpuUnit weights;
        weights.A = F4.Times(levels.A, scales.Low.X);
        weights.B = F4.Times(levels.B, scales.Low.Y);
        weights.C = F4.Times(levels.C, scales.Low.Z);
        weights.D = F4.Times(levels.D, scales.Low.W);
        weights.E = F4.Times(levels.E, scales.High.X);
        weights.F = F4.Times(levels.F, scales.High.Y);
        weights.G = F4.Times(levels.G, scales.High.Z);
        weights.H = F4.Times(levels.H, scales.High.W);
        return weights;
    }

    /// <summary>Levels scaled, and the offsets added.</summary>
    /// <param name="levels">The levels.</param>
    /// <param name="scales">The scales.</param>
    public static GpuUnit TimesPlus<TMath>(GpuUnit levels, GpuScales scales)
        where TMath : struct, IGpuMath
    {
        GpuUnit weights;
        weights.A = F4.TimesPlus<TMath>(levels.A, scales.Low.X, scales.LowOffset.X);
        weights.B = F4.TimesPlus<TMath>(levels.B, scales.Low.Y, scales.LowOffset.Y);
        weights.C = F4.TimesPlus<TMath>(levels.C, scales.Low.Z, scales.LowOffset.Z);
        weights.D = F4.TimesPlus<TMath>(levels.D, scales.Low.W, scales.LowOffset.W);
        weights.E = F4.TimesPlus<TMath>(levels.E, scales.High.X, scales.HighOffset.X);
        weights.F = F4.TimesPlus<TMath>(levels.F, scales.High.Y, scales.HighOffset.Y);
        weights.G = F4.TimesPlus<TMath>(levels.G, scales.High.Z, scales.HighOffset.Z);
        weights.H = F4.TimesPlus<TMath>(levels.H, scales.High.W, scales.HighOffset.W);
        return weights;
    }
}

/// <summary>Products of a unit, by the length of the runs that share a scale: each run's sum is scaled once.</summary>
public static class GpuRuns
{
    /// <summary>No scale.</summary>
    /// <param name="a">Weights.</param>
    /// <param name="x">Activations.</param>
    public static float Dot(GpuUnit a, GpuUnit x) => All(a, x);

    /// <summary>One scale.</summary>
    /// <param name="a">Levels.</param>
    /// <param name="scales">Scales.</param>
    /// <param name="x">Activations.</param>
    public static float Dot32(GpuUnit a, GpuScales scales, GpuUnit x) => scales.Low.X * All(a, x);

    /// <summary>Runs of 16.</summary>
    /// <param name="a">Levels.</param>
    /// <param name="scales">Scales.</param>
    /// <param name="x">Activations.</param>
    public static float Dot16(GpuUnit a, GpuScales scales, GpuUnit x) => scales.Low.X * Low(a, x) + scales.High.X * High(a, x);

    /// <summary>Runs of 8.</summary>
    /// <param name="a">Levels.</param>
    /// <param name="scales">Scales.</param>
    /// <param name="x">Activations.</param>
    public static float Dot8(GpuUnit a, GpuScales scales, GpuUnit x) =>
        scales.Low.X * (F4.Dot(a.A, x.A) + F4.Dot(a.B, x.B))
        + scales.Low.Z * (F4.Dot(a.C, x.C) + F4.Dot(a.D, x.D))
        + scales.High.X * (F4.Dot(a.E, x.E) + F4.Dot(a.F, x.F))
        + scales.High.Z * (F4.Dot(a.G, x.G) + F4.Dot(a.H, x.H));

    /// <summary>Runs of 4.</summary>
    /// <param name="a">Levels.</param>
    /// <param name="scales">Scales.</param>
    /// <param name="x">Activations.</param>
    public static float Dot4(GpuUnit a, GpuScales scales, GpuUnit x) =>
        scales.Low.X * F4.Dot(a.A, x.A)
        + scales.Low.Y * F4.Dot(a.B, x.B)
        + scales.Low.Z * F4.Dot(a.C, x.C)
        + scales.Low.W * F4.Dot(a.D, x.D)
        + scales.High.X * F4.Dot(a.E, x.E)
        + scales.High.Y * F4.Dot(a.F, x.F)
        + scales.High.Z * F4.Dot(a.G, x.G)
        + scales.High.W * F4.Dot(a.H, x.H);

    /// <summary>What one offset adds.</summary>
    /// <param name="scales">Scales.</param>
    /// <param name="x">Activations.</param>
    public static float Sum32(GpuScales scales, GpuUnit x) => scales.LowOffset.X * (LowSum(x) + HighSum(x));

    /// <summary>What offsets of runs of 16 add.</summary>
    /// <param name="scales">Scales.</param>
    /// <param name="x">Activations.</param>
    public static float Sum16(GpuScales scales, GpuUnit x) => scales.LowOffset.X * LowSum(x) + scales.HighOffset.X * HighSum(x);

    /// <summary>What offsets of runs of 8 add.</summary>
    /// <param name="scales">Scales.</param>
    /// <param name="x">Activations.</param>
    public static float Sum8(GpuScales scales, GpuUnit x) =>
        scales.LowOffset.X * (F4.Sum(x.A) + F4.Sum(x.B))
        + scales.LowOffset.Z * (F4.Sum(x.C) + F4.Sum(x.D))
        + scales.HighOffset.X * (F4.Sum(x.E) + F4.Sum(x.F))
        + scales.HighOffset.Z * (F4.Sum(x.G) + F4.Sum(x.H));

    /// <summary>What offsets of runs of 4 add.</summary>
    /// <param name="scales">Scales.</param>
    /// <param name="x">Activations.</param>
    public static float Sum4(GpuScales scales, GpuUnit x) =>
        scales.LowOffset.X * F4.Sum(x.A)
        + scales.LowOffset.Y * F4.Sum(x.B)
        + scales.LowOffset.Z * F4.Sum(x.C)
        + scales.LowOffset.W * F4.Sum(x.D)
        + scales.HighOffset.X * F4.Sum(x.E)
        + scales.HighOffset.Y * F4.Sum(x.F)
        + scales.HighOffset.Z * F4.Sum(x.G)
        + scales.HighOffset.W * F4.Sum(x.H);

    /// <summary>The largest absolute number of a unit.</summary>
    /// <param name="a">The unit.</param>
    public static float Largest(GpuUnit a) =>
        IntrinsicMath.Max(
            IntrinsicMath.Max(IntrinsicMath.Max(F4.Largest(a.A), F4.Largest(a.B)), IntrinsicMath.Max(F4.Largest(a.C), F4.Largest(a.D))),
            IntrinsicMath.Max(IntrinsicMath.Max(F4.Largest(a.E), F4.Largest(a.F)), IntrinsicMath.Max(F4.Largest(a.G), F4.Largest(a.H)))
        );

    /// <summary>Two chains of additions, so that every product is fused with one.</summary>
    private static float Low(GpuUnit a, GpuUnit x) => Chain(a.A, x.A, a.B, x.B, 0f) + Chain(a.C, x.C, a.D, x.D, 0f);

    private static float High(GpuUnit a, GpuUnit x) => Chain(a.E, x.E, a.F, x.F, 0f) + Chain(a.G, x.G, a.H, x.H, 0f);

    private static float All(GpuUnit a, GpuUnit x) =>
        Chain(a.C, x.C, a.D, x.D, Chain(a.A, x.A, a.B, x.B, 0f)) + Chain(a.G, x.G, a.H, x.H, Chain(a.E, x.E, a.F, x.F, 0f));

    private static float Chain(F4 a, F4 x, F4 b, F4 y, float sum)
    {
        sum += a.X * x.X;
        sum += a.Y * x.Y;
        sum += a.Z * x.Z;
        sum += a.W * x.W;
        sum += b.X * y.X;
        sum += b.Y * y.Y;
        sum += b.Z * y.Z;
        sum += b.W * y.W;
        return sum;
    }

    private static float LowSum(GpuUnit x) => F4.Sum(x.A) + F4.Sum(x.B) + F4.Sum(x.C) + F4.Sum(x.D);

    private static float HighSum(GpuUnit x) => F4.Sum(x.E) + F4.Sum(x.F) + F4.Sum(x.G) + F4.Sum(x.H);
}
