using System.Globalization;
using System.Text.Json;

namespace KernelGen.Scaling;

/// <summary>
/// A table of training runs, CSV with a header or JSON lines. Columns: <c>params, tokens, loss</c>, or <c>flops</c> in place of
/// <c>tokens</c> (then D = FLOP/(6·N)); optional <c>weights, activations, kv, method, group</c>. Every further column that holds
/// numbers is handed to the laws under its own name.
/// </summary>
public sealed class RunTable
{
    private static readonly string[] TextColumns = ["weights", "activations", "kv", "method", "group"];

    private RunTable(string source, IReadOnlyList<TrainingRun> runs)
    {
        Source = source;
        Runs = runs;
    }

    /// <summary>Name of the file.</summary>
    public string Source { get; }

    /// <summary>The runs in the order of the file.</summary>
    public IReadOnlyList<TrainingRun> Runs { get; }

    /// <summary>Reads a file; <c>.jsonl</c> and <c>.ndjson</c>, and what begins with an object or an array, are JSON, all else CSV.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Names of columns, rows to keep, representations.</param>
    /// <exception cref="RunTableException">The table cannot be used.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static RunTable Read(string path, RunTableOptions? options = null)
    {
        string text = File.ReadAllText(path);
        bool json = Path.GetExtension(path).ToLowerInvariant() is ".jsonl" or ".ndjson" || text.AsSpan().TrimStart() is ['{' or '[', ..];
        using StringReader reader = new(text);
        return json ? ReadJsonLines(reader, Path.GetFileName(path), options) : ReadCsv(reader, Path.GetFileName(path), options);
    }

    /// <summary>Reads CSV.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="source">Name for messages.</param>
    /// <param name="options">Names of columns, rows to keep, representations.</param>
    /// <exception cref="RunTableException">The table cannot be used.</exception>
    public static RunTable ReadCsv(TextReader reader, string source, RunTableOptions? options = null)
    {
        List<string>? header = null;
        var rows = new List<(int, Dictionary<string, string>)>();
        foreach ((int line, List<string> cells) in CsvReader.Read(reader, source))
        {
            if (header is null)
            {
                header = [.. cells.Select(cell => cell.Trim())];
                string? twice = header
                    .GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
                    .FirstOrDefault(group => group.Count() > 1)
                    ?.Key;
                if (twice is not null)
                {
                    throw new RunTableException(source, line, twice, "the header has this column twice.");
                }
                continue;
            }
            if (cells.Count != header.Count)
            {
                throw new RunTableException(source, line, null, $"the row has {cells.Count} cells, the header {header.Count}.");
            }
            rows.Add(
                (line, header.Zip(cells).ToDictionary(pair => pair.First, pair => Cell(pair.Second), StringComparer.OrdinalIgnoreCase))
            );
        }
        return header is null ? throw new RunTableException(source, 0, null, "the file is empty.") : Build(source, rows, options ?? new());
    }

    /// <summary>Reads JSON: objects of numbers and strings, one per line or in an array.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="source">Name for messages.</param>
    /// <param name="options">Names of columns, rows to keep, representations.</param>
    /// <exception cref="RunTableException">The table cannot be used.</exception>
    public static RunTable ReadJsonLines(TextReader reader, string source, RunTableOptions? options = null)
    {
        var rows = new List<(int, Dictionary<string, string>)>();
        foreach ((int line, string text) in JsonRows.Read(reader.ReadToEnd(), source))
        {
            var cells = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            try
            {
                using JsonDocument document = JsonDocument.Parse(text);
                foreach (JsonProperty property in document.RootElement.EnumerateObject())
                {
                    if (!cells.TryAdd(property.Name, Cell(property.Value.ToString())))
                    {
                        throw new RunTableException(source, line, property.Name, "the object has this key twice.");
                    }
                }
            }
            catch (Exception failure) when (failure is JsonException or InvalidOperationException)
            {
                throw new RunTableException(source, line, null, $"not a JSON object: {failure.Message}");
            }
            rows.Add((line, cells));
        }
        return Build(source, rows, options ?? new());
    }

    /// <summary>A cell without blanks around it; what is not a number is called NaN, however it is written.</summary>
    private static string Cell(string text) =>
        text.Trim() is var cell && cell.Equals("NaN", StringComparison.OrdinalIgnoreCase) ? "NaN" : cell;

