namespace KernelGen.Gpu;

/// <summary>What a device allows at best: time is that of the bytes or that of the operations, whichever is longer.</summary>
public static class Roofline
{
    /// <summary>Dense FP16 peaks of tensor units in TFLOP/s, as vendors give them, by a part of the device's name.</summary>
    private static readonly (string Name, double Peak)[] s_peaks =
    [
        ("H200", 989),
        ("H100", 989),
        ("A100", 312),
        ("A10", 125),
        ("L40S", 362),
        ("L4", 121),
        ("RTX 4090", 165),
        ("RTX 3090", 71),
        ("A6000", 155),
        ("V100", 125),
        ("T4", 65),
    ];

    /// <summary>The peak of a known device in operations per second, or null.</summary>
    /// <param name="deviceName">The device's name.</param>
    public static double? PeakOf(string deviceName)
    {
        (string Name, double Peak) found = s_peaks.FirstOrDefault(entry =>
            deviceName.Contains(entry.Name, StringComparison.OrdinalIgnoreCase)
        );
        return found.Name is null ? null : found.Peak * 1e12;
    }

    /// <summary>
    /// The ideal speed-up over a 16-bit matmul of large matrices:
    /// S(M) = max(2 / BW, 2M / P) / max(b / (8 BW), 2M / P), P being the same for both.
    /// </summary>
    /// <param name="bitsPerWeight">b, with all scales.</param>
    /// <param name="batch">M.</param>
    /// <param name="bandwidth">BW in bytes per second.</param>
    /// <param name="peak">P in operations per second; infinity if unknown, which gives 16 / b.</param>
    public static double SpeedUp(double bitsPerWeight, int batch, double bandwidth, double peak)
    {
        double work = 2.0 * batch / peak;
        return Math.Max(2 / bandwidth, work) / Math.Max(bitsPerWeight / (8 * bandwidth), work);
    }
}
