using System.Globalization;

namespace KernelGen.Models;

/// <summary>How much the loss grows with the relative squared error of each tensor: the α of the linearity theorem.</summary>
public static class Sensitivities
{
    /// <summary>Proportional to the number of values: the sum of costs is then the mean relative error of all weights.</summary>
    /// <param name="tensors">The tensors.</param>
    public static IReadOnlyDictionary<string, double> BySize(IReadOnlyList<ModelTensor> tensors)
    {
        double all = tensors.Sum(tensor => (double)tensor.Count);
        return tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Count / all, StringComparer.Ordinal);
    }

    /// <summary>The same for every tensor, regardless of its size.</summary>
    /// <param name="tensors">The tensors.</param>
    public static IReadOnlyDictionary<string, double> Equal(IReadOnlyList<ModelTensor> tensors) =>
        tensors.ToDictionary(tensor => tensor.Name, _ => 1.0 / tensors.Count, StringComparer.Ordinal);

    /// <summary>Reads lines of <c>tensor,sensitivity</c>, with or without that heading; # starts a comment.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="tensors">The tensors that need one.</param>
    /// <exception cref="ModelFormatException">A line is malformed, or a tensor has no line.</exception>
    public static IReadOnlyDictionary<string, double> Read(string path, IReadOnlyList<ModelTensor> tensors)
    {
        var read = new Dictionary<string, double>(StringComparer.Ordinal);
        int number = 0;
        foreach (string line in File.ReadLines(path).Select(line => line.Split('#')[0].Trim()))
        {
            number++;
            int comma = line.LastIndexOf(',');
            if (line.Length == 0 || number == 1 && line.EndsWith(",sensitivity", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }
            if (
                comma <= 0
                || !double.TryParse(line.AsSpan(comma + 1), CultureInfo.InvariantCulture, out double value)
                || !double.IsFinite(value)
                || value < 0
            )
            {
                throw new ModelFormatException(
                    path,
                    $"line {number} is '{ModelFormatException.Shorten(line)}'; it takes tensor,sensitivity with a number of 0 or more."
                );
            }
            read[line[..comma].Trim().Trim('"')] = value;
        }
        foreach (ModelTensor tensor in tensors)
        {
            if (!read.ContainsKey(tensor.Name))
            {
                throw new ModelFormatException(path, $"it has no line for it. {NearestName.Sentence(tensor.Name, read.Keys)}", tensor.Name);
            }
        }
        return read;
    }
}
