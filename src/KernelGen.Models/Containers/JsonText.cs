using System.Text;
using System.Text.Json;

namespace KernelGen.Models;

/// <summary>JSON objects as text.</summary>
internal static class JsonText
{
    /// <summary>An object.</summary>
    /// <param name="write">Writes its properties.</param>
    public static string Of(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }
}
