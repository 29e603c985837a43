using System.Buffers.Binary;
using System.Text;

namespace KernelGen.Models.Tests;

/// <summary>Files made by hand, independent of the writer under test.</summary>
internal static class SafetensorsBytes
{
    public static byte[] Of(string header, params byte[] data) => Of(header, (ulong)Encoding.UTF8.GetByteCount(header), data);

    public static byte[] Of(string header, ulong declaredLength, byte[] data)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, declaredLength);
        return [.. length, .. Encoding.UTF8.GetBytes(header), .. data];
    }

    /// <summary>One tensor 't' described by the three given JSON values.</summary>
    public static byte[] One(string dtype, string shape, string offsets, int dataBytes) =>
        Of($$$"""{"t":{"dtype":{{{dtype}}},"shape":{{{shape}}},"data_offsets":{{{offsets}}}}}""", new byte[dataBytes]);
}
