using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Products;

/// <summary>
/// Activations of matrices whose weights are sums of several terms, each with a scale of its own (codebooks in two stages). Such a matrix
/// holds the terms of a group of columns side by side, so activations are repeated for each of them.
/// </summary>
/// <typeparam name="TRecipe">The recipe of the terms.</typeparam>
internal static class RepeatedActivations<TRecipe>
    where TRecipe : struct, IInt8Recipe
{
    [ThreadStatic]
    private static float[]? t_repeated;

    /// <summary>Columns of the matrix of terms: whole groups, if there are several stages.</summary>
    /// <param name="columns">Columns of the matrix.</param>
    public static int Columns(int columns)
    {
        int group = Int8Layout<TRecipe>.Group;
        return TRecipe.Stages == 1 ? columns : checked((columns + group - 1) / group * group * TRecipe.Stages);
    }

    /// <summary>The activations as the matrix of terms takes them, until the thread's next call.</summary>
    /// <param name="x"><c>batch × columns</c> activations.</param>
    /// <param name="batch">Number of vectors.</param>
    /// <param name="columns">Columns of the matrix.</param>
    public static ReadOnlySpan<float> Of(ReadOnlySpan<float> x, int batch, int columns)
    {
        int held = Columns(columns),
            length = checked(batch * held);
        if (t_repeated is null || t_repeated.Length < length)
        {
            t_repeated = new float[length];
        }
        for (int v = 0; v < batch; v++)
        {
            Repeat(x.Slice(v * columns, columns), t_repeated.AsSpan(v * held, held));
        }
        return t_repeated.AsSpan(0, length);
    }

    private static void Repeat(ReadOnlySpan<float> x, Span<float> target)
    {
        int group = Int8Layout<TRecipe>.Group;
        for (int column = 0; column < x.Length; column += group)
        {
            ReadOnlySpan<float> part = x.Slice(column, Math.Min(group, x.Length - column));
            for (int stage = 0; stage < TRecipe.Stages; stage++)
            {
                part.CopyTo(target);
                target[part.Length..group].Clear();
                target = target[group..];
            }
        }
    }
}
