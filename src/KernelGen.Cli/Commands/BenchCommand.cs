using System.CommandLine;
using KernelGen.Bench;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Reports;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen bench</c>: speed of the generated products on this machine, next to its memory bandwidth.</summary>
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

    private readonly Option<int[]?> _threads = BenchOptions.Threads();
    private readonly Option<int?> _repetitions = BenchOptions.Repetitions();
    private readonly Option<string[]> _formats = new("--format", "-f")
    {
        Description = "Names of formats, or all.",
        HelpName = "int4-g32,mxfp4",
        DefaultValueFactory = _ => [FormatNames.All],
    };
    private readonly Option<int?> _workingSet = new("--working-set")
    {
        Description =
            "MiB that copies of a matrix fill, so that it comes from memory and not from a cache; more than the last cache has. 0 "
            + "keeps one copy.",
        CustomParser = argument => Numbers.AtLeast(0)(argument),
        DefaultValueFactory = _ => 128,
    };

    private readonly Option<string> _precision = new("--precision", "-p")
    {
        Description =
            "How activations are treated: float32, bytes with integer dot products over repacked weights, or two bytes each. "
            + "Formats without integer kernels stay float.",
        HelpName = "float|int8|int8x2",
        DefaultValueFactory = _ => "float",
    };

    private readonly Option<string?> _peer = new("--peer-ggml")
    {
        Description =
            $"Folder of ggml's shared libraries: its products of the same bytes are measured in turn with ours, plain and "
            + $"repacked. Without it, {GgmlLibrary.Variable} is looked at.",
        HelpName = "DIR",
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
            self._shapes,
            self._batches,
            self._formats,
            self._threads,
            self._repetitions,
            self._workingSet,
            self._precision,
            self._peer,
            self._output,
            BenchDenseCommand.Create(environment),
            BenchTrainingCommand.Create(environment),
        };
        self._device.AddTo(command);
        command.SetAction(self.Run);
        return command;
    }

    /// <summary>The GPU kernels instead of those of the CPU.</summary>
    private int RunOnDevice(
        ParseResult parsed,
        IReadOnlyList<CompressedFormat> formats,
        int[] batches,
        int repetitions,
        MatVecPrecision precision
    )
    {
        if (precision == MatVecPrecision.Int8TwoDigits)
        {
            throw new UsageException("--precision int8x2 is for the CPU; with --device there are float and int8.");
        }
        foreach (Option option in new Option[] { _threads, _peer })
        {
            if (parsed.GetResult(option) is { Implicit: false })
            {
                throw new UsageException($"{option.Name} is about the CPU's kernels; leave it out with --device.");
            }
        }
        using Gpu.GpuDevice device = _device.Open(parsed, _environment);
        foreach (CompressedFormat format in formats.Count < _environment.Catalog.All.Count ? formats : [])
        {
            _ = device.Catalog[format.Info.Name]; // a format that was asked for by name has to have kernels
        }
        ((int Rows, int Columns)[] shapes, long budget) = _device.Sizes(parsed, _environment, device, _shapes, _workingSet);
        DeviceRun run = _device.Run(parsed, _environment, device, repetitions, budget, precision == MatVecPrecision.Int8);
        var table = new DataTable([
            new("format", "format"),
            new("bits", "bits", "0.0###"),
            new("rows", "rows"),
            new("columns", "columns"),
            new("batch", "batch"),
            .. DeviceRun.Columns,
        ]);
        _environment.Progress.Run("bench", (long)shapes.Length * batches.Length * (formats.Count + 1), report =>
        {
            long done = 0;
            foreach ((int rows, int columns) in shapes)
            {
                float[] weights = UniformValues.Of(rows * columns, seed: 0);
                byte[] Pack(CompressedFormat format)
                {
                    var packed = new byte[format.Info.PackedBytes(rows, columns)];
                    format.Pack(weights, rows, columns, packed, new Parallelism { Cancellation = _environment.Cancellation });
                    return packed;
                }
                foreach (int batch in batches)
                {
                    foreach (
                        (string name, object?[] values) in run.Measure(formats, rows, columns, batch, Pack, name => report(++done, name))
                    )
                    {
                        table.Add([name, _environment.Catalog[name].Info.BitsPerWeight, rows, columns, batch, .. values]);
                    }
                }
            }
        });
        TableWriter.Write(table, parsed.GetRequiredValue(_output), _environment);
        return ExitCode.Ok;
    }

    private int Run(ParseResult parsed)
    {
        IReadOnlyList<CompressedFormat> formats = FormatNames.FindAll(_environment.Catalog, parsed.GetRequiredValue(_formats));
        (int Rows, int Columns)[] shapes = parsed.GetValue(_shapes)!;
        int[] batches = parsed.GetValue(_batches)!,
            threads = parsed.GetValue(_threads)!;
        int repetitions = parsed.GetValue(_repetitions)!.Value;
        MatVecPrecision wanted = parsed.GetRequiredValue(_precision).ToLowerInvariant() switch
        {
            "float" => MatVecPrecision.Float,
            "int8" => MatVecPrecision.Int8,
            "int8x2" => MatVecPrecision.Int8TwoDigits,
            var other => throw new UsageException(
                $"There is no precision '{other}'. {NearestName.Sentence(other, ["float", "int8", "int8x2"])}"
            ),
        };
        foreach ((int rows, int columns) in shapes)
        {
            Check(formats, rows, columns, batches.Max());
        }
        if (_device.IsGiven(parsed))
        {
            return RunOnDevice(parsed, formats, batches, repetitions, wanted);
        }
        long budget = parsed.GetValue(_workingSet)!.Value * (1L << 20);
        GgmlLibrary? peer = GgmlLibrary.Find(parsed.GetValue(_peer));
        var run = new ProductRun(_environment.Measuring, formats, _environment.Source.VectorWidths, wanted, repetitions, budget, peer);
        TableWriter.Write(run.Measure(shapes, batches, threads), parsed.GetRequiredValue(_output), _environment);
        return ExitCode.Ok;
    }

    private static void Check(IReadOnlyList<CompressedFormat> formats, int rows, int columns, int batch)
    {
        if ((long)rows * columns > Array.MaxLength || (long)batch * Math.Max(rows, columns) > Array.MaxLength)
        {
            throw new UsageException(
                $"{rows}x{columns} with {batch} activation vectors is more than the {Array.MaxLength} values of one array."
            );
        }
        foreach (CompressedFormat format in formats)
        {
            if (format.Info.BitsPerWeight / 8 * columns > int.MaxValue / 2 || format.Info.PackedBytes(rows, columns) > Array.MaxLength - 64)
            {
                throw new UsageException($"{rows}x{columns} in {format} is more than the {Array.MaxLength} bytes of one array.");
            }
        }
    }
}
