using BenchmarkDotNet.Attributes;
using KernelGen.Formats;

namespace KernelGen.Benchmarks;

/// <summary>The kernels of every declared format on one thread, in cache: 1024 × 1024.</summary>
public class KernelBenchmarks
{
    private const int Rows = 1024,
        Columns = 1024;

    private CompressedFormat _format = null!;
    private float[] _weights = null!,
        _x = null!,
        _y = null!;
    private byte[] _packed = null!;

    /// <summary>Names of the declared formats.</summary>
    public static IEnumerable<string> Formats => DeclaredFormats.Catalog.All.Select(format => format.Info.Name);

    [ParamsSource(nameof(Formats))]
    public string Format { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _format = DeclaredFormats.Catalog[Format];
        var random = new Random(1);
        _weights = [.. Enumerable.Range(0, Rows * Columns).Select(_ => random.NextSingle() - 0.5f)];
        _x = [.. Enumerable.Range(0, 16 * Columns).Select(_ => random.NextSingle() - 0.5f)];
        _y = new float[16 * Rows];
        _packed = new byte[_format.Info.PackedBytes(Rows, Columns)];
        _format.Pack(_weights, Rows, Columns, _packed);
    }

    [Benchmark]
    public void Pack() => _format.Pack(_weights, Rows, Columns, _packed, Parallelism.Single);

    [Benchmark]
    public void Unpack() => _format.Unpack(_packed, Rows, Columns, _weights, Parallelism.Single);

    [Benchmark]
    public void MatVec() => _format.MatVec(_packed, Rows, Columns, _x, _y, Parallelism.Single);

    [Benchmark]
    public void MatMul16() => _format.MatMul(_packed, Rows, Columns, _x, 16, _y, Parallelism.Single);
}
