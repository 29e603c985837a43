using System.CommandLine;
using KernelGen.Bench;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen compare</c>: all formats side by side, on Gaussian values and, if wanted, on real tensors.</summary>
internal sealed class CompareCommand
{
    /// <summary>What stands for all tensors of a file together.</summary>
    private const string WholeFile = "*";

    private readonly Argument<string[]> _names = new("FORMAT")
    {
        Description = "Formats or expressions such as 'sparse24+int4-g64 x e4m3'; all formats if none is given.",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string?> _tensor = new("--tensor")
    {
        Description =
            "Also measure FILE.safetensors[:NAME] or FILE.f32[:ROWSxCOLUMNS]; without NAME every tensor of the file, a row for each.",
    };
    private readonly Option<bool> _summary = new("--summary")
    {
        Description = "With --tensor or --model: one row a format, over all tensors of the file together.",
    };
    private readonly Option<string?> _model = new("--model")
    {
        Description = "Instead of Gaussian values: what each format does to each tensor of a model (file, list of shards or folder).",
    };
    private readonly Option<string?> _importance = new("--importance")
    {
        Description = "With --model: weights of the columns' errors, as for quantize; formats that search are packed with them.",
    };
    private readonly ProbeArguments _probe = new(1 << 24);
    private readonly DeviceOptions _device = new();
    private readonly Option<(int Rows, int Columns)[]?> _shape = new("--shape", "-s")
    {
        Description = "With --device: shape of the matrix that a vector is multiplied with.",
        HelpName = "4096x4096",
        CustomParser = argument => Numbers.Shapes(argument),
        DefaultValueFactory = _ => [(4096, 4096)],
    };

    private readonly ComparisonOutput _output = new();
    private readonly CommandEnvironment _environment;

    private CompareCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new CompareCommand(environment);
        var command = new Command("compare", "Compare formats by bits, error and capacity.")
        {
            self._names,
            self._tensor,
            self._model,
            self._importance,
            self._summary,
            self._shape,
        };
        self._output.AddTo(command);
        self._device.AddTo(command);
        self._probe.AddTo(command);
        command.SetAction(self.Run);
        return command;
    }

    /// <summary>Error and size of one format on one tensor, or on several together.</summary>
    private readonly record struct OnTensor(
        int Order,
        string Tensor,
        int? Rows,
        int? Columns,
        double SquaredError,
        double SquaredValue,
        double Bits,
        long Count
    )
    {
        /// <summary>Relative error; 0 for a tensor of zeros, which comes back as it was.</summary>
        public double Error => SquaredValue > 0 ? SquaredError / SquaredValue : 0;
    }

    private int Run(ParseResult parsed)
    {
        _output.Check(parsed);
        if (parsed.GetValue(_model) is { } model)
        {
            if (parsed.GetValue(_tensor) is not null)
            {
                throw new UsageException("--tensor and --model are two ways to name tensors; give one.");
            }
            IReadOnlyList<CompressedFormat> formats = FormatNames.FindAll(_environment.Catalog, parsed.GetValue(_names) ?? []);
            return new CompareModel(_environment).Run(
                model,
                formats,
                parsed.GetValue(_importance),
                _probe.Samples(parsed),
                _probe.Threads(parsed),
                parsed.GetValue(_summary),
                (table, points) => _output.Write(parsed, table, points, Path.GetFileName(model), _environment)
            );
        }
        if (parsed.GetValue(_importance) is not null)
        {
            throw new UsageException("--importance weighs the errors of a model; name one with --model.");
        }
        IReadOnlyList<ProbeSubject> subjects = ProbeArguments.Subjects(_environment.Catalog, parsed.GetValue(_names) ?? []);
        TensorFile? file = parsed.GetValue(_tensor) is { } text ? TensorFile.Find(text) : null;
        if (file is null && parsed.GetValue(_summary))
        {
            throw new UsageException("--summary is about tensors; name a file with --tensor or --model.");
        }
        // a device that is not there should be known before anything is measured
        using Gpu.GpuDevice? device = _device.IsGiven(parsed) ? _device.Open(parsed, _environment) : null;
        ProbeRun run = _probe.Run(parsed, _environment);
        List<(ProbeSubject Subject, OnTensor Found)> found = file is null ? [] : [.. Tensors(file, subjects, run)];
        if (parsed.GetValue(_summary))
        {
            found =
            [
                .. found.GroupBy(entry => entry.Subject).Select(group => (group.Key, Together([.. group.Select(entry => entry.Found)]))),
            ];
        }
        IReadOnlyList<ProbeOutcome> gaussian = run.Measure(subjects, ValueSource.Gaussian, "compare");
        IReadOnlyDictionary<string, object?[]>? speed = device is null ? null : Speed(parsed, device, subjects);
        bool composed = subjects.Any(subject => subject.IsComposed);
        IEnumerable<Column> onTensor = file is null
            ? []
            :
            [
                new("tensor", "tensor"),
                new("tensor_rows", "rows"),
                new("tensor_columns", "columns"),
                new("tensor_bits", "its bits", "0.0##"),
                new("tensor_mse", "its MSE", "G5"),
            ];
        IEnumerable<Column> onDevice = speed is null ? [] : DeviceRun.Columns;
        var table = new DataTable([
            new("format", "format"),
            new("family", "family"),
            .. ProbeColumns.Columns(composed),
            .. onTensor,
            .. onDevice,
        ]);
        foreach ((ProbeOutcome outcome, OnTensor? tensor) in Sorted(gaussian, file is null ? null : found))
        {
            object?[] row = [outcome.Subject.Name, outcome.Subject.Family, .. ProbeColumns.Values(outcome, composed)];
            object?[] measured =
                speed is null ? []
                : speed.TryGetValue(outcome.Subject.Name, out object?[]? values) ? values
                : new object?[DeviceRun.Columns.Count()];
            table.Add(tensor is { } on ? [.. row, on.Tensor, on.Rows, on.Columns, on.Bits, on.Error, .. measured] : [.. row, .. measured]);
        }
        _output.Write(
            parsed,
            table,
            Points(gaussian, found),
            file is null ? "Gaussian values" : Path.GetFileName(parsed.GetValue(_tensor)!),
            _environment
        );
        return ExitCode.Ok;
    }

