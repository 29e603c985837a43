namespace KernelGen.Cli;

/// <summary>What the generator knows about a declared format and its constants do not tell.</summary>
internal interface IFormatSource
{
    /// <summary>The files of C# that the generator emits for a format, by name; none for a struct written by hand.</summary>
    IReadOnlyList<(string Name, string Text)> Files(CompressedFormat format);

    /// <summary>A drawing of the stored block, line by line; none for a struct written by hand.</summary>
    IReadOnlyList<string> Layout(CompressedFormat format);

    /// <summary>Widths in bits of the vector arms that the format has; none if it has scalar code only, or is written by hand.</summary>
    IReadOnlyList<int> VectorWidths(CompressedFormat format);

    /// <summary>Which recipe each kernel uses, on which vectors; none for a struct written by hand.</summary>
    IReadOnlyList<(string Kernel, string Recipe)> Kernels(CompressedFormat format);
}
