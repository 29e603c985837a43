using System.Globalization;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Products.MachineCode;
using KernelGen.Reports;

namespace KernelGen.Bench;

/// <summary>Measures the CPU's products of some formats, next to the memory's bandwidth, the multiply–add peak and ggml.</summary>
/// <param name="host">Where progress and notes go, and what may cancel.</param>
/// <param name="formats">The formats.</param>
/// <param name="vectorWidths">Widths in bits of the vector code that a format has; none for scalar code only.</param>
/// <param name="wanted">Precision of those that have integer kernels; others stay in float32.</param>
/// <param name="repetitions">Repetitions of every case.</param>
/// <param name="workingSet">Bytes that copies of a matrix fill; 0 keeps one copy, which a cache may hold.</param>
/// <param name="peer">ggml, or null.</param>
internal sealed class ProductRun(
    MeasuringHost host,
    IReadOnlyList<CompressedFormat> formats,
    Func<CompressedFormat, IReadOnlyList<int>> vectorWidths,
    MatVecPrecision wanted,
    int repetitions,
    long workingSet,
    GgmlLibrary? peer
)
{
    /// <summary>A row for every shape, batch, number of threads and format.</summary>
    public DataTable Measure((int Rows, int Columns)[] shapes, int[] batches, int[] threads)
    {
        var table = new DataTable(
            new("format", "format"),
            new("bits", "bits", "0.0###"),
            new("rows", "rows"),
            new("columns", "columns"),
            new("batch", "batch"),
            new("threads", "threads"),
            new("precision", "precision"),
            new("layout", "layout"),
            new("engine", "engine"),
            new("arm", "vector", Words: value => value is "scalar" ? "SCALAR" : null),
            new("microseconds", "µs", "0.0"),
            new("spread", "±", "0.0"),
            new("gb_per_s", "GB/s", "0.00"),
            new("gflop_per_s", "GFLOP/s", "0.0"),
            new("memory_gb_per_s", "memory GB/s", "0.0"),
            new("memory_percent", "% of memory", "0"),
            new("peak_percent", "% of peak", "0"),
            new("ggml_microseconds", "ggml µs", "0.0"),
            new("ggml_variant", "ggml"),
            new("ggml_ratio", "× ggml", "0.00"),
            new("ggml_difference", "Δ ggml", "0.0E0"),
            new("repetitions", "n")
        );
        host.Note(
            $"bench: {repetitions} repetitions; vector units {string.Join(", ", HardwareWidths().Select(width => $"{width} bits"))}"
                + $"; {Cpu()}; memory is what a vectorised read loop gets in the same run, peak what multiplications and additions in "
                + $"registers do there: of float32, or of bytes for int8."
        );
        double peak = MultiplyAddPeak.OperationsPerSecond();
        double? bytePeak = wanted == MatVecPrecision.Float ? null : ByteMultiplyAddPeak.OperationsPerSecond();
        long steps = (long)shapes.Length * batches.Length * threads.Length * formats.Count * (repetitions + 1);
        host.Progress.Run("bench", steps, report =>
        {
            long done = 0;
            foreach ((int rows, int columns) in shapes)
            {
                byte[][] packed = Pack(rows, columns);
                var memory = new byte[Math.Clamp(workingSet, packed.Max(bytes => bytes.LongLength), Array.MaxLength)];
                memory.AsSpan().Fill(1); // memory that no one wrote to is one page of zeros, which a cache holds
                foreach ((int batch, int thread) in batches.SelectMany(batch => threads.Select(thread => (batch, thread))))
                {
                    float[] x = UniformValues.Of(batch * columns, seed: 1);
                    KernelCase[] cases =
                    [
                        .. formats.Select(
                            (format, i) =>
                                new KernelCase(
                                    format,
                                    packed[i],
                                    rows,
                                    columns,
                                    x,
                                    batch,
                                    thread,
                                    PrecisionOf(format, packed[i], rows, columns)
                                )
                        ),
                    ];
                    Sample? bandwidth = Measure(cases, memory, name => report(++done, name));
                    foreach (KernelCase one in cases)
                    {
                        Add(table, one, rows, columns, batch, bandwidth?.Median, one.Precision == MatVecPrecision.Float ? peak : bytePeak);
                        one.Dispose();
                    }
                }
            }
        });
        string[] scalar = [.. formats.Where(format => Arm(format) == "scalar").Select(format => format.Info.Name)];
        if (scalar.Length > 0)
        {
            host.Note($"Scalar code only, as there is no vector code for this format on this machine: {string.Join(", ", scalar)}.");
        }
        return table;
    }

    /// <summary>The engine of products of bytes, and why it is no better one.</summary>
    private static string Cpu() =>
        $"bytes are multiplied by {CpuKernels.Engine}{(CpuKernels.Missing is { } missing ? $" ({missing})" : "")}";

    private MatVecPrecision PrecisionOf(CompressedFormat format, byte[] packed, int rows, int columns)
    {
        int row = format.Info.TensorHeaderBytes + format.Info.RowBytes(columns);
        bool possible = wanted == MatVecPrecision.Float || format.Repack(packed.AsSpan(0, row), 1, columns) is { HasIntegers: true };
        return possible && rows > 0 ? wanted : MatVecPrecision.Float;
    }

    private static string Words(MatVecPrecision precision) =>
        precision switch
        {
            MatVecPrecision.Int8 => "int8",
            MatVecPrecision.Int8TwoDigits => "int8x2",
            _ => "float",
        };

    /// <summary>
    /// All repetitions of all cases; returns the memory's bandwidth in bytes per second, measured between them, or null where one copy is
    /// multiplied:
    /// it need not come from memory, and reading it takes no longer than waking threads.
    /// </summary>
    private Sample? Measure(KernelCase[] cases, byte[] memory, Action<string> step)
    {
        foreach (KernelCase one in cases)
        {
            host.Cancellation.ThrowIfCancellationRequested();
            one.WarmUp(memory, peer);
            step($"{one.Format} warm-up");
        }
        bool streams = workingSet > 0;
        List<double> bandwidths = [];
        if (streams)
        {
            MemoryReader.BytesPerSecond(memory, cases[0].Threads); // the first pass is the JIT's
        }
        for (int repetition = 0; repetition < repetitions; repetition++)
        {
            if (streams)
            {
                bandwidths.Add(MemoryReader.BytesPerSecond(memory, cases[0].Threads));
            }
            // Every other time backwards: a machine that grows warm or busy then wrongs no format more than another.
            foreach (KernelCase one in repetition % 2 == 0 ? cases : cases.Reverse())
            {
                host.Cancellation.ThrowIfCancellationRequested();
                one.Repeat(memory);
                step($"{one.Format} {repetition + 1}/{repetitions}");
            }
        }
        return streams ? Sample.Of(bandwidths) : null;
    }

    private void Add(DataTable table, KernelCase one, int rows, int columns, int batch, double? bandwidth, double? threadPeak)
    {
        // two digits are two products of bytes
        double? peak = threadPeak * one.Threads / (one.Precision == MatVecPrecision.Int8TwoDigits ? 2 : 1);
        Sample seconds = one.Seconds;
        double bytesPerSecond = one.PackedBytes / seconds.Median;
        GgmlProduct? best = one.Peers.MinBy(product => product.Seconds.Median);
        table.Add(
            one.Format.Info.Name,
            one.Format.Info.BitsPerWeight,
            rows,
            columns,
            batch,
            one.Threads,
            Words(one.Precision),
            one.IsRepacked ? "repacked" : "packed",
            one.Engine,
            Arm(one.Format),
            seconds.Median * 1e6,
            seconds.Spread * 1e6,
            bytesPerSecond / 1e9,
            one.Operations / seconds.Median / 1e9,
            bandwidth / 1e9,
            100 * bytesPerSecond / bandwidth,
            100 * one.Operations / seconds.Median / peak,
            best?.Seconds.Median * 1e6,
            best is null ? null
                : best.Repacked ? "repacked"
                : "plain",
            best?.Seconds.Median / seconds.Median,
            best is null ? null : one.DifferenceTo(best.Results()),
            repetitions
        );
    }

    /// <summary>The vector width that a format's kernels use on this machine.</summary>
    private string Arm(CompressedFormat format)
    {
        int[] usable = [.. vectorWidths(format).Intersect(HardwareWidths())];
        return usable.Length > 0 ? usable.Max().ToString(CultureInfo.InvariantCulture) : "scalar";
    }

    private static IEnumerable<int> HardwareWidths()
    {
        if (Vector512.IsHardwareAccelerated)
        {
            yield return 512;
        }
        if (Vector256.IsHardwareAccelerated)
        {
            yield return 256;
        }
        if (Vector128.IsHardwareAccelerated)
        {
            yield return 128;
        }
    }

    private byte[][] Pack(int rows, int columns)
    {
        float[] weights = UniformValues.Of(rows * columns, seed: 0);
        return
        [
            .. formats.Select(format =>
            {
                var packed = new byte[format.Info.PackedBytes(rows, columns)];
                format.Pack(weights, rows, columns, packed, new Parallelism { Cancellation = host.Cancellation });
                return packed;
            }),
        ];
    }
}
