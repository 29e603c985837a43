using System.ComponentModel;
using System.Runtime.InteropServices;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// The outliers of a block: values of largest magnitude, stored in 16 bits with their places. First all places in ascending
/// order (a byte each, two in blocks of more than 256), then all values.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class OutlierCodec
{
    /// <summary>Largest block whose places fit a byte.</summary>
    private const int ByteBlock = 256;

    /// <summary>Largest block whose places fit two bytes.</summary>
    private const int LargestBlock = 65536;

    /// <summary>Bytes of one place.</summary>
    /// <param name="block">Values of a block.</param>
    public static int PlaceBytes(int block) => block <= ByteBlock ? 1 : 2;

    /// <summary>
    /// Stores the outliers of a block and leaves zeros where they were. Of equal magnitudes those of lower index go first.
    /// </summary>
    /// <param name="values">All finite values of a block, at most 65,536, zeros in place of those missing at the end of a row.</param>
    /// <param name="count">Number of outliers.</param>
    /// <param name="type">Float16 or BFloat16.</param>
    /// <param name="bytes">Receives places and values.</param>
    public static void Extract(Span<float> values, int count, ScaleType type, Span<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values.Length, LargestBlock, nameof(values));
        Span<byte> bitmap = stackalloc byte[SparseBitmap.Bytes(values.Length)];
        SparseBitmap.Select(values, count, bitmap);
        int placeBytes = PlaceBytes(values.Length),
            next = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if ((bitmap[i >> 3] >> (i & 7) & 1) != 0)
            {
                if (placeBytes == 1)
                {
                    bytes[next] = (byte)i;
                }
                else
                {
                    MemoryMarshal.Write(bytes[(2 * next)..], (ushort)i);
                }
                ScaleCodec.Write(type, values[i], bytes[(count * placeBytes + 2 * next)..]);
                values[i] = 0f;
                next++;
            }
        }
    }

    /// <summary>Puts the outliers of a block in their places; places outside of it, in damaged bytes, are passed over.</summary>
    /// <param name="bytes">Places and values.</param>
    /// <param name="count">Number of outliers.</param>
    /// <param name="type">Their type.</param>
    /// <param name="values">All values of the block.</param>
    public static void Insert(ReadOnlySpan<byte> bytes, int count, ScaleType type, Span<float> values)
    {
        int placeBytes = PlaceBytes(values.Length);
        for (int i = 0; i < count; i++)
        {
            int place = placeBytes == 1 ? bytes[i] : MemoryMarshal.Read<ushort>(bytes[(2 * i)..]);
            if (place < values.Length)
            {
                values[place] = ScaleCodec.Read(type, bytes[(count * placeBytes + 2 * i)..]);
            }
        }
    }
}
