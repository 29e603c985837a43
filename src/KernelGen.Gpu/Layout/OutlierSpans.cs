namespace KernelGen.Gpu;

/// <summary>The outliers of a matrix as <see cref="GpuOutlierList"/> reads them: where those of each span begin, then all of them, row after row.</summary>
internal sealed class OutlierSpans(int rows, int spans)
{
    private const int Columns = GpuShape.Span * GpuShape.Unit;

    private readonly List<(int Column, ushort Bits)>[] _rows = [.. Enumerable.Range(0, rows).Select(_ => new List<(int, ushort)>())];

    /// <summary>Adds one; those of a place are added up, or overwrite each other, in this order.</summary>
    public void Add(int row, int column, ushort bits) => _rows[row].Add((column, bits));

    /// <summary>The words.</summary>
    /// <param name="first">Where in the array of devices they will begin.</param>
    public uint[] ToWords(long first)
    {
        int starts = checked(rows * spans + 1),
            next = starts;
        var words = new uint[checked(starts + _rows.Sum(row => row.Count))];
        for (int row = 0; row < rows; row++)
        {
            ILookup<int, (int Column, ushort Bits)> bySpan = _rows[row].ToLookup(outlier => outlier.Column / Columns);
            for (int span = 0; span < spans; span++)
            {
                words[row * spans + span] = checked((uint)(first + next));
                foreach ((int column, ushort bits) in bySpan[span])
                {
                    words[next++] = (uint)(column % Columns) << 16 | bits;
                }
            }
        }
        words[starts - 1] = checked((uint)(first + next));
        return words;
    }
}
