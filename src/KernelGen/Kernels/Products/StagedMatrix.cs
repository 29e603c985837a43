namespace KernelGen.Kernels.Products;

/// <summary>
/// A matrix whose weights are sums of several terms, each with a scale of its own (codebooks in two stages): held as the terms of a
/// group of columns side by side, and multiplied with activations that are repeated for each of them.
/// </summary>
/// <param name="terms">The terms.</param>
/// <param name="columns">Columns of the matrix.</param>
/// <param name="stages">Terms of a weight.</param>
/// <param name="group">Columns of a group.</param>
internal sealed class StagedMatrix(ProductMatrix terms, int columns, int stages, int group) : ProductMatrix(terms.Rows, columns)
{
    [ThreadStatic]
    private static float[]? t_repeated;

    public override long Bytes => terms.Bytes;

    public override bool HasIntegers => terms.HasIntegers;

    public override IReadOnlyList<string> MachineCode => terms.MachineCode;

    public override string Engine(int batch, MatVecPrecision precision) => terms.Engine(batch, precision);

    internal override int MostFloatVectors => terms.MostFloatVectors;

    /// <summary>Columns of the matrix of terms: whole groups, if there are several stages.</summary>
    public static int HeldColumns(int columns, int stages, int group) =>
        stages == 1 ? columns : checked((columns + group - 1) / group * group * stages);

    public override void MatMul(
        ReadOnlyMemory<float> x,
        int batch,
        Memory<float> y,
        MatVecPrecision precision,
        Parallelism? parallelism = null
    )
    {
        Check(x.Length, batch, y.Length, precision);
        int length = checked(batch * terms.Columns);
        if (t_repeated is null || t_repeated.Length < length)
        {
            t_repeated = new float[length];
        }
        for (int v = 0; v < batch; v++)
        {
            Repeat(x.Span.Slice(v * Columns, Columns), t_repeated.AsSpan(v * terms.Columns, terms.Columns));
        }
        terms.MatMul(t_repeated.AsMemory(0, length), batch, y, precision, parallelism);
    }

    private void Repeat(ReadOnlySpan<float> x, Span<float> target)
    {
        for (int column = 0; column < x.Length; column += group)
        {
            ReadOnlySpan<float> part = x.Slice(column, Math.Min(group, x.Length - column));
            for (int stage = 0; stage < stages; stage++)
            {
                part.CopyTo(target);
                target[part.Length..group].Clear();
                target = target[group..];
            }
        }
    }
}
