namespace KernelGen.Cli;

/// <summary>What the generator knows about a declared format and its constants do not tell.</summary>
internal interface IFormatSource
{
    /// <summary>The C# that the generator emits for a format.</summary>
    string Code(CompressedFormat format);

    /// <summary>A drawing of the stored block, bit by bit.</summary>
    string Layout(CompressedFormat format);

    /// <summary>Widths in bits of the vector arms that the format has; none if it has scalar code only.</summary>
    IReadOnlyList<int> VectorWidths(CompressedFormat format);
}
