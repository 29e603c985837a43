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
}
