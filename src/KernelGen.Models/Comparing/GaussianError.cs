using System.Collections.Concurrent;

namespace KernelGen.Models;

/// <summary>Relative mean squared error of formats on Gaussian values, measured when it is first asked for.</summary>
internal static class GaussianError
{
    private const int Rows = 4,
        Columns = 2048;

    private static readonly ConcurrentDictionary<CompressedFormat, double> Known = new();

    public static double Of(CompressedFormat format) => Known.GetOrAdd(format, Measure);

    private static double Measure(CompressedFormat format)
    {
        var random = new Random(1);
        var values = new float[Rows * Columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }
        var packed = new byte[format.Info.PackedBytes(Rows, Columns)];
        var decoded = new float[values.Length];
        format.Pack(values, Rows, Columns, packed);
        format.Unpack(packed, Rows, Columns, decoded);
        return ValueErrors.Of(values, decoded).RelativeError;
    }
}
