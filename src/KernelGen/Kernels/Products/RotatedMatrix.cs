using KernelGen.Kernels.Elements;

namespace KernelGen.Kernels.Products;

/// <summary>A repacked matrix of rotated rows: activations are rotated before they are multiplied.</summary>
/// <param name="rotated">The rotated rows, whole rotations.</param>
/// <param name="columns">Columns of the matrix.</param>
/// <param name="size">Columns of a rotation.</param>
/// <param name="seed">Seed of its signs.</param>
internal sealed class RotatedMatrix(ProductMatrix rotated, int columns, int size, uint seed) : ProductMatrix(rotated.Rows, columns)
{
    [ThreadStatic]
    private static float[]? t_activations;

    public override long Bytes => rotated.Bytes;

    public override bool HasIntegers => rotated.HasIntegers;

    public override IReadOnlyList<string> MachineCode => rotated.MachineCode;

    public override string Engine(int batch, MatVecPrecision precision) => rotated.Engine(batch, precision);

    internal override int MostFloatVectors => rotated.MostFloatVectors;

    public override void MatMul(
        ReadOnlyMemory<float> x,
        int batch,
        Memory<float> y,
        MatVecPrecision precision,
        Parallelism? parallelism = null
    )
    {
        Check(x.Length, batch, y.Length, precision);
        int padded = rotated.Columns,
            length = checked(batch * padded);
        if (t_activations is null || t_activations.Length < length)
        {
            t_activations = new float[length];
        }
        for (int v = 0; v < batch; v++)
        {
            Span<float> vector = t_activations.AsSpan(v * padded, padded);
            x.Span.Slice(v * Columns, Columns).CopyTo(vector);
            vector[Columns..].Clear();
            HadamardRotation.Forward(vector, size, seed);
        }
        rotated.MatMul(t_activations.AsMemory(0, length), batch, y, precision, parallelism);
    }
}
