using KernelGen.Scaling;

namespace KernelGen.Training.Tests;

/// <summary>Every operation's gradient against differences along random directions.</summary>
public class OperationGradientTests
{
    private static float[] Random(int seed, int length)
    {
        var values = new float[length];
        ValueSource.Gaussian.Fill((ulong)seed, 0, values);
        return values;
    }

    /// <summary>
    /// Compares ⟨gradient, direction⟩ with the difference of Σ weights · y at both sides of the inputs, for each input by itself.
    /// </summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="gradients">Their gradients for that sum.</param>
    /// <param name="forward">Computes y.</param>
    /// <param name="weights">The weights.</param>
    private static void Check(float[][] inputs, float[][] gradients, Func<float[][], float[]> forward, float[] weights)
    {
        const float Step = 1e-2f;
        for (int input = 0; input < inputs.Length; input++)
        {
            for (int trial = 0; trial < 3; trial++)
            {
                float[] direction = Random(100 + 10 * input + trial, inputs[input].Length);
                double expected = Dot(gradients[input], direction);
                double difference = (Sum(1) - Sum(-1)) / (2 * Step);
                double scale = Math.Sqrt(Dot(gradients[input], gradients[input]) * Dot(direction, direction));
                Assert.True(
                    Math.Abs(expected - difference) < 2e-3 * scale,
                    $"input {input}, trial {trial}: {expected} by the gradient, {difference} by difference, of {scale}"
                );

                double Sum(int sign)
                {
                    float[][] moved = [.. inputs];
                    moved[input] = [.. inputs[input].Zip(direction, (x, d) => x + sign * Step * d)];
                    return Dot(forward(moved), weights);
                }
            }
        }
    }

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    [Theory]
    [InlineData(24)]
    [InlineData(13)]
    public void RmsNorms(int width)
    {
        const int Rows = 5;
        float[] x = Random(1, Rows * width),
            weight = Random(2, width),
            c = Random(3, Rows * width),
            inverse = new float[Rows],
            y = new float[Rows * width];
        RmsNorm.Forward(x, weight, y, inverse);
        float[] dx = new float[x.Length],
            dWeight = new float[width];
        RmsNorm.Backward(x, weight, inverse, [.. c], dx, dWeight);
        Check(
            [x, weight],
            [dx, dWeight],
            moved =>
            {
                var result = new float[y.Length];
                RmsNorm.Forward(moved[0], moved[1], result, new float[Rows]);
                return result;
            },
            c
        );
    }

    [Theory]
    [InlineData(16)]
    [InlineData(11)]
    public void SwiGlus(int hidden)
    {
        const int Rows = 4;
        float[] x = Random(1, Rows * 2 * hidden),
            c = Random(2, Rows * hidden),
            sigmoid = new float[Rows * hidden],
            y = new float[Rows * hidden],
            dx = new float[x.Length];
        SwiGlu.Forward(x, hidden, sigmoid, y);
        SwiGlu.Backward(x, hidden, sigmoid, c, dx);
        Check(
            [x],
            [dx],
            moved =>
            {
                var result = new float[y.Length];
                SwiGlu.Forward(moved[0], hidden, new float[sigmoid.Length], result);
                return result;
            },
            c
        );
    }

    [Fact]
    public void CrossEntropies()
    {
        const int Tokens = 6,
            Vocabulary = 19;
        float[] logits = Random(1, Tokens * Vocabulary),
            gradient = [.. logits];
        int[] targets = [3, 0, 18, 7, 7, 2];
        CrossEntropy.Forward(gradient, targets, new double[Tokens]);
        CrossEntropy.Backward(gradient, targets, 1);
        Check(
            [logits],
            [gradient],
            moved =>
            {
                var losses = new double[Tokens];
                CrossEntropy.Forward([.. moved[0]], targets, losses);
                return [.. losses.Select(loss => (float)loss)];
            },
            [1, 1, 1, 1, 1, 1]
        );
    }

    [Theory]
    [InlineData(16)]
    [InlineData(6)]
    public void Rotations(int size)
    {
        const int Context = 7,
            Heads = 2,
            Sequences = 2;
        int width = Heads * size,
            tokens = Sequences * Context;
        var rotary = new Rotary(Context, Heads, size, 1 / MathF.Sqrt(size));
        float[] qkv = Random(1, tokens * 3 * width),
            c = Random(2, tokens * 3 * width),
            gradient = new float[qkv.Length];
        rotary.Join(c.AsSpan(0, tokens * width), c.AsSpan(tokens * width, tokens * width), c.AsSpan(2 * tokens * width), gradient);
        Check(
            [qkv],
            [gradient],
            moved =>
            {
                var result = new float[c.Length];
                rotary.Split(
                    moved[0],
                    result.AsSpan(0, tokens * width),
                    result.AsSpan(tokens * width, tokens * width),
                    result.AsSpan(2 * tokens * width)
                );
                return result;
            },
            c
        );
        // Sorting by heads and back changes nothing.
        float[] rows = Random(3, tokens * width),
            heads = new float[rows.Length],
            back = new float[rows.Length];
        rotary.SplitHeads(rows, heads);
        rotary.JoinHeads(heads, back);
        Assert.Equal(rows, back);
    }

    [Fact]
    public void Attention()
    {
        const int Context = 9,
            Size = 10,
            Heads = 3,
            Length = Heads * Context * Size;
        var attention = new CausalAttention(Context, Size);
        float[] q = Random(1, Length),
            k = Random(2, Length),
            v = Random(3, Length),
            c = Random(4, Length),
            weights = new float[Heads * Context * Context],
            y = new float[Length];
        attention.Forward(q, k, v, weights, y);
        float[] dq = new float[Length],
            dk = new float[Length],
            dv = new float[Length];
        attention.Backward(q, k, v, weights, c, new float[Context * Context], dq, dk, dv);
        Check(
            [q, k, v],
            [dq, dk, dv],
            moved =>
            {
                var result = new float[Length];
                attention.Forward(moved[0], moved[1], moved[2], new float[weights.Length], result);
                return result;
            },
            c
        );
        // The first position sees itself alone.
        Assert.Equal(v[..Size], y[..Size]);
    }
}
