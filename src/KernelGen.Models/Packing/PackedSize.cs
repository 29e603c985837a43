namespace KernelGen.Models;

/// <summary>Sizes of packed matrices whose shapes come from files and may be absurd.</summary>
internal static class PackedSize
{
    /// <summary>Bytes of a packed matrix; null if a row or the whole is more than one array can hold.</summary>
    public static int? Of(FormatInfo info, long rows, long columns)
    {
        Int128 rowBytes = info.RowHeaderBytes + ((Int128)columns + info.Block - 1) / info.Block * info.BlockBytes;
        Int128 bytes = info.TensorHeaderBytes + rows * rowBytes;
        return columns <= Array.MaxLength && rowBytes <= int.MaxValue && bytes <= Array.MaxLength ? (int)bytes : null;
    }
}
