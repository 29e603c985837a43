using ILGPU;

namespace KernelGen.Gpu;

/// <summary>The outliers of a unit: a stretch of a list of those of its span, 256 columns.</summary>
public struct GpuOutlierList
{
    /// <summary>Where in <see cref="GpuSource.Extra"/> the first of the span is.</summary>
    public long First;

    /// <summary>Behind the last.</summary>
    public long End;

    /// <summary>The list of a unit.</summary>
    /// <param name="source">The arrays of the matrix.</param>
    /// <param name="shape">Its numbers.</param>
    /// <param name="row">The row.</param>
    /// <param name="unit">The unit in the row.</param>
    public static GpuOutlierList Of(GpuSource source, GpuShape shape, int row, int unit)
    {
        long span = shape.Outliers + (long)row * shape.Spans + unit / GpuShape.Span;
        GpuOutlierList list;
        list.First = source.Extra[span];
        list.End = source.Extra[span + 1];
        return list;
    }

    /// <summary>Its place in the unit; one outside of it if it belongs to another unit of the span.</summary>
    /// <param name="entry">The outlier: its place in the span in the upper half, its bits in the lower.</param>
    /// <param name="unit">The unit in the row.</param>
    public static int Place(uint entry, int unit) => (int)(entry >> 16) - unit % GpuShape.Span * GpuShape.Unit;

    /// <summary>Weights with their outliers.</summary>
    /// <param name="weights">The unit as its codes give it.</param>
    /// <param name="source">The arrays of the matrix.</param>
    /// <param name="shape">Its numbers.</param>
    /// <param name="row">The row.</param>
    /// <param name="unit">The unit in the row.</param>
    public static GpuUnit Apply<TFormat>(GpuUnit weights, GpuSource source, GpuShape shape, int row, int unit)
        where TFormat : struct, IGpuFormat
    {
        if (TFormat.HasOutliers)
        {
            GpuOutlierList list = Of(source, shape, row, unit);
            for (long i = list.First; i < list.End; i++)
            {
                uint entry = source.Extra[i];
                int place = Place(entry, unit);
                if (place >= 0 && place < GpuShape.Unit)
                {
                    float value = TFormat.Outlier(entry);
                    weights.A = Put<TFormat>(weights.A, place, value);
                    weights.B = Put<TFormat>(weights.B, place - 4, value);
                    weights.C = Put<TFormat>(weights.C, place - 8, value);
                    weights.D = Put<TFormat>(weights.D, place - 12, value);
                    weights.E = Put<TFormat>(weights.E, place - 16, value);
                    weights.F = Put<TFormat>(weights.F, place - 20, value);
                    weights.G = Put<TFormat>(weights.G, place - 24, value);
                    weights.H = Put<TFormat>(weights.H, place - 28, value);
                }
            }
        }
        return weights;
    }

    /// <summary>Registers have no index: each of four weights asks whether it is meant.</summary>
    private static F4 Put<TFormat>(F4 weights, int place, float value)
        where TFormat : struct, IGpuFormat
    {
        return F4.Of(
            place == 0 ? TFormat.WithOutlier(weights.X, value) : weights.X,
            place == 1 ? TFormat.WithOutlier(weights.Y, value) : weights.Y,
            place == 2 ? TFormat.WithOutlier(weights.Z, value) : weights.Z,
            place == 3 ? TFormat.WithOutlier(weights.W, value) : weights.W
        );
    }
}
