using System.ComponentModel;
using System.Globalization;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// Importance of columns, the weights of squared errors in the searches of encoders: Σ importance·(x − R(x))². One finite number
/// of 0 or more per column; for a linear layer the mean square of its inputs makes that the error of its outputs.
/// </summary>
/// <remarks>
/// Weights that are all equal weigh nothing: a group whose columns are equally important is packed as without importance, byte for
/// byte. Others are multiplied by a power of two, so that the largest is at least 1 and below 2 and no sum leaves its range.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ColumnImportance
{
    /// <summary>Refuses importance that does not fit a matrix.</summary>
    /// <param name="format">Name of the format, for messages.</param>
    /// <param name="importance">One number per column, or none at all.</param>
    /// <param name="columns">Columns of the matrix.</param>
    /// <exception cref="ArgumentException">The length is not that of a row, or a number is negative, NaN or infinite.</exception>
    public static void Check(string format, ReadOnlySpan<float> importance, int columns)
    {
        if (importance.IsEmpty)
        {
            return;
        }
        if (importance.Length != columns)
        {
            throw new ArgumentException(
                $"{format}: {importance.Length} importance values were given for {columns} columns; give one per column, or none.",
                nameof(importance)
            );
        }
        for (int column = 0; column < columns; column++)
        {
            if (!(importance[column] >= 0 && importance[column] < float.PositiveInfinity))
            {
                throw new ArgumentException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{format}: the importance of column {column} is {importance[column]}; it has to be a finite number of 0 or more."
                    ),
                    nameof(importance)
                );
            }
        }
    }

    /// <summary>The weights of a group for a search; empty where they are all equal.</summary>
    /// <param name="importance">One number per column of the row, or none.</param>
    /// <param name="first">First column of the group.</param>
    /// <param name="count">Columns of the group, fewer at the end of a row.</param>
    /// <param name="buffer">Room for the weights of a whole group; those past the end of the row become 0.</param>
    /// <returns>Nothing, or <paramref name="buffer"/>.</returns>
    public static ReadOnlySpan<float> Of(ReadOnlySpan<float> importance, int first, int count, Span<float> buffer)
    {
        if (importance.IsEmpty)
        {
            return default;
        }
        ReadOnlySpan<float> group = importance.Slice(first, count);
        if (!group.ContainsAnyExcept(group[0]))
        {
            return default;
        }
        float largest = BitConverter.UInt32BitsToSingle(GroupMath.MagnitudeBits(group));
        double factor = Math.ScaleB(1.0, -Math.ILogB(largest));
        for (int i = 0; i < count; i++)
        {
            buffer[i] = (float)(group[i] * factor);
        }
        buffer[count..].Clear();
        return buffer;
    }
}
