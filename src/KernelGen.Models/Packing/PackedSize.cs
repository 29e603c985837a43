namespace KernelGen.Models;

/// <summary>Sizes of packed matrices whose shapes come from files and may be absurd.</summary>
internal static class PackedSize
{
    /// <summary>Bytes of a packed matrix; null if a row or the whole is more than one array can hold.</summary>
    public static int? Of(FormatInfo info, long rows, long columns)
    {
        if (columns > Array.MaxLength)
        {
            return null;
        }
        long rowBytes = info.RowBytes(columns);
        Int128 bytes = info.TensorHeaderBytes + (Int128)rows * rowBytes;
        return rowBytes <= int.MaxValue && bytes <= Array.MaxLength ? (int)bytes : null;
    }
}
