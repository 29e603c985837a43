using System.Numerics;
using System.Runtime.InteropServices;

namespace KernelGen.Models;

/// <summary>The operations of a Llama that are no matrix products.</summary>
internal static class LlamaMath
{
    /// <summary>y = x / √(mean x² + ε) · weight, for each row of the width of the weight.</summary>
    public static void RmsNorm(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, double epsilon, Span<float> y)
    {
        for (int start = 0; start < x.Length; start += weight.Length)
        {
            ReadOnlySpan<float> row = x.Slice(start, weight.Length);
            double squares = 0;
            foreach (float value in row)
            {
                squares += (double)value * value;
            }
            float scale = (float)(1 / Math.Sqrt(squares / weight.Length + epsilon));
            for (int i = 0; i < row.Length; i++)
            {
                y[start + i] = row[i] * scale * weight[i];
            }
        }
    }

    /// <summary>silu(gate) · up, into gate.</summary>
    public static void SwiGlu(Span<float> gate, ReadOnlySpan<float> up)
    {
        for (int i = 0; i < gate.Length; i++)
        {
            gate[i] = gate[i] / (1f + MathF.Exp(-gate[i])) * up[i];
        }
    }

    /// <summary>x += y.</summary>
    public static void Add(Span<float> x, ReadOnlySpan<float> y)
    {
        for (int i = 0; i < x.Length; i++)
        {
            x[i] += y[i];
        }
    }

    /// <summary>Σ a·b.</summary>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ReadOnlySpan<Vector<float>> x = MemoryMarshal.Cast<float, Vector<float>>(a),
            y = MemoryMarshal.Cast<float, Vector<float>>(b);
        Vector<float> lanes = Vector<float>.Zero;
        for (int i = 0; i < x.Length; i++)
        {
            lanes += x[i] * y[i];
        }
        float sum = Vector.Sum(lanes);
        for (int i = x.Length * Vector<float>.Count; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /// <summary>exp(x − max x) / Σ, in place.</summary>
    public static void SoftMax(Span<float> x)
    {
        float largest = float.NegativeInfinity;
        foreach (float value in x)
        {
            largest = MathF.Max(largest, value);
        }
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
        {
            x[i] = MathF.Exp(x[i] - largest);
            sum += x[i];
        }
        float inverse = (float)(1 / sum);
        for (int i = 0; i < x.Length; i++)
        {
            x[i] *= inverse;
        }
    }

    /// <summary>log Σ exp(x).</summary>
    public static double LogSumExp(ReadOnlySpan<float> x)
    {
        float largest = float.NegativeInfinity;
        foreach (float value in x)
        {
            largest = MathF.Max(largest, value);
        }
        double sum = 0;
        foreach (float value in x)
        {
            sum += Math.Exp(value - largest);
        }
        return largest + Math.Log(sum);
    }
}
