#:project ../formats/KernelGen.Formats/KernelGen.Formats.csproj
#:property GenerateDocumentationFile=false
#:property PublishAot=false
#:property TieredPGO=false
#:property TieredCompilationQuickJitForLoops=false

// What the first product of a matrix pays: the layout for compute is made from the packed bytes, by all processors.
//
//     dotnet run -c Release benchmarks/repack-speed.cs -- FORMAT …
//
// A matrix of 4096 × 4096; medians of seven, next to the fastest of 200 matvecs on one thread, which has it in the last-level cache.

using System.Diagnostics;
using System.Globalization;
using KernelGen;
using KernelGen.Formats;
using KernelGen.Kernels.Products;

const int size = 4096,
    rounds = 7,
    few = 16;
if (args.Length == 0)
{
    Console.Error.WriteLine("usage: dotnet run -c Release benchmarks/repack-speed.cs -- FORMAT …");
    return 2;
}
var random = new Random(2026);
float[] values = [.. Enumerable.Range(0, few * size).Select(_ => 2 * random.NextSingle() - 1)],
    x = values[..size],
    y = new float[size];
foreach (string name in args)
{
    CompressedFormat format = DeclaredFormats.Catalog[name];
    byte[] rows = new byte[format.Info.PackedBytes(few, size)],
        packed = new byte[format.Info.PackedBytes(size, size)];
    format.Pack(values, few, size, rows);
    int header = format.Info.TensorHeaderBytes,
        rowBytes = format.Info.RowBytes(size);
    rows.AsSpan(0, header).CopyTo(packed);
    for (int row = 0; row < size; row++)
    {
        rows.AsSpan(header + row % few * rowBytes, rowBytes).CopyTo(packed.AsSpan(header + row * rowBytes));
    }
    var repacking = new double[rounds];
    ProductMatrix? matrix = null;
    for (int round = 0; round < rounds; round++)
    {
        GC.Collect();
        var clock = Stopwatch.StartNew();
        matrix = format.Repack(packed, size, size);
        repacking[round] = clock.Elapsed.TotalSeconds;
    }
    if (matrix is null)
    {
        Console.WriteLine($"{name}: is multiplied from its packed bytes");
        continue;
    }
    double matvec = double.PositiveInfinity;
    for (int call = 0; call < 200; call++)
    {
        var clock = Stopwatch.StartNew();
        matrix.MatMul(x, 1, y, matrix.HasIntegers ? MatVecPrecision.Int8 : MatVecPrecision.Float, Parallelism.Single);
        matvec = Math.Min(matvec, clock.Elapsed.TotalSeconds);
    }
    double first = repacking[0];
    Array.Sort(repacking);
    double median = repacking[rounds / 2];
    Console.WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {1e3 * median:0.0} ms (the first time {1e3 * first:0.0}), {packed.Length / median / 1e9:0.00} GB/s of packed "
                + $"bytes, {median / matvec:0} matvecs of {1e3 * matvec:0.000} ms"
        )
    );
}
return 0;
