using System.Globalization;

namespace KernelGen.Scaling;

/// <summary>Measured speeds of kernels: CSV with the columns <c>format</c> and <c>weights_per_second</c>.</summary>
public static class SpeedTable
{
    /// <summary>Reads a table; of several rows of one format the fastest counts.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Weights per second of a matvec by name of the format.</returns>
    /// <exception cref="RunTableException">A column is missing or a cell will not do.</exception>
    public static IReadOnlyDictionary<string, double> Read(string path)
    {
        using StreamReader reader = new(path);
        return ReadCsv(reader, Path.GetFileName(path));
    }

    /// <inheritdoc cref="Read"/>
    /// <param name="reader">The text.</param>
    /// <param name="source">Name for messages.</param>
    public static IReadOnlyDictionary<string, double> ReadCsv(TextReader reader, string source)
    {
        var speeds = new Dictionary<string, double>(StringComparer.OrdinalIgnoreCase);
        int format = -1,
            speed = -1;
        foreach ((int line, List<string> cells) in CsvReader.Read(reader, source))
        {
            if (format < 0)
            {
                format = Column("format");
                speed = Column("weights_per_second");
                continue;
            }
            string cell = speed < cells.Count && format < cells.Count ? cells[speed].Trim() : "";
            if (
                !double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                || !double.IsFinite(value)
                || value <= 0
            )
            {
                throw new RunTableException(source, line, "weights_per_second", $"'{cell}' is no speed; it is a positive number.");
            }
            string name = cells[format].Trim();
            speeds[name] = Math.Max(value, speeds.GetValueOrDefault(name));

            int Column(string wanted)
            {
                int index = cells.FindIndex(c => c.Trim().Equals(wanted, StringComparison.OrdinalIgnoreCase));
                return index >= 0
                    ? index
                    : throw new RunTableException(
                        source,
                        line,
                        wanted,
                        $"there is no such column. The table has: {string.Join(", ", cells)}."
                    );
            }
        }
        return format >= 0 ? speeds : throw new RunTableException(source, 0, null, "the file is empty.");
    }
}
