namespace KernelGen.Models;

/// <summary>Weights of the errors of a tensor's columns: the same for all rows, or for each matrix of a stack its own.</summary>
/// <param name="weights"><c>matrices × columns</c> weights above 0.</param>
/// <param name="columns">Columns.</param>
/// <param name="rowsOfMatrix">Rows of one matrix.</param>
public sealed class ColumnImportance(float[] weights, int columns, long rowsOfMatrix)
{
    /// <summary>
    /// What a weight of 0 becomes, in parts of the mean: so little that other columns hardly notice, and enough for sums in float32, so
    /// that a group where all are 0 is packed as if all were the same.
    /// </summary>
    private const float Least = 1e-3f;

    /// <summary>Rows that share their weights, in order.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">Number of rows.</param>
    /// <returns>For each run the first row, counted from <paramref name="first"/>, the number of rows, and one weight a column.</returns>
    public IEnumerable<(int First, int Count, ReadOnlyMemory<float> Weights)> Runs(long first, int count)
    {
        for (int done = 0; done < count; )
        {
            (long matrix, long row) = Math.DivRem(first + done, rowsOfMatrix);
            int run = (int)Math.Min(count - done, rowsOfMatrix - row);
            yield return (done, run, weights.AsMemory((int)(matrix * columns), columns));
            done += run;
        }
    }

    /// <summary>Weights without zeros: a group of which no column counts is packed as if all counted the same.</summary>
    internal static float[] WithoutZeros(ReadOnlySpan<float> weights)
    {
        double sum = 0;
        foreach (float weight in weights)
        {
            sum += weight;
        }
        float least = sum > 0 ? Math.Max((float)(sum / weights.Length * Least), float.Epsilon) : 1;
        var filled = new float[weights.Length];
        for (int i = 0; i < filled.Length; i++)
        {
            filled[i] = weights[i] > 0 ? weights[i] : least;
        }
        return filled;
    }
}
