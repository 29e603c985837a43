using System.CommandLine;
using System.Globalization;
using KernelGen.Bench;
using KernelGen.Gpu;

namespace KernelGen.Cli.Input;

/// <summary>The options of commands that can measure on a device.</summary>
internal sealed class DeviceOptions
{
    /// <summary>Rows and columns of a matrix that every format multiplies in some milliseconds on ILGPU's CPU accelerator.</summary>
    private static readonly (int Rows, int Columns) Small = (16, 256);

    private readonly Option<string?> _device = new("--device", "-d")
    {
        Description = "Measure GPU kernels on this device; 'kernelgen devices' lists them.",
        HelpName = "cuda:0",
    };
    private readonly Option<string?> _peak = new("--peak")
    {
        Description = "With --device: its peak in TFLOP/s for the ideal speed-up; known for some devices.",
        HelpName = "312",
    };

    public void AddTo(Command command)
    {
        command.Add(_device);
        command.Add(_peak);
    }

    /// <summary>Whether a device was asked for.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_device) is not null;

    /// <summary>Opens the device.</summary>
    public GpuDevice Open(ParseResult parsed, CommandEnvironment environment) =>
        GpuDevices.Open(parsed.GetValue(_device)!, environment.Kernels);

    /// <summary>Shapes, and bytes that copies of a matrix fill: little of both on the CPU accelerator unless they are given.</summary>
    public ((int Rows, int Columns)[] Shapes, long WorkingSet) Sizes(
        ParseResult parsed,
        CommandEnvironment environment,
        GpuDevice device,
        Option<(int Rows, int Columns)[]?> shapes,
        Option<int?>? workingSet = null
    )
    {
        bool isSmall = device.Id.StartsWith("cpu", StringComparison.Ordinal) && parsed.GetResult(shapes) is not { Implicit: false };
        if (isSmall)
        {
            environment.Note(
                $"{device.Id} runs each of a group's 128 threads as a thread of the operating system, which is slow: without --shape "
                    + $"the matrix is {Small.Rows}x{Small.Columns}, one copy."
            );
        }
        int mebibytes =
            isSmall && (workingSet is null || parsed.GetResult(workingSet) is not { Implicit: false }) ? 0
            : workingSet is null ? 128
            : parsed.GetValue(workingSet)!.Value;
        return (isSmall ? [Small] : parsed.GetValue(shapes)!, mebibytes * (1L << 20));
    }

    /// <summary>What measures on it.</summary>
    public DeviceRun Run(
        ParseResult parsed,
        CommandEnvironment environment,
        GpuDevice device,
        int repetitions,
        long workingSet,
        bool integers = false
    )
    {
        double? peak = Roofline.PeakOf(device.Name);
        if (parsed.GetValue(_peak) is { } text)
        {
            peak =
                double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double given)
                && given > 0
                && double.IsFinite(given)
                    ? given * 1e12
                    : throw new UsageException($"--peak: '{text}' is no positive number of TFLOP/s.");
        }
        environment.Note(
            $"{device.Id} ({device.Name}): memory is what a kernel that only reads gets; × f16 is against our own kernels of the "
                + $"16-bit format on the same device; "
                + (
                    peak is { } known
                        ? $"ideal by a peak of {(known / 1e12).ToString("0.#", CultureInfo.InvariantCulture)} TFLOP/s."
                        : "ideal by bandwidth alone, as the peak is not known (--peak)."
                )
        );
        CompressedFormat plain = KernelGen.Formats.DeclaredFormats.Catalog.All.First(format =>
            format.Info is { BitsPerWeight: 16, Family: "float", Levels.Count: 0 } info
            && info.Stages[0].Text.StartsWith("E5", StringComparison.Ordinal)
        );
        return new DeviceRun(environment.Measuring, device, plain, peak, repetitions, workingSet, integers);
    }
}