    /// <summary>The plot's points: errors on Gaussian values, or on all tensors together.</summary>
    private static FrontierPoint[] Points(IReadOnlyList<ProbeOutcome> gaussian, List<(ProbeSubject Subject, OnTensor Found)> found) =>
        found.Count == 0
            ? [.. gaussian.Select(o => new FrontierPoint(o.Subject.Name, o.Subject.Family, o.Weights.Bits, o.Weights.Gmse))]
            :
            [
                .. from entry in found
                group entry.Found by entry.Subject into parts
                let whole = Together([.. parts])
                select new FrontierPoint(parts.Key.Name, parts.Key.Family, whole.Bits, whole.Error),
            ];

    /// <summary>Formats as they are multiplied with one vector on a device; compositions have no kernels.</summary>
    private IReadOnlyDictionary<string, object?[]> Speed(ParseResult parsed, Gpu.GpuDevice device, IReadOnlyList<ProbeSubject> subjects)
    {
        ((int Rows, int Columns)[] shapes, long workingSet) = _device.Sizes(parsed, _environment, device, _shape);
        (int rows, int columns) = shapes[0];
        CompressedFormat[] formats =
        [
            .. subjects
                .Where(subject => !subject.IsComposed && _environment.Catalog.TryGet(subject.Name, out _))
                .Select(subject => _environment.Catalog[subject.Name]),
        ];
        int repetitions = workingSet > 0 ? 5 : 1; // the CPU accelerator's times say nothing about a GPU
        DeviceRun run = _device.Run(parsed, _environment, device, repetitions, workingSet);
        foreach (Gpu.GpuException reason in formats.Select(format => device.Catalog.WhyNot(format.Info.Name)).OfType<Gpu.GpuException>())
        {
            _environment.Note("compare: " + reason.Message);
        }
        float[] weights = UniformValues.Of(rows * columns, seed: 1);
        byte[] Pack(CompressedFormat format)
        {
            var packed = new byte[format.Info.PackedBytes(rows, columns)];
            format.Pack(weights, rows, columns, packed, new Parallelism { Cancellation = _environment.Cancellation });
            return packed;
        }
        IReadOnlyDictionary<string, object?[]> found = new Dictionary<string, object?[]>();
        _environment.Progress.Run("device", formats.Length + 1, report =>
        {
            long done = 0;
            found = run.Measure(formats, rows, columns, 1, Pack, name => report(++done, name));
        });
        return found;
    }

    private List<(ProbeSubject, OnTensor)> Tensors(TensorFile file, IReadOnlyList<ProbeSubject> subjects, ProbeRun run)
    {
        _environment.Note(
            "compare: the columns of a tensor are its last dimension, a vector is one row. Rows that are no whole number of blocks, "
                + "tiny tensors among them, are padded: the error is that of their own values, tensor_bits counts the padding."
        );
        List<(ProbeSubject, OnTensor)> found = [];
        int order = 0;
        file.Read(_environment.Catalog, _environment.Note, tensor =>
        {
            var source = new TensorSource(tensor.Name, tensor.Values, tensor.Rows, tensor.Columns);
            foreach (ProbeOutcome outcome in run.Measure(subjects, source, tensor.Name))
            {
                CapacityResult weights = outcome.Weights;
                double squares = weights.MeanSquare * weights.Samples;
                found.Add(
                    (
                        outcome.Subject,
                        new(order, tensor.Name, tensor.Rows, tensor.Columns, weights.Gmse * squares, squares, weights.Bits, weights.Samples)
                    )
                );
            }
            order++;
        });
        return found;
    }

    private static OnTensor Together(IReadOnlyList<OnTensor> parts)
    {
        long count = parts.Sum(part => part.Count);
        return new(
            0,
            WholeFile,
            null,
            null,
            parts.Sum(part => part.SquaredError),
            parts.Sum(part => part.SquaredValue),
            parts.Sum(part => part.Bits * part.Count) / count,
            count
        );
    }

    /// <summary>Tensor by tensor in the order of the file; within it by bits, then by Gaussian error.</summary>
    private static IEnumerable<(ProbeOutcome, OnTensor?)> Sorted(
        IReadOnlyList<ProbeOutcome> gaussian,
        List<(ProbeSubject Subject, OnTensor Found)>? found
    )
    {
        IEnumerable<(ProbeOutcome Outcome, OnTensor? Tensor)> rows = found is null
            ? gaussian.Select(outcome => (outcome, (OnTensor?)null))
            : found.Join(
                gaussian,
                entry => entry.Subject,
                outcome => outcome.Subject,
                (entry, outcome) => (outcome, (OnTensor?)entry.Found)
            );
        return rows.OrderBy(row => row.Tensor?.Order)
            .ThenBy(row => row.Outcome.Weights.Bits)
            .ThenBy(row => row.Outcome.Weights.Gmse)
            .ThenBy(row => row.Outcome.Subject.Name, StringComparer.Ordinal);
    }
}
