namespace KernelGen.Models.Tests;

/// <summary>
/// A Llama written from the formulas, in double precision, one position after the other with keys and values remembered, and
/// nothing of the library but the decoded weights.
/// </summary>
internal static class NaiveLlama
{
    public static double[] Logits(
        ModelFile file,
        int[] tokens,
        int hidden,
        int layers,
        int heads,
        int keyValueHeads,
        int headSize,
        int vocabulary,
        double epsilon,
        double theta
    )
    {
        double[] Weight(string name) => [.. new TensorRows(file[name]).ReadAll().Select(value => (double)value)];
        double[] embedding = Weight("model.embed_tokens.weight"),
            head = file.Find("lm_head.weight") is null ? embedding : Weight("lm_head.weight");
        var keys = new List<double[]>[layers];
        var values = new List<double[]>[layers];
        for (int layer = 0; layer < layers; layer++)
        {
            (keys[layer], values[layer]) = ([], []);
        }
        var names = new[]
        {
            "self_attn.q_proj",
            "self_attn.k_proj",
            "self_attn.v_proj",
            "self_attn.o_proj",
            "mlp.gate_proj",
            "mlp.up_proj",
            "mlp.down_proj",
            "input_layernorm",
            "post_attention_layernorm",
        };
        Dictionary<string, double[]>[] weights =
        [
            .. Enumerable
                .Range(0, layers)
                .Select(layer => names.ToDictionary(name => name, name => Weight($"model.layers.{layer}.{name}.weight"))),
        ];
        double[] norm = Weight("model.norm.weight");
        List<double> logits = [];
        for (int position = 0; position < tokens.Length; position++)
        {
            double[] x = embedding[(tokens[position] * hidden)..((tokens[position] + 1) * hidden)];
            for (int layer = 0; layer < layers; layer++)
            {
                Dictionary<string, double[]> w = weights[layer];
                double[] a = Norm(x, w["input_layernorm"], epsilon);
                double[] q = Rope(Multiply(w["self_attn.q_proj"], a), headSize, position, theta);
                keys[layer].Add(Rope(Multiply(w["self_attn.k_proj"], a), headSize, position, theta));
                values[layer].Add(Multiply(w["self_attn.v_proj"], a));
                var mixed = new double[heads * headSize];
                for (int h = 0; h < heads; h++)
                {
                    int g = h * keyValueHeads / heads;
                    double[] scores =
                    [
                        .. keys[layer]
                            .Select(k =>
                                Enumerable.Range(0, headSize).Sum(i => q[h * headSize + i] * k[g * headSize + i]) / Math.Sqrt(headSize)
                            ),
                    ];
                    double[] p = [.. scores.Select(score => Math.Exp(score - scores.Max()))];
                    for (int t = 0; t < p.Length; t++)
                    {
                        for (int i = 0; i < headSize; i++)
                        {
                            mixed[h * headSize + i] += p[t] / p.Sum() * values[layer][t][g * headSize + i];
                        }
                    }
                }
                x = [.. x.Zip(Multiply(w["self_attn.o_proj"], mixed), (u, v) => u + v)];
                double[] b = Norm(x, w["post_attention_layernorm"], epsilon);
                double[] gated =
                [
                    .. Multiply(w["mlp.gate_proj"], b).Zip(Multiply(w["mlp.up_proj"], b), (gate, up) => gate / (1 + Math.Exp(-gate)) * up),
                ];
                x = [.. x.Zip(Multiply(w["mlp.down_proj"], gated), (u, v) => u + v)];
            }
            logits.AddRange(Multiply(head, Norm(x, norm, epsilon)));
        }
        Assert.Equal(tokens.Length * vocabulary, logits.Count);
        return [.. logits];
    }

    private static double[] Multiply(double[] matrix, double[] x) =>
        [
            .. Enumerable
                .Range(0, matrix.Length / x.Length)
                .Select(row => Enumerable.Range(0, x.Length).Sum(i => matrix[row * x.Length + i] * x[i])),
        ];

    private static double[] Norm(double[] x, double[] weight, double epsilon)
    {
        double rms = Math.Sqrt(x.Average(value => value * value) + epsilon);
        return [.. x.Select((value, i) => value / rms * weight[i])];
    }

    /// <summary>x·cos + rotate_half(x)·sin, with the angles repeated for both halves.</summary>
    private static double[] Rope(double[] x, int headSize, int position, double theta)
    {
        var turned = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            int inHead = i % headSize,
                half = headSize / 2;
            double angle = position / Math.Pow(theta, 2.0 * (inHead % half) / headSize);
            double other = inHead < half ? -x[i + half] : x[i - half];
            turned[i] = x[i] * Math.Cos(angle) + other * Math.Sin(angle);
        }
        return turned;
    }
}
