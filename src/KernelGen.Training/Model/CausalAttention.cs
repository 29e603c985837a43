using System.Numerics.Tensors;
using KernelGen.Kernels.Products;

namespace KernelGen.Training;

/// <summary>softmax(Q·Kᵀ)·V where a position sees itself and those before it; each head of each sequence by itself.</summary>
/// <param name="context">Positions.</param>
/// <param name="size">Width of a head.</param>
internal sealed class CausalAttention(int context, int size)
{
    /// <summary>Values of one head of one sequence.</summary>
    private int Head => context * size;

    /// <summary>Mixes values.</summary>
    /// <param name="queries">Scaled queries, <c>heads × context × size</c> with the heads of all sequences one after another.</param>
    /// <param name="keys">The same shape.</param>
    /// <param name="values">The same shape.</param>
    /// <param name="weights">Receives the attention weights, <c>heads × context × context</c>, zero where nothing is seen.</param>
    /// <param name="mixed">Receives the shape of the values.</param>
    public void Forward(
        ReadOnlySpan<float> queries,
        ReadOnlySpan<float> keys,
        ReadOnlySpan<float> values,
        Span<float> weights,
        Span<float> mixed
    )
    {
        for (int head = 0; head < queries.Length / Head; head++)
        {
            int at = head * Head;
            Span<float> scores = weights.Slice(head * context * context, context * context);
            DenseMatMul.Multiply(queries.Slice(at, Head), false, keys.Slice(at, Head), true, scores, context, context, size);
            for (int position = 0; position < context; position++)
            {
                Span<float> row = scores.Slice(position * context, context),
                    seen = row[..(position + 1)];
                TensorPrimitives.Subtract(seen, TensorPrimitives.Max<float>(seen), seen);
                TensorPrimitives.Exp(seen, seen);
                TensorPrimitives.Multiply(seen, 1 / TensorPrimitives.Sum<float>(seen), seen);
                row[(position + 1)..].Clear();
            }
            DenseMatMul.Multiply(scores, false, values.Slice(at, Head), false, mixed.Slice(at, Head), context, size, context);
        }
    }

    /// <summary>Computes the gradients of queries, keys and values.</summary>
    /// <param name="queries">What went in.</param>
    /// <param name="keys">What went in.</param>
    /// <param name="values">What went in.</param>
    /// <param name="weights">What <see cref="Forward"/> gave.</param>
    /// <param name="dMixed">Gradient of the result.</param>
    /// <param name="dScores">Room for <c>context × context</c> values.</param>
    /// <param name="dQueries">Receives the gradient of the scaled queries.</param>
    /// <param name="dKeys">Receives the gradient of the keys.</param>
    /// <param name="dValues">Receives the gradient of the values.</param>
    public void Backward(
        ReadOnlySpan<float> queries,
        ReadOnlySpan<float> keys,
        ReadOnlySpan<float> values,
        ReadOnlySpan<float> weights,
        ReadOnlySpan<float> dMixed,
        Span<float> dScores,
        Span<float> dQueries,
        Span<float> dKeys,
        Span<float> dValues
    )
    {
        for (int head = 0; head < queries.Length / Head; head++)
        {
            int at = head * Head;
            ReadOnlySpan<float> own = weights.Slice(head * context * context, context * context),
                dOwn = dMixed.Slice(at, Head);
            DenseMatMul.Multiply(own, true, dOwn, false, dValues.Slice(at, Head), context, size, context);
            DenseMatMul.Multiply(dOwn, false, values.Slice(at, Head), true, dScores, context, context, size);
            for (int position = 0; position < context; position++)
            {
                ReadOnlySpan<float> p = own.Slice(position * context, position + 1);
                Span<float> row = dScores.Slice(position * context, context),
                    seen = row[..(position + 1)];
                // Softmax: dS = P·(dP − Σ P·dP).
                TensorPrimitives.Subtract(seen, TensorPrimitives.Dot(p, seen), seen);
                TensorPrimitives.Multiply(seen, p, seen);
                row[(position + 1)..].Clear();
            }
            DenseMatMul.Multiply(dScores, false, keys.Slice(at, Head), false, dQueries.Slice(at, Head), context, size, context);
            DenseMatMul.Multiply(dScores, true, queries.Slice(at, Head), false, dKeys.Slice(at, Head), context, size, context);
        }
    }
}
