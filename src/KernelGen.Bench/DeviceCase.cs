using System.Diagnostics;
using KernelGen.Gpu;

namespace KernelGen.Bench;

/// <summary>One format multiplied in one shape on a device, with copies of the matrix that are more than its caches hold.</summary>
internal sealed class DeviceCase : IDisposable
{
    /// <summary>A repetition makes as many calls as fill this time, so that starting and waiting do not count.</summary>
    private const double RepetitionSeconds = 0.02;

    private readonly GpuDevice _device;
    private readonly GpuMatrix[] _copies;
    private readonly GpuActivations _x;
    private readonly GpuResults _y;
    private readonly List<double> _seconds = [];
    private int _calls = 1;

    public DeviceCase(
        GpuDevice device,
        CompressedFormat format,
        byte[] packed,
        int rows,
        int columns,
        float[] x,
        int batch,
        GpuPrecision precision,
        long workingSet
    )
    {
        _device = device;
        Format = format;
        Batch = batch;
        var first = new GpuMatrix(device, format, packed, rows, columns) { Precision = precision };
        PackedBytes = packed.Length;
        int copies = (int)Math.Clamp(workingSet / Math.Max(1, first.DeviceBytes), 1, 64);
        _copies = [first, .. Enumerable.Range(1, copies - 1).Select(_ => new GpuMatrix(device, format, packed, rows, columns))];
        _x = first.Stage(x, batch);
        _y = first.NewResults(batch);
        Precision =
            precision == GpuPrecision.Int8 ? "int8"
            : device.HasTensorUnits && batch >= GpuMatrix.TensorBatch ? "half"
            : "float";
        Operations = 2.0 * rows * columns * batch;
    }

    public CompressedFormat Format { get; }

    public int Batch { get; }

    public long PackedBytes { get; }

    /// <summary>How factors are rounded.</summary>
    public string Precision { get; }

    /// <summary>Multiplications and additions of one call.</summary>
    public double Operations { get; }

    /// <summary>Seconds of a call, over the repetitions.</summary>
    public Sample Seconds => Sample.Of(_seconds);

    /// <summary>Compiles, and finds how many calls make a repetition.</summary>
    public void WarmUp()
    {
        Run();
        Run();
        _calls = (int)Math.Clamp(RepetitionSeconds / Run(), 1, 10_000);
    }

    /// <summary>One repetition.</summary>
    public void Repeat() => _seconds.Add(Run());

    public void Dispose()
    {
        foreach (GpuMatrix copy in _copies)
        {
            copy.Dispose();
        }
        _x.Dispose();
        _y.Dispose();
    }

    private double Run()
    {
        _device.Synchronize();
        long start = Stopwatch.GetTimestamp();
        for (int call = 0; call < _calls; call++)
        {
            _copies[call % _copies.Length].MatMul(_x, _y);
        }
        _device.Synchronize();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / _calls;
    }
}
