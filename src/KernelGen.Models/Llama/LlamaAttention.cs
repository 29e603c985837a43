namespace KernelGen.Models;

/// <summary>Causal attention in which several heads of queries share one head of keys and values.</summary>
internal sealed class LlamaAttention(LlamaConfig config, int length, float[] rotaryFactors, Parallelism parallelism)
{
    private readonly RotaryTable _rotary = new(config, length, rotaryFactors);

    /// <summary>Turns queries and keys by their positions and mixes the values.</summary>
    /// <param name="queries"><c>length × heads × head size</c>; turned in place.</param>
    /// <param name="keys"><c>length × key-value heads × head size</c>; turned in place.</param>
    /// <param name="values">The same shape as the keys.</param>
    /// <returns>The shape of the queries.</returns>
    public float[] Mix(float[] queries, float[] keys, float[] values)
    {
        Rotate(queries, config.Heads);
        Rotate(keys, config.KeyValueHeads);
        var mixed = new float[queries.Length];
        Workers.Run(config.Heads, parallelism.Threads, parallelism.Cancellation, () =>
        {
            var scores = new float[length];
            return head => MixHead(head, queries, keys, values, scores, mixed);
        });
        return mixed;
    }

    private void Rotate(float[] x, int heads)
    {
        for (int i = 0; i < length * heads; i++)
        {
            _rotary.Rotate(x.AsSpan(i * config.HeadSize, config.HeadSize), i / heads);
        }
    }

    private void MixHead(int head, float[] queries, float[] keys, float[] values, float[] scores, float[] mixed)
    {
        int size = config.HeadSize,
            shared = head / (config.Heads / config.KeyValueHeads);
        float scale = (float)(1 / Math.Sqrt(size));
        for (int position = 0; position < length; position++)
        {
            ReadOnlySpan<float> query = queries.AsSpan((position * config.Heads + head) * size, size);
            Span<float> seen = scores.AsSpan(0, position + 1);
            for (int other = 0; other <= position; other++)
            {
                seen[other] = scale * LlamaMath.Dot(query, keys.AsSpan((other * config.KeyValueHeads + shared) * size, size));
            }
            LlamaMath.SoftMax(seen);
            Span<float> result = mixed.AsSpan((position * config.Heads + head) * size, size);
            for (int other = 0; other <= position; other++)
            {
                ReadOnlySpan<float> value = values.AsSpan((other * config.KeyValueHeads + shared) * size, size);
                float weight = seen[other];
                for (int i = 0; i < size; i++)
                {
                    result[i] += weight * value[i];
                }
            }
        }
    }
}