    private static RunTable Build(string source, List<(int Line, Dictionary<string, string> Cells)> rows, RunTableOptions options)
    {
        if (rows.Count == 0)
        {
            throw new RunTableException(source, 0, null, "the table has no rows.");
        }
        Dictionary<string, string> first = rows[0].Cells;
        foreach (
            (string name, string column) in options.Columns.Concat(
                options.Where.Select(condition => KeyValuePair.Create(condition.Column, condition.Column))
            )
        )
        {
            if (!first.ContainsKey(column))
            {
                throw new RunTableException(
                    source,
                    0,
                    column,
                    $"there is no such column for '{name}'. {NearestName.Sentence(column, first.Keys)}"
                );
            }
        }
        string Column(string name) => options.Columns.TryGetValue(name, out string? column) ? column : name;
        bool tokens = first.ContainsKey(Column("tokens")),
            flops = first.ContainsKey(Column("flops"));
        bool sized = options.Sizes.HasFlag(LawSizes.Params) || first.ContainsKey(Column("params")),
            counted = options.Sizes.HasFlag(LawSizes.Tokens) || tokens || (flops && sized);
        foreach (string name in (string[])[sized ? "params" : "loss", tokens || flops || !counted ? "loss" : "tokens", "loss"])
        {
            if (!first.ContainsKey(Column(name)))
            {
                throw new RunTableException(
                    source,
                    0,
                    name,
                    $"there is no such column. The table has: {string.Join(", ", first.Keys)}. Say which one is meant, as in --columns {name}=…"
                );
            }
        }

        var unknown = new SortedDictionary<string, (int Line, string Column)>(StringComparer.Ordinal);
        var resolved = new Dictionary<string, RepresentationPoint?>();
        var runs = new List<TrainingRun>();
        foreach ((int line, Dictionary<string, string> cells) in rows)
        {
            if (!options.Where.All(condition => Meets(source, line, condition, cells)))
            {
                continue;
            }
            double Positive(string name) => PositiveNumber(source, line, name, Column(name), cells);
            string Text(string name) => cells.GetValueOrDefault(Column(name), "");
            RepresentationPoint Representation(string column)
            {
                string name = Text(column);
                if (!resolved.TryGetValue(name, out RepresentationPoint? point))
                {
                    resolved[name] = point = name.Length == 0 ? RepresentationPoint.Dense : options.Resolve(name);
                }
                if (point is null)
                {
                    unknown.TryAdd(name, (line, Column(column)));
                }
                return point ?? RepresentationPoint.Dense;
            }

            double parameters = sized ? Positive("params") : 1,
                loss = options.SignedLoss ? Number(source, line, Column("loss"), cells) : Positive("loss");
            double count =
                !counted ? 1
                : tokens ? Positive("tokens")
                : Positive("flops") / (6 * parameters);
            var input = new LawInput(
                parameters,
                count,
                Representation("weights"),
                Representation("activations"),
                Representation("kv"),
                Text("method"),
                Numbers(cells, options)
            );
            runs.Add(
                new TrainingRun(input, loss)
                {
                    Group = Text("group"),
                    Line = line,
                    Cells = cells,
                }
            );
        }
        if (unknown.Count > 0)
        {
            (string name, (int line, string column)) = unknown.MinBy(entry => entry.Value.Line);
            string others = unknown.Count == 1 ? "" : $" Unknown in this table: {string.Join(", ", unknown.Keys)}.";
            throw new RunTableException(
                source,
                line,
                column,
                $"'{name}' is no representation that is known. {NearestName.Sentence(name, options.KnownNames)}{others}"
            );
        }
        return runs.Count > 0
            ? new(source, runs)
            : throw new RunTableException(source, 0, null, $"no row has {string.Join(" and ", options.Where)}.");
    }

    private static bool Meets(string source, int line, RunCondition condition, Dictionary<string, string> cells)
    {
        try
        {
            return condition.Meets(cells);
        }
        catch (FormatException e)
        {
            throw new RunTableException(source, line, condition.Column, e.Message);
        }
    }

    private static double PositiveNumber(string source, int line, string name, string column, Dictionary<string, string> cells)
    {
        double value = Number(source, line, column, cells);
        return value > 0
            ? value
            : throw new RunTableException(source, line, column, $"{cells[column]} will not do: {name} must be positive and finite.");
    }

    private static double Number(string source, int line, string column, Dictionary<string, string> cells)
    {
        string text = cells.GetValueOrDefault(column, "");
        if (text.Length == 0)
        {
            throw new RunTableException(source, line, column, "the cell is empty.");
        }
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
        {
            throw new RunTableException(
                source,
                line,
                column,
                $"'{text}' is not a number{(text.Contains(',') ? "; write a decimal point, and no separators of thousands" : "")}."
            );
        }
        return double.IsFinite(value)
            ? value
            : throw new RunTableException(source, line, column, $"{text} will not do: it must be finite.");
    }

    /// <summary>All further numbers of the row, under the column's name and, where mapped, under the law's.</summary>
    private static Dictionary<string, double> Numbers(Dictionary<string, string> cells, RunTableOptions options)
    {
        var numbers = new Dictionary<string, double>(StringComparer.OrdinalIgnoreCase);
        foreach (
            (string name, string cell) in cells
                .Where(cell => !TextColumns.Contains(cell.Key, StringComparer.OrdinalIgnoreCase))
                .Select(cell => (cell.Key, cell.Value))
                .Concat(options.Columns.Select(pair => (pair.Key, cells.GetValueOrDefault(pair.Value, ""))))
        )
        {
            if (double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value))
            {
                numbers[name] = value;
            }
        }
        return numbers;
    }
}
