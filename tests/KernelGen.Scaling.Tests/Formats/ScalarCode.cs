using KernelGen;

namespace KernelGen.Scaling.Tests;

/// <summary>The hand-made formats of these tests: nearest of an ascending list of levels, one byte a code.</summary>
internal static class ScalarCode
{
    public static byte Nearest(ReadOnlySpan<float> levels, float value)
    {
        int low = 0,
            high = levels.Length - 1;
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            (low, high) = value < levels[middle] ? (low, middle) : (middle, high);
        }
        return (byte)(value - levels[low] <= levels[high] - value ? low : high);
    }

    public static void PackRows<TFormat>(ReadOnlySpan<float> weights, int rows, int columns, float tensorScale, Span<byte> packed)
        where TFormat : struct, ICompressedFormat<TFormat>
    {
        int rowBytes = TFormat.Info.RowBytes(columns);
        for (int r = 0; r < rows; r++)
        {
            TFormat.ReferencePackRow(weights.Slice(r * columns, columns), tensorScale, packed.Slice(r * rowBytes, rowBytes));
        }
    }

    public static void RoundTripRows<TFormat>(ReadOnlySpan<float> weights, int rows, int columns, float tensorScale, Span<float> result)
        where TFormat : struct, ICompressedFormat<TFormat>
    {
        var packed = new byte[TFormat.Info.RowBytes(columns)];
        for (int r = 0; r < rows; r++)
        {
            TFormat.ReferencePackRow(weights.Slice(r * columns, columns), tensorScale, packed);
            TFormat.ReferenceUnpackRow(packed, tensorScale, result.Slice(r * columns, columns));
        }
    }

    public static ErrorSums Probe<TFormat>(ReadOnlySpan<float> samples, int rows, int columns, float tensorScale)
        where TFormat : struct, ICompressedFormat<TFormat>
    {
        var result = new float[rows * columns];
        TFormat.RoundTripRows(samples, rows, columns, tensorScale, result);
        double error = 0,
            value = 0;
        for (int i = 0; i < result.Length; i++)
        {
            double d = (double)samples[i] - result[i];
            error += d * d;
            value += (double)samples[i] * samples[i];
        }
        return new(error, value, result.Length);
    }
}
