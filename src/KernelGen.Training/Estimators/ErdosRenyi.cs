namespace KernelGen.Training;

/// <summary>
/// Densities of the matrices of a sparse model in proportion to (rows + columns)/(rows · columns), as a random graph between inputs
/// and outputs would have them (Mocanu et al. 2018; RigL, arXiv 1911.11134): small matrices keep more.
/// </summary>
internal static class ErdosRenyi
{
    /// <summary>A density for each matrix; together they keep <paramref name="density"/> of all weights.</summary>
    /// <param name="shapes">Rows and columns of the matrices.</param>
    /// <param name="density">Share of all weights that is kept, above 0 and at most 1.</param>
    public static double[] Densities(IReadOnlyList<(int Rows, int Columns)> shapes, double density)
    {
        double[] sizes = [.. shapes.Select(shape => (double)shape.Rows * shape.Columns)];
        double[] shares = [.. shapes.Select(shape => ((double)shape.Rows + shape.Columns) / ((double)shape.Rows * shape.Columns))];
        bool[] dense = new bool[shapes.Count];
        while (true)
        {
            // What the dense ones hold is taken from the others, which may make some of those dense too.
            double left = density * sizes.Sum(),
                raw = 0;
            for (int i = 0; i < sizes.Length; i++)
            {
                (left, raw) = dense[i] ? (left - sizes[i], raw) : (left, raw + shares[i] * sizes[i]);
            }
            double scale = raw > 0 ? left / raw : 0;
            int over = Enumerable
                .Range(0, sizes.Length)
                .Where(i => !dense[i] && scale * shares[i] > 1)
                .OrderByDescending(i => shares[i])
                .FirstOrDefault(-1);
            if (over < 0)
            {
                return [.. shares.Select((share, i) => dense[i] ? 1 : scale * share)];
            }
            dense[over] = true;
        }
    }
}
