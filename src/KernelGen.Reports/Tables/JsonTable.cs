using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KernelGen.Reports;

/// <summary>A JSON array of objects, or one object a line. Numbers that are not finite are null, as JSON has no others.</summary>
internal static class JsonTable
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(DataTable table, TextWriter writer, bool lines)
    {
        string[] rows = [.. table.Rows.Select(row => Row(table, row))];
        if (lines)
        {
            foreach (string row in rows)
            {
                writer.WriteLine(row);
            }
            return;
        }
        // One row a line inside the array: it is read by people too.
        writer.WriteLine(
            rows.Length == 0 ? "[]" : $"[{Environment.NewLine}  {string.Join($",{Environment.NewLine}  ", rows)}{Environment.NewLine}]"
        );
    }

    private static string Row(DataTable table, object?[] row)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Compact))
        {
            json.WriteStartObject();
            for (int i = 0; i < row.Length; i++)
            {
                json.WritePropertyName(table.Columns[i].Name);
                Value(json, row[i]);
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    private static void Value(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case int number:
                json.WriteNumberValue(number);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case null or double:
                json.WriteNullValue();
                break;
            default:
                json.WriteStringValue(value.ToString());
                break;
        }
    }
}
