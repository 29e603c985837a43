using System.Globalization;

namespace KernelGen.Models;

/// <summary>Plain types of fewer bits than float32, and the values that they cannot hold.</summary>
internal static class PlainRange
{
    /// <summary>Largest finite binary16, and the least value that is rounded beyond it.</summary>
    private const float LargestHalf = 65_504,
        BeyondHalf = 65_520;

    /// <summary>Largest finite bfloat16, and the least value that is rounded beyond it.</summary>
    private const float LargestBFloat16 = 3.3895313892515355e38f,
        BeyondBFloat16 = 3.3961775292304601e38f;

    /// <summary>Throws if a finite value would become infinite, or cuts it to the largest.</summary>
    /// <param name="planned">The tensor.</param>
    /// <param name="first">Number of the first row in it.</param>
    /// <param name="values">Rows.</param>
    /// <param name="saturate">Whether to cut.</param>
    /// <exception cref="ModelFormatException">A value is too large; the message names it, its place and the limit.</exception>
    public static void Keep(PlannedTensor planned, long first, Span<float> values, bool saturate)
    {
        (float largest, float beyond) = planned.Target.Dtype switch
        {
            SafetensorsDtype.F16 => (LargestHalf, BeyondHalf),
            SafetensorsDtype.BF16 => (LargestBFloat16, BeyondBFloat16),
            _ => (float.MaxValue, float.PositiveInfinity),
        };
        if (LossWatch.Magnitudes(values).High < beyond)
        {
            return;
        }
        for (int i = 0; i < values.Length; i++)
        {
            if (!(Math.Abs(values[i]) >= beyond) || float.IsInfinity(values[i]))
            {
                continue;
            }
            if (!saturate)
            {
                (long row, long column) = Math.DivRem((long)i, planned.Source.Columns);
                throw new ModelFormatException(
                    planned.Source.File,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"the value at row {first + row}, column {column} is {values[i]:G6}; {planned.Target} holds "
                            + $"{largest:G6} at most. Choose another format, or cut to that with --saturate."
                    ),
                    planned.Source.Name
                );
            }
            values[i] = MathF.CopySign(largest, values[i]);
        }
    }
}
