using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace KernelGen.Models;

/// <summary>Raw little-endian float32, without any header: <c>.f32</c> files.</summary>
public static class RawFloatFile
{
    /// <summary>The extension by which such files are known.</summary>
    public const string Extension = ".f32";

    /// <summary>Number of values in a file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="ModelFormatException">Its length is no multiple of four bytes.</exception>
    public static long Count(string path)
    {
        long bytes = new FileInfo(path).Length;
        return bytes % sizeof(float) == 0
            ? bytes / sizeof(float)
            : throw new ModelFormatException(
                path,
                $"{bytes} bytes are no whole number of float32 values: {bytes - bytes % sizeof(float)} or {bytes + sizeof(float) - bytes % sizeof(float)} would be."
            );
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="ModelFormatException">Its length is no multiple of four bytes, or it has more values than an array can.</exception>
    public static float[] Read(string path)
    {
        long count = Count(path);
        if (count > Array.MaxLength)
        {
            throw new ModelFormatException(path, $"{count} values; at most {Array.MaxLength} are read at once.");
        }
        var values = new float[count];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        for (int done = 0; done < values.Length; )
        {
            // In parts, because the bytes of a long array do not fit one span.
            Span<float> part = values.AsSpan(done, Math.Min(values.Length - done, 1 << 24));
            file.ReadExactly(MemoryMarshal.AsBytes(part));
            LittleEndian(part);
            done += part.Length;
        }
        return values;
    }

    /// <summary>Writes values.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="values">The values.</param>
    public static void Write(Stream stream, ReadOnlySpan<float> values)
    {
        const int part = 1 << 24;
        for (int done = 0; done < values.Length; done += part)
        {
            ReadOnlySpan<float> slice = values.Slice(done, Math.Min(part, values.Length - done));
            if (BitConverter.IsLittleEndian)
            {
                stream.Write(MemoryMarshal.AsBytes(slice));
                continue;
            }
            float[] turned = slice.ToArray();
            LittleEndian(turned);
            stream.Write(MemoryMarshal.AsBytes(turned.AsSpan()));
        }
    }

    /// <summary>Turns values between little-endian order and the machine's.</summary>
    internal static void LittleEndian(Span<float> values)
    {
        if (!BitConverter.IsLittleEndian)
        {
            Span<int> bits = MemoryMarshal.Cast<float, int>(values);
            BinaryPrimitives.ReverseEndianness(bits, bits);
        }
    }
}
