using System.Numerics;
using System.Runtime.InteropServices;

namespace KernelGen.Training;

/// <summary>Elementwise loops that no library call does in one pass over memory.</summary>
internal static class ElementLoops
{
    /// <summary>A span as whole vectors; what is left over begins at <c>vectors · Vector&lt;float&gt;.Count</c>.</summary>
    public static Span<Vector<float>> Vectors(Span<float> values) => MemoryMarshal.Cast<float, Vector<float>>(values);

    /// <summary>A span as whole vectors.</summary>
    public static ReadOnlySpan<Vector<float>> Vectors(ReadOnlySpan<float> values) => MemoryMarshal.Cast<float, Vector<float>>(values);

    /// <summary>y = a·x + b·z, value by value.</summary>
    public static void Mix(float a, ReadOnlySpan<float> x, float b, ReadOnlySpan<float> z, Span<float> y)
    {
        ReadOnlySpan<Vector<float>> xs = Vectors(x),
            zs = Vectors(z);
        Span<Vector<float>> ys = Vectors(y);
        for (int i = 0; i < ys.Length; i++)
        {
            ys[i] = a * xs[i] + b * zs[i];
        }
        for (int i = ys.Length * Vector<float>.Count; i < y.Length; i++)
        {
            y[i] = a * x[i] + b * z[i];
        }
    }

    /// <summary>y += a·x·z, value by value.</summary>
    public static void AddProduct(float a, ReadOnlySpan<float> x, ReadOnlySpan<float> z, Span<float> y)
    {
        ReadOnlySpan<Vector<float>> xs = Vectors(x),
            zs = Vectors(z);
        Span<Vector<float>> ys = Vectors(y);
        for (int i = 0; i < ys.Length; i++)
        {
            ys[i] += a * xs[i] * zs[i];
        }
        for (int i = ys.Length * Vector<float>.Count; i < y.Length; i++)
        {
            y[i] += a * x[i] * z[i];
        }
    }
}
