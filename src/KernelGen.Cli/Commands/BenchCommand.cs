using System.CommandLine;
using System.Runtime.Intrinsics;
using KernelGen.Cli.Input;
using KernelGen.Cli.Measuring;
using KernelGen.Cli.Measuring.Peer;
using KernelGen.Cli.Output;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen bench</c>: speed of the generated products on this machine, beside its memory bandwidth.</summary>
internal sealed class BenchCommand
{
    private readonly Option<(int Rows, int Columns)[]?> _shapes = new("--shape", "-s")
    {
        Description = "Shapes, rows × columns.",
        HelpName = "4096x4096,1024x4096",
        CustomParser = argument => Numbers.Shapes(argument),
        DefaultValueFactory = _ => [(4096, 4096)],
    };

    private readonly Option<int[]?> _batches = new("--batch", "-m")
    {
        Description = "Numbers of activation vectors; 1 is a matvec.",
        HelpName = "1,4,16",
        CustomParser = argument => Numbers.List(argument),
        DefaultValueFactory = _ => [1],
    };

    private readonly Option<int[]?> _threads = new("--threads", "-t")
    {
        Description = "Numbers of threads; all processors if not given.",
        HelpName = "1,2",
        CustomParser = argument => Numbers.List(argument),
        DefaultValueFactory = _ => [Environment.ProcessorCount],
    };

    private readonly Option<string[]> _formats = new("--format", "-f") { Description = "Names of formats, or all.", HelpName = "int4-g32,mxfp4", DefaultValueFactory = _ => [FormatNames.All] };
    private readonly Option<int?> _repetitions = new("--repetitions", "-r") { Description = "Repetitions.", CustomParser = argument => Numbers.AtLeast(1)(argument), DefaultValueFactory = _ => 5 };
    private readonly Option<int?> _workingSet = new("--working-set")
    {
        Description = "MiB that copies of a matrix fill, so that it comes from memory and not from a cache; more than the last cache has. 0 keeps one copy.",
        CustomParser = argument => Numbers.AtLeast(0)(argument),
        DefaultValueFactory = _ => 128,
    };

    private readonly Option<string> _precision = new("--precision", "-p")
    {
        Description = "How activations are treated: float32, bytes with integer dot products over repacked weights, or two bytes each. Formats without integer kernels stay float.",
        HelpName = "float|int8|int8x2",
        DefaultValueFactory = _ => "float",
    };

    private readonly Option<string?> _peer = new("--peer-ggml")
    {
        Description = $"Folder of ggml's shared libraries: its products of the same bytes are measured in turn with ours, plain and repacked. Without it, {GgmlLibrary.Variable} is looked at.",
        HelpName = "DIR",
    };

    private readonly Option<int[]?> _dense = new("--dense")
    {
        Description = "Products of dense float32 matrices of these sizes instead of compressed ones, in percent of the multiply–add peak.",
        HelpName = "1024,4096",
        CustomParser = argument => Numbers.List(argument),
    };

    private readonly Option<string?> _blas = new("--peer-blas")
    {
        Description = $"With --dense: a BLAS library, whose float32 matmul is measured in turn with ours. Without it, {BlasLibrary.Variable} is looked at.",
        HelpName = "FILE",
    };

    private readonly Option<int[]?> _training = new("--training")
    {
        Description = "Whole training steps of dense Llamas of these widths, in percent of the multiply–add peak.",
        HelpName = "256,512",
        CustomParser = argument => Numbers.List(argument),
    };

    private readonly DeviceOptions _device = new();
    private readonly Option<string> _output = CommonOptions.Output();
    private readonly CommandEnvironment _environment;

