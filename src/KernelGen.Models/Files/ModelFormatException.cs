namespace KernelGen.Models;

/// <summary>A model file does not hold what its format promises. The message names the file, the tensor, the wrong number and the right one.</summary>
public sealed class ModelFormatException : Exception
{
    /// <summary>Reports a broken file.</summary>
    /// <param name="file">Path of the file.</param>
    /// <param name="problem">What is wrong, with the number that is wrong and the one that would be right.</param>
    /// <param name="tensor">The tensor concerned, if it is one.</param>
    /// <param name="cause">The exception that showed it, if there was one.</param>
    public ModelFormatException(string file, string problem, string? tensor = null, Exception? cause = null)
        : base(tensor is null ? $"{file}: {problem}" : $"{file}: tensor '{Shorten(tensor)}': {problem}", cause)
    {
        File = file;
        Tensor = tensor;
    }

    /// <summary>Path of the file.</summary>
    public string File { get; }

    /// <summary>Name of the tensor concerned; null if it is the file as a whole.</summary>
    public string? Tensor { get; }

    /// <summary>Text out of a file, fit for a message: one line, no control characters, not longer than a line.</summary>
    internal static string Shorten(string text)
    {
        const int longest = 80;
        string head = text.Length > longest ? string.Concat(text.AsSpan(0, longest), "…") : text;
        return string.Create(head.Length, head, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? '?' : source[i];
            }
        });
    }
}
