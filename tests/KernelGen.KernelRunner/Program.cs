using KernelGen;
using KernelGen.Formats;

foreach (CompressedFormat format in DeclaredFormats.Catalog.All)
{
    const int rows = 3,
        columns = 300,
        batch = 12;
    var random = new Random(1);
    float[] weights = [.. Enumerable.Range(0, rows * columns).Select(_ => random.NextSingle() - 0.5f)];
    float[] x = [.. Enumerable.Range(0, batch * columns).Select(_ => random.NextSingle() - 0.5f)];
    float[] y = new float[batch * rows],
        back = new float[weights.Length];
    byte[] packed = new byte[format.Info.PackedBytes(rows, columns)];
    format.Pack(weights, rows, columns, packed, Parallelism.Single);
    format.Unpack(packed, rows, columns, back, Parallelism.Single);
    format.RoundTrip(weights, rows, columns, back, Parallelism.Single);
    format.MatVec(packed, rows, columns, x, y, Parallelism.Single);
    format.MatMul(packed, rows, columns, x, 6, y, Parallelism.Single);
    format.MatMul(packed, rows, columns, x, batch, y, Parallelism.Single);
    format.Probe(weights, rows, columns);
    // tables that rows share are made for many of them only
    int many = 64,
        header = format.Info.TensorHeaderBytes,
        rowBytes = format.Info.RowBytes(columns);
    byte[] repeated = new byte[format.Info.PackedBytes(many, columns)];
    packed.AsSpan(0, header).CopyTo(repeated);
    for (int row = 0; row < many; row++)
    {
        packed.AsSpan(header + row % rows * rowBytes, rowBytes).CopyTo(repeated.AsSpan(header + row * rowBytes));
    }
    if (format.Repack(repeated, many, columns) is { } repacked)
    {
        y = new float[batch * many];
        repacked.MatMul(x, 1, y, MatVecPrecision.Float, Parallelism.Single);
        repacked.MatMul(x, batch, y, MatVecPrecision.Float, Parallelism.Single);
        foreach (int vectors in repacked.HasIntegers ? [1, 2, 4, 12] : Array.Empty<int>())
        {
            repacked.MatMul(x, vectors, y, MatVecPrecision.Int8, Parallelism.Single);
        }
    }
    Console.WriteLine(format.Info.Name);
}