    private BenchCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new BenchCommand(environment);
        var command = new Command("bench", "Measure matvec and matmul.")
        {
            self._shapes, self._batches, self._formats, self._threads, self._repetitions, self._workingSet, self._precision, self._peer, self._dense, self._blas, self._training, self._output,
        };
        self._device.AddTo(command);
        command.SetAction(self.Run);
        return command;
    }

    /// <summary>The GPU kernels instead of those of the CPU.</summary>
    private int RunOnDevice(ParseResult parsed, IReadOnlyList<CompressedFormat> formats, (int Rows, int Columns)[] shapes, int[] batches, int repetitions, long budget)
    {
        using Gpu.GpuDevice device = _device.Open(parsed, _environment);
        foreach (CompressedFormat format in formats.Count < _environment.Catalog.All.Count ? formats : [])
        {
            _ = device.Catalog[format.Info.Name]; // a format that was asked for by name has to have kernels
        }
        DeviceRun run = _device.Run(parsed, _environment, device, repetitions, budget);
        var table = new DataTable([new("format", "format"), new("bits", "bits", "0.0###"), new("rows", "rows"), new("columns", "columns"), new("batch", "batch"), .. DeviceRun.Columns]);
        _environment.Progress.Run("bench", (long)shapes.Length * batches.Length * (formats.Count + 1), report =>
        {
            long done = 0;
            foreach ((int rows, int columns) in shapes)
            {
                float[] weights = Values(rows * columns, seed: 0);
                byte[] Pack(CompressedFormat format)
                {
                    var packed = new byte[format.Info.PackedBytes(rows, columns)];
                    format.Pack(weights, rows, columns, packed, new Parallelism { Cancellation = _environment.Cancellation });
                    return packed;
                }
                foreach (int batch in batches)
                {
                    foreach ((string name, object?[] values) in run.Measure(formats, rows, columns, batch, Pack, name => report(++done, name)))
                    {
                        table.Add([name, _environment.Catalog[name].Info.BitsPerWeight, rows, columns, batch, .. values]);
                    }
                }
            }
        });
        TableWriter.Write(table, parsed.GetRequiredValue(_output), _environment);
        return ExitCode.Ok;
    }

    private int RunDense(ParseResult parsed, int[] sizes)
    {
        if (sizes.Max() > 16384)
        {
            throw new UsageException($"--dense takes sizes up to 16384, whose matrices have a gigabyte each; {sizes.Max()} is more.");
        }
        BlasLibrary? peer = BlasLibrary.Find(parsed.GetValue(_blas));
        DataTable table = DenseRun.Table();
        return RunSizes(parsed, sizes, table, (size, threads, repetitions) => DenseRun.Measure(table, size, threads, repetitions, peer, _environment.Cancellation));
    }

    private int RunTraining(ParseResult parsed, int[] widths)
    {
        if (widths.FirstOrDefault(width => width % 64 != 0 || width > 4096) is int wrong and > 0)
        {
            throw new UsageException($"--training takes widths that are multiples of 64, up to 4096; {wrong} is none.");
        }
        DataTable table = TrainingRun.Table();
        return RunSizes(parsed, widths, table, (width, threads, steps) => TrainingRun.Measure(table, width, threads, steps, _environment.Catalog, _environment.Cancellation));
    }

    /// <summary>A row for each size and number of threads.</summary>
    private int RunSizes(ParseResult parsed, int[] sizes, DataTable table, Action<int, int, int> measure)
    {
        int[] threads = parsed.GetValue(_threads)!;
        _environment.Progress.Run("bench", (long)sizes.Length * threads.Length, report =>
        {
            long done = 0;
            foreach ((int size, int thread) in sizes.SelectMany(size => threads.Select(thread => (size, thread))))
            {
                measure(size, thread, parsed.GetValue(_repetitions)!.Value);
                report(++done, $"{size}, {thread} threads");
            }
        });
        TableWriter.Write(table, parsed.GetRequiredValue(_output), _environment);
        return ExitCode.Ok;
    }

    private int Run(ParseResult parsed)
    {
        if (parsed.GetValue(_dense) is { Length: > 0 } sizes)
        {
            return RunDense(parsed, sizes);
        }
        if (parsed.GetValue(_training) is { Length: > 0 } widths)
        {
            return RunTraining(parsed, widths);
        }
        IReadOnlyList<CompressedFormat> formats = FormatNames.FindAll(_environment.Catalog, parsed.GetRequiredValue(_formats));
        (int Rows, int Columns)[] shapes = parsed.GetValue(_shapes)!;
        int[] batches = parsed.GetValue(_batches)!, threads = parsed.GetValue(_threads)!;
        int repetitions = parsed.GetValue(_repetitions)!.Value;
        MatVecPrecision wanted = parsed.GetRequiredValue(_precision).ToLowerInvariant() switch
        {
            "float" => MatVecPrecision.Float,
            "int8" => MatVecPrecision.Int8,
            "int8x2" => MatVecPrecision.Int8TwoDigits,
            var other => throw new UsageException($"There is no precision '{other}'. {NearestName.Sentence(other, ["float", "int8", "int8x2"])}"),
        };
        long budget = parsed.GetValue(_workingSet)!.Value * (1L << 20);
        GgmlLibrary? peer = GgmlLibrary.Find(parsed.GetValue(_peer));
        foreach ((int rows, int columns) in shapes)
        {
            Check(formats, rows, columns, batches.Max());
        }
        if (_device.IsGiven(parsed))
        {
            return RunOnDevice(parsed, formats, shapes, batches, repetitions, budget);
        }
        var table = new DataTable(
            new("format", "format"), new("bits", "bits", "0.0###"), new("rows", "rows"), new("columns", "columns"), new("batch", "batch"),
            new("threads", "threads"), new("precision", "precision"), new("layout", "layout"), new("arm", "vector", Words: value => value is "scalar" ? "SCALAR" : null), new("microseconds", "µs", "0.0"),
            new("spread", "±", "0.0"), new("gb_per_s", "GB/s", "0.00"), new("gflop_per_s", "GFLOP/s", "0.0"),
            new("memory_gb_per_s", "memory GB/s", "0.0"), new("memory_percent", "% of memory", "0"), new("peak_percent", "% of peak", "0"),
            new("ggml_microseconds", "ggml µs", "0.0"), new("ggml_variant", "ggml"), new("ggml_ratio", "× ggml", "0.00"),
            new("ggml_difference", "Δ ggml", "0.0E0"), new("repetitions", "n"));
        _environment.Note($"bench: {repetitions} repetitions; vector units {string.Join(", ", HardwareWidths().Select(width => $"{width} bits"))}; memory is what a vectorised read loop gets in the same run, peak what multiplications and additions in registers do there: of float32, or of bytes for int8.");
        double peak = MultiplyAddPeak.OperationsPerSecond();
        double? bytePeak = wanted == MatVecPrecision.Float ? null : ByteMultiplyAddPeak.OperationsPerSecond();
        long steps = (long)shapes.Length * batches.Length * threads.Length * formats.Count * (repetitions + 1);
        _environment.Progress.Run("bench", steps, report =>
        {
            long done = 0;
            foreach ((int rows, int columns) in shapes)
            {
                byte[][] packed = Pack(formats, rows, columns);
                var workingSet = new byte[Math.Clamp(budget, packed.Max(bytes => bytes.LongLength), Array.MaxLength)];
                workingSet.AsSpan().Fill(1); // memory that nobody wrote to is one page of zeros, which a cache holds
                foreach ((int batch, int thread) in batches.SelectMany(batch => threads.Select(thread => (batch, thread))))
                {
                    float[] x = Values(batch * columns, seed: 1);
                    KernelCase[] cases = [.. formats.Select((format, i) => new KernelCase(format, packed[i], rows, columns, x, batch, thread, PrecisionOf(format, packed[i], rows, columns, wanted)))];
                    Sample memory = Measure(cases, workingSet, repetitions, peer, name => report(++done, name));
                    foreach (KernelCase one in cases)
                    {
                        Add(table, one, rows, columns, batch, memory, one.Precision == MatVecPrecision.Float ? peak : bytePeak, repetitions);
                        one.Dispose();
                    }
                }
            }
        });
        TableWriter.Write(table, parsed.GetRequiredValue(_output), _environment);
        string[] scalar = [.. formats.Where(format => Arm(format) == "scalar").Select(format => format.Info.Name)];
        if (scalar.Length > 0)
        {
            _environment.Note($"Scalar code only, as there is no vector code for this format on this machine: {string.Join(", ", scalar)}.");
        }
        return ExitCode.Ok;
    }

    private static MatVecPrecision PrecisionOf(CompressedFormat format, byte[] packed, int rows, int columns, MatVecPrecision wanted)
    {
        int row = format.Info.TensorHeaderBytes + format.Info.RowBytes(columns);
        bool possible = wanted == MatVecPrecision.Float || format.Repack(packed.AsSpan(0, row), 1, columns) is { HasIntegers: true };
        return possible && rows > 0 ? wanted : MatVecPrecision.Float;
    }

    private static string Words(MatVecPrecision precision) => precision switch
    {
        MatVecPrecision.Int8 => "int8",
        MatVecPrecision.Int8TwoDigits => "int8x2",
        _ => "float",
    };

    /// <summary>All repetitions of all cases; returns the memory bandwidth in bytes per second, measured between them.</summary>
    private Sample Measure(KernelCase[] cases, byte[] workingSet, int repetitions, GgmlLibrary? peer, Action<string> step)
    {
        foreach (KernelCase one in cases)
        {
            _environment.Cancellation.ThrowIfCancellationRequested();
            one.WarmUp(workingSet, peer);
            step($"{one.Format} warm-up");
        }
        MemoryReader.BytesPerSecond(workingSet, cases[0].Threads);
        List<double> memory = [];
        for (int repetition = 0; repetition < repetitions; repetition++)
        {
            memory.Add(MemoryReader.BytesPerSecond(workingSet, cases[0].Threads));
            // Every other time backwards: a machine that grows warm or busy then wrongs no format more than another.
            foreach (KernelCase one in repetition % 2 == 0 ? cases : cases.Reverse())
            {
                _environment.Cancellation.ThrowIfCancellationRequested();
                one.Repeat(workingSet);
                step($"{one.Format} {repetition + 1}/{repetitions}");
            }
        }
        return Sample.Of(memory);
    }

    private void Add(DataTable table, KernelCase one, int rows, int columns, int batch, Sample memory, double? threadPeak, int repetitions)
    {
        // two digits are two products of bytes
        double? peak = threadPeak * one.Threads / (one.Precision == MatVecPrecision.Int8TwoDigits ? 2 : 1);
        Sample seconds = one.Seconds;
        double bytesPerSecond = one.PackedBytes / seconds.Median;
        GgmlProduct? best = one.Peers.MinBy(product => product.Seconds.Median);
        table.Add(
            one.Format.Info.Name, one.Format.Info.BitsPerWeight, rows, columns, batch, one.Threads, Words(one.Precision), one.IsRepacked ? "repacked" : "packed", Arm(one.Format), seconds.Median * 1e6,
            seconds.Spread * 1e6, bytesPerSecond / 1e9, one.Operations / seconds.Median / 1e9, memory.Median / 1e9,
            100 * bytesPerSecond / memory.Median, 100 * one.Operations / seconds.Median / peak, best?.Seconds.Median * 1e6, best is null ? null : best.Repacked ? "repacked" : "plain",
            best?.Seconds.Median / seconds.Median, best is null ? null : one.DifferenceTo(best), repetitions);
    }

    /// <summary>The vector width that a format's kernels use on this machine.</summary>
    private string Arm(CompressedFormat format)
    {
        int[] usable = [.. _environment.Source.VectorWidths(format).Intersect(HardwareWidths())];
        return usable.Length > 0 ? usable.Max().ToString(System.Globalization.CultureInfo.InvariantCulture) : "scalar";
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

    private static void Check(IReadOnlyList<CompressedFormat> formats, int rows, int columns, int batch)
    {
        if ((long)rows * columns > Array.MaxLength || (long)batch * Math.Max(rows, columns) > Array.MaxLength)
        {
            throw new UsageException($"{rows}x{columns} with {batch} activation vectors is more than the {Array.MaxLength} values of one array.");
        }
        foreach (CompressedFormat format in formats)
        {
            if (format.Info.BitsPerWeight / 8 * columns > int.MaxValue / 2 || format.Info.PackedBytes(rows, columns) > Array.MaxLength - 64)
            {
                throw new UsageException($"{rows}x{columns} in {format} is more than the {Array.MaxLength} bytes of one array.");
            }
        }
    }

    private byte[][] Pack(IReadOnlyList<CompressedFormat> formats, int rows, int columns)
    {
        float[] weights = Values(rows * columns, seed: 0);
        return [.. formats.Select(format =>
        {
            var packed = new byte[format.Info.PackedBytes(rows, columns)];
            format.Pack(weights, rows, columns, packed, new Parallelism { Cancellation = _environment.Cancellation });
            return packed;
        })];
    }

    /// <summary>Values from −1 to 1: the speed of a product does not depend on them.</summary>
    private static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = 2 * random.NextSingle() - 1;
        }
        return values;
    }
}
