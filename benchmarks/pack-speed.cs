#:project ../formats/KernelGen.Formats/KernelGen.Formats.csproj
#:property GenerateDocumentationFile=false
#:property PublishAot=false
#:property TieredPGO=false
#:property TieredCompilationQuickJitForLoops=false

// What one core packs in its own cache, next to which the rate of `kernelgen quantize` is to be seen:
//
//     dotnet run -c Release benchmarks/pack-speed.cs -- FORMAT …
//
// 131,072 Gaussian values in rows of 2,048, enough that no branch can be learnt by heart; the best of twenty rounds of 50 ms.

using System.Diagnostics;
using KernelGen;
using KernelGen.Formats;

const int rows = 64,
    columns = 2048,
    rounds = 20;
if (args.Length == 0)
{
    Console.Error.WriteLine("usage: dotnet run -c Release benchmarks/pack-speed.cs -- FORMAT …");
    return 2;
}
var random = new Random(2026);
float[] values =
[
    .. Enumerable
        .Range(0, rows * columns)
        .Select(_ => (float)(0.02 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))),
];
foreach (string name in args)
{
    CompressedFormat format = DeclaredFormats.Catalog[name];
    var packed = new byte[format.Info.RowBytes(columns) * rows];
    float scale = format.TensorScale(TensorStatistics.Measure(values));
    double best = 0;
    for (int round = 0; round < rounds; round++)
    {
        var clock = Stopwatch.StartNew();
        long done = 0;
        for (; clock.ElapsedMilliseconds < 50; done += values.Length)
        {
            format.PackRows(values, rows, columns, scale, default, packed);
        }
        best = Math.Max(best, done / clock.Elapsed.TotalSeconds);
    }
    Console.WriteLine(FormattableString.Invariant($"{name}: {best / 1e9:0.000} Gweights/s, {2 * best / 1e9:0.00} GB/s of bfloat16"));
}
return 0;
