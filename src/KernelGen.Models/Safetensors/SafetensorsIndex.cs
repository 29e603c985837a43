using System.Text.Json;

namespace KernelGen.Models;

/// <summary>The list of a sharded safetensors model, <c>model.safetensors.index.json</c>: which file holds which tensor.</summary>
/// <param name="FileOf">Name of the file by name of the tensor; files are in the folder of the list.</param>
public sealed record SafetensorsIndex(IReadOnlyDictionary<string, string> FileOf)
{
    /// <summary>The ending by which such files are known.</summary>
    public const string Extension = ".safetensors.index.json";

    /// <summary>Longest list that is read, in bytes: as for the header of one file.</summary>
    private const int LongestLength = SafetensorsHeader.LongestLength;

    private const int Deepest = 8;

    /// <summary>The files, each once, in the order of their names.</summary>
    public IEnumerable<string> Files => FileOf.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    /// <summary>Reads a list.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="ModelFormatException">The list is malformed.</exception>
    public static SafetensorsIndex Read(string path)
    {
        long length = new FileInfo(path).Length;
        return length <= LongestLength
            ? Parse(File.ReadAllBytes(path), path)
            : throw new ModelFormatException(path, $"the list of shards is {length} bytes long; the limit is {LongestLength}.");
    }

    /// <summary>Reads a list from its bytes.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="file">Name of the list, for messages.</param>
    /// <exception cref="ModelFormatException">The list is malformed.</exception>
    public static SafetensorsIndex Parse(ReadOnlySpan<byte> json, string file)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Deepest });
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new ModelFormatException(file, "the list of shards must be a JSON object.");
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool map = reader.ValueTextEquals("weight_map");
                reader.Read();
                if (map)
                {
                    ReadMap(ref reader, files, file);
                }
                else
                {
                    reader.Skip();
                }
            }
            reader.Read(); // white space only may follow
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(
                file,
                $"the list of shards is not valid JSON at byte {e.BytePositionInLine} of line {e.LineNumber + 1}.",
                null,
                e
            );
        }
        catch (InvalidOperationException e)
        {
            throw new ModelFormatException(file, "the list of shards holds a string that is not valid Unicode.", null, e);
        }
        return files.Count > 0
            ? new(files)
            : throw new ModelFormatException(file, "its weight_map is missing or empty: it must name the file of each tensor.");
    }

    private static void ReadMap(ref Utf8JsonReader reader, Dictionary<string, string> files, string file)
    {
        if (reader.TokenType != JsonTokenType.StartObject || files.Count > 0)
        {
            throw new ModelFormatException(file, "weight_map must be an object and be there once.");
        }
        // The few names of files are many times there; each is kept once.
        var known = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string tensor = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                throw new ModelFormatException(file, "weight_map must give the name of a file.", tensor);
            }
            string name = reader.GetString()!;
            if (known.TryGetValue(name, out string? same))
            {
                name = same;
            }
            else if (!IsPlainName(name))
            {
                throw new ModelFormatException(
                    file,
                    $"it is said to be in '{ModelFormatException.Shorten(name)}'; a plain name that ends in {SafetensorsFile.Extension} is needed, no folder.",
                    tensor
                );
            }
            else
            {
                known.Add(name);
            }
            if (!files.TryAdd(tensor, name))
            {
                throw new ModelFormatException(file, "weight_map names it twice; it may do so once.", tensor);
            }
        }
    }

    /// <summary>A name cannot lead out of the folder of the list.</summary>
    private static bool IsPlainName(string name) =>
        name.EndsWith(SafetensorsFile.Extension, StringComparison.Ordinal)
        && name.IndexOfAny(['/', '\\', ':', '\0']) < 0
        && !name.Any(char.IsControl)
        && name.Length <= 255;
}
