using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace KernelGen.Models;

/// <summary>
/// How much the error of each input column of a weight matters: the mean square of the activation that meets it, collected by
/// whoever has run the model. A GGUF or safetensors file with, for a weight NAME, a tensor NAME or NAME.importance of one
/// value per column, or as llama.cpp collects them NAME.in_sum2 (sums of squares) with NAME.counts.
/// </summary>
public sealed class ImportanceFile
{
    private const string SumEnding = ".in_sum2",
        CountEnding = ".counts",
        OwnEnding = ".importance";

    private readonly Dictionary<string, float[]> _byName = new(StringComparer.Ordinal);

    private float[]? _forAll;

    private ImportanceFile(string path) => Path = path;

    /// <summary>The same weights of columns for every tensor.</summary>
    /// <param name="path">Where they come from, for messages.</param>
    /// <param name="values">One finite value of 0 or more for each column.</param>
    public static ImportanceFile ForAll(string path, float[] values) => new(path) { _forAll = values };

    /// <summary>Path of the file.</summary>
    public string Path { get; }

    /// <summary>Names of the weights it speaks of.</summary>
    public IReadOnlyCollection<string> Names => _byName.Keys;

    /// <summary>Hash of all values, to tell one file from another.</summary>
    public string Fingerprint
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(MemoryMarshal.AsBytes(_forAll.AsSpan()));
            foreach ((string name, float[] values) in _byName.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                hash.AppendData(MemoryMarshal.AsBytes(name.AsSpan()));
                hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan()));
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="catalog">Formats, in case the file is packed.</param>
    /// <exception cref="ModelFormatException">The file is malformed or holds values that are no weights of errors.</exception>
    public static ImportanceFile Read(string path, FormatCatalog catalog)
    {
        using ModelFile file = ModelFile.Open(path, catalog);
        var importance = new ImportanceFile(path);
        foreach (
            ModelTensor tensor in file.Tensors.Where(tensor =>
                tensor.Storage.IsReadable && !tensor.Name.EndsWith(CountEnding, StringComparison.Ordinal)
            )
        )
        {
            float[] values = new TensorRows(tensor).ReadAll();
            bool sums = tensor.Name.EndsWith(SumEnding, StringComparison.Ordinal);
            string name =
                sums ? tensor.Name[..^SumEnding.Length]
                : tensor.Name.EndsWith(OwnEnding, StringComparison.Ordinal) ? tensor.Name[..^OwnEnding.Length]
                : tensor.Name;
            if (sums && file.Find(name + CountEnding) is { } counts)
            {
                values = Means(path, tensor, values, new TensorRows(counts).ReadAll());
            }
            Check(path, tensor.Name, values);
            importance._byName[name] = values;
        }
        return importance._byName.Count > 0 ? importance : throw new ModelFormatException(path, "it holds no tensor of column weights.");
    }

    /// <summary>The weights of a tensor's columns; null if the file does not speak of it.</summary>
    /// <param name="tensor">The tensor; a stack of matrices may have weights for each.</param>
    /// <exception cref="ModelFormatException">There is not one for each column, nor one for each column of each matrix.</exception>
    public ColumnImportance? For(ModelTensor tensor)
    {
        if ((_byName.GetValueOrDefault(tensor.Name) ?? _byName.GetValueOrDefault(tensor.OriginalName) ?? _forAll) is not { } values)
        {
            return null;
        }
        long matrices = tensor.Shape.Count > 2 ? tensor.Shape.SkipLast(2).Aggregate(1L, (a, b) => checked(a * b)) : 1;
        if (values.Length == tensor.Columns)
        {
            return new(ColumnImportance.WithoutZeros(values), values.Length, Math.Max(1, tensor.Rows));
        }
        if (matrices > 1 && tensor.Rows % matrices == 0 && values.Length == matrices * tensor.Columns)
        {
            int columns = (int)tensor.Columns;
            float[] each =
            [
                .. Enumerable.Range(0, (int)matrices).SelectMany(i => ColumnImportance.WithoutZeros(values.AsSpan(i * columns, columns))),
            ];
            return new(each, columns, tensor.Rows / matrices);
        }
        throw new ModelFormatException(
            Path,
            $"it has {values.Length} values; the tensor has {tensor.Columns} "
                + $"columns{(matrices > 1 ? $" in each of {matrices} matrices" : "")}.",
            tensor.Name
        );
    }

    /// <summary>
    /// Tensors of which the file says that nothing ever activated them, wholly or in one matrix of a stack: these are packed
    /// unweighted.
    /// </summary>
    public IEnumerable<string> NeverActivated(IEnumerable<ModelTensor> tensors) =>
        tensors
            .Where(tensor =>
                _byName.TryGetValue(tensor.Name, out float[]? values)
                && tensor.Columns > 0
                && values.Length % tensor.Columns == 0
                && values.Chunk((int)tensor.Columns).Any(matrix => matrix.All(value => value == 0))
            )
            .Select(tensor => tensor.Name);

    /// <summary>Sums over counts; several counts are those of the matrices of a stack, and one of 0 saw no activation.</summary>
    private static float[] Means(string path, ModelTensor sums, float[] values, float[] counts)
    {
        if (counts.Length == 0 || values.Length % counts.Length != 0)
        {
            throw new ModelFormatException(path, $"it has {values.Length} sums, which {counts.Length} counts do not divide.", sums.Name);
        }
        int each = values.Length / counts.Length;
        return [.. values.Select((value, i) => counts[i / each] > 0 ? value / counts[i / each] : value)];
    }

    private static void Check(string path, string tensor, float[] values)
    {
        int bad = Array.FindIndex(values, value => !float.IsFinite(value) || value < 0);
        if (bad >= 0)
        {
            throw new ModelFormatException(
                path,
                $"value {bad} is {values[bad]}; the weight of an error is finite and not negative.",
                tensor
            );
        }
        if (values.Length == 0)
        {
            throw new ModelFormatException(path, "it has no values.", tensor);
        }
    }
}
