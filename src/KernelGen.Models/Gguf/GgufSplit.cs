using System.Globalization;

namespace KernelGen.Models;

/// <summary>
/// A model in several GGUF files, as llama.cpp's <c>gguf-split</c> makes them: <c>NAME-00001-of-00003.gguf</c> and so on. Each
/// file says which one it is, of how many, and how many tensors all of them hold; the metadata of the model are in the first.
/// </summary>
internal static class GgufSplit
{
    /// <summary>Number of the file, from 0; UInt16.</summary>
    public const string NumberKey = "split.no";

    /// <summary>Number of files; UInt16.</summary>
    public const string CountKey = "split.count";

    /// <summary>Number of tensors of all files; Int32.</summary>
    public const string TensorsKey = "split.tensors.count";

    /// <summary>Digits of the numbers in a file's name.</summary>
    private const int Digits = 5;

    private static readonly int Ending = $"-{new string('0', Digits)}-of-{new string('0', Digits)}{GgufFile.Extension}".Length;

    /// <summary>Whether a metadata entry speaks of the file and not of the model.</summary>
    public static bool IsKey(string key) => key is NumberKey or CountKey or TensorsKey;

    /// <summary>The path of one of the files.</summary>
    /// <param name="path">The path that the model would have as one file.</param>
    /// <param name="number">Number of the file, from 0.</param>
    /// <param name="count">Number of files.</param>
    public static string PathOf(string path, int number, int count)
    {
        string stem = path.EndsWith(GgufFile.Extension, StringComparison.OrdinalIgnoreCase) ? path[..^GgufFile.Extension.Length] : path;
        return string.Create(CultureInfo.InvariantCulture, $"{stem}-{number + 1:D5}-of-{count:D5}{GgufFile.Extension}");
    }

    /// <summary>The path that the model would have as one file, and what the name of a file says: number from 0, and count. Null if it is no such name.</summary>
    public static (string Path, int Number, int Count)? Parse(string path)
    {
        if (path.Length < Ending || !path.EndsWith(GgufFile.Extension, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
        string ending = path[^Ending..],
            stem = path[..^Ending];
        return
            int.TryParse(ending.AsSpan(1, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && int.TryParse(
                ending.AsSpan(Ending - GgufFile.Extension.Length - Digits, Digits),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out int count
            )
            && number >= 1
            && number <= count
            && ending.StartsWith(string.Create(CultureInfo.InvariantCulture, $"-{number:D5}-of-{count:D5}"), StringComparison.Ordinal)
            ? (stem + GgufFile.Extension, number - 1, count)
            : null;
    }

    /// <summary>The metadata of one of the files.</summary>
    /// <param name="model">Metadata of the model.</param>
    /// <param name="number">Number of the file, from 0: the model's metadata go into the first.</param>
    /// <param name="count">Number of files.</param>
    /// <param name="tensors">Number of tensors of all files.</param>
    public static IReadOnlyList<KeyValuePair<string, GgufValue>> Metadata(
        IEnumerable<KeyValuePair<string, GgufValue>> model,
        int number,
        int count,
        int tensors
    ) =>
        [
            .. model.Where(entry => !IsKey(entry.Key) && (number == 0 || entry.Key == GgufHeader.AlignmentKey)), // each file is aligned by its own entry
            new(NumberKey, GgufValue.Of((ushort)number)),
            new(CountKey, GgufValue.Of((ushort)count)),
            new(TensorsKey, GgufValue.Of(tensors)),
        ];

    /// <summary>Number of files that a file says there are; 1 for one that says nothing.</summary>
    /// <exception cref="ModelFormatException">It is no number that can be.</exception>
    public static int CountOf(GgufFile file) =>
        Find(file, CountKey) is null ? 1
        : Number(file, CountKey, ushort.MaxValue) is var count && count <= 1 ? 1
        : count;

    /// <summary>Throws unless the files are those of one model, in order.</summary>
    /// <exception cref="ModelFormatException">A file is another one than its place says, or a tensor is missing or there twice.</exception>
    public static void Check(IReadOnlyList<GgufFile> files)
    {
        var places = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < files.Count; i++)
        {
            Require(files[i], CountKey, ushort.MaxValue, files.Count, "files");
            Require(files[i], NumberKey, ushort.MaxValue, i, "by its name");
            foreach (GgufTensor tensor in files[i].Tensors)
            {
                if (!places.TryAdd(tensor.Name, files[i].Path))
                {
                    throw new ModelFormatException(
                        files[i].Path,
                        $"it is in {System.IO.Path.GetFileName(places[tensor.Name])} too; a model has one tensor of a name.",
                        tensor.Name
                    );
                }
            }
        }
        foreach (GgufFile file in files)
        {
            Require(file, TensorsKey, int.MaxValue, places.Count, "tensors in all files");
        }
    }

    private static void Require(GgufFile file, string key, int largest, int wanted, string what)
    {
        int number = Number(file, key, largest);
        if (number != wanted)
        {
            throw new ModelFormatException(
                file.Path,
                string.Create(CultureInfo.InvariantCulture, $"{key} is {number}; it is {wanted} {what}.")
            );
        }
    }

    private static int Number(GgufFile file, string key, int largest)
    {
        GgufValue value = Find(file, key)
            ?? throw new ModelFormatException(file.Path, $"{key} is missing, but the model is in several files.");
        bool whole =
            value.Type
            is not (GgufValueType.String or GgufValueType.Array or GgufValueType.Bool or GgufValueType.Float32 or GgufValueType.Float64);
        // AsInteger refuses what does not fit 63 bits.
        return
            whole
            && !(value.Type == GgufValueType.UInt64 && value.AsNumber() > largest)
            && value.AsInteger() is >= 0 and var number
            && number <= largest
            ? (int)number
            : throw new ModelFormatException(
                file.Path,
                $"{key} is {(whole ? value.ToString() : value.Type.ToString())}; it is a whole number from 0 to {largest}."
            );
    }

    private static GgufValue? Find(GgufFile file, string key) => file.Header.Metadata.FirstOrDefault(entry => entry.Key == key).Value;
}
