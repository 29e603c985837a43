using System.Numerics;
using System.Numerics.Tensors;

namespace KernelGen.Training;

/// <summary>silu(gate) · up, where a row holds its gates and then its ups (Shazeer 2020).</summary>
internal static class SwiGlu
{
    /// <summary>Computes the products.</summary>
    /// <param name="gateUp"><c>rows × 2·hidden</c> values.</param>
    /// <param name="hidden">Width of the result.</param>
    /// <param name="sigmoid">Receives the logistic function of the gates, <c>rows × hidden</c>.</param>
    /// <param name="y">Receives <c>rows × hidden</c> values.</param>
    public static void Forward(ReadOnlySpan<float> gateUp, int hidden, Span<float> sigmoid, Span<float> y)
    {
        for (int at = 0; at < y.Length; at += hidden)
        {
            ReadOnlySpan<float> gate = gateUp.Slice(2 * at, hidden),
                up = gateUp.Slice(2 * at + hidden, hidden);
            Span<float> logistic = sigmoid.Slice(at, hidden),
                target = y.Slice(at, hidden);
            TensorPrimitives.Sigmoid(gate, logistic);
            TensorPrimitives.Multiply(gate, logistic, target);
            TensorPrimitives.Multiply(target, up, target);
        }
    }

    /// <summary>Computes the gradients of gates and ups.</summary>
    /// <param name="gateUp">What went in.</param>
    /// <param name="hidden">Width of the result.</param>
    /// <param name="sigmoid">What <see cref="Forward"/> gave.</param>
    /// <param name="dy">Gradient of the result.</param>
    /// <param name="dGateUp">Receives <c>rows × 2·hidden</c> values.</param>
    public static void Backward(
        ReadOnlySpan<float> gateUp,
        int hidden,
        ReadOnlySpan<float> sigmoid,
        ReadOnlySpan<float> dy,
        Span<float> dGateUp
    )
    {
        for (int at = 0; at < dy.Length; at += hidden)
        {
            Row(
                gateUp.Slice(2 * at, hidden),
                gateUp.Slice(2 * at + hidden, hidden),
                sigmoid.Slice(at, hidden),
                dy.Slice(at, hidden),
                dGateUp.Slice(2 * at, hidden),
                dGateUp.Slice(2 * at + hidden, hidden)
            );
        }
    }

    private static void Row(
        ReadOnlySpan<float> gate,
        ReadOnlySpan<float> up,
        ReadOnlySpan<float> sigmoid,
        ReadOnlySpan<float> dy,
        Span<float> dGate,
        Span<float> dUp
    )
    {
        ReadOnlySpan<Vector<float>> gates = ElementLoops.Vectors(gate),
            ups = ElementLoops.Vectors(up),
            sigmoids = ElementLoops.Vectors(sigmoid),
            dys = ElementLoops.Vectors(dy);
        Span<Vector<float>> dGates = ElementLoops.Vectors(dGate),
            dUps = ElementLoops.Vectors(dUp);
        for (int i = 0; i < dGates.Length; i++)
        {
            Vector<float> g = gates[i],
                s = sigmoids[i],
                silu = g * s;
            dUps[i] = dys[i] * silu;
            dGates[i] = dys[i] * ups[i] * (s + silu * (Vector<float>.One - s));
        }
        for (int i = dGates.Length * Vector<float>.Count; i < dGate.Length; i++)
        {
            float g = gate[i],
                s = sigmoid[i],
                silu = g * s;
            dUp[i] = dy[i] * silu;
            dGate[i] = dy[i] * up[i] * (s + silu * (1 - s));
        }
    }
}
