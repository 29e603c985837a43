using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace KernelGen.Models;

/// <summary>
/// A metadata value of a GGUF file. It is kept as the file's own bytes, which are decoded when they are asked for: so a value
/// takes no more memory than in the file, and what is only passed on comes out as it went in.
/// </summary>
public sealed class GgufValue
{
    internal GgufValue(GgufValueType type, ReadOnlyMemory<byte> bytes)
    {
        Type = type;
        Bytes = bytes;
    }

    /// <summary>Its type.</summary>
    public GgufValueType Type { get; }

    /// <summary>The value as in the file: little-endian, strings and arrays with their lengths in front.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>A string.</summary>
    /// <param name="text">The text.</param>
    public static GgufValue Of(string text)
    {
        var bytes = new byte[8 + Encoding.UTF8.GetByteCount(text)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, bytes.Length - 8);
        Encoding.UTF8.GetBytes(text, bytes.AsSpan(8));
        return new(GgufValueType.String, bytes);
    }

    /// <summary>A truth value.</summary>
    /// <param name="value">The value.</param>
    public static GgufValue Of(bool value) => new(GgufValueType.Bool, new[] { value ? (byte)1 : (byte)0 });

    /// <summary>An unsigned 32-bit integer.</summary>
    /// <param name="value">The number.</param>
    public static GgufValue Of(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return new(GgufValueType.UInt32, bytes);
    }

    /// <summary>An unsigned 16-bit integer.</summary>
    /// <param name="value">The number.</param>
    public static GgufValue Of(ushort value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        return new(GgufValueType.UInt16, bytes);
    }

    /// <summary>A signed 32-bit integer.</summary>
    /// <param name="value">The number.</param>
    public static GgufValue Of(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return new(GgufValueType.Int32, bytes);
    }

    /// <summary>A binary32.</summary>
    /// <param name="value">The number.</param>
    public static GgufValue Of(float value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return new(GgufValueType.Float32, bytes);
    }

    /// <summary>An array; nested ones are arrays of <see cref="GgufValueType.Array"/>.</summary>
    /// <param name="type">Type of the elements.</param>
    /// <param name="elements">The elements, all of that type.</param>
    /// <exception cref="ArgumentException">An element has another type.</exception>
    public static GgufValue OfArray(GgufValueType type, params IReadOnlyList<GgufValue> elements)
    {
        if (elements.FirstOrDefault(element => element.Type != type) is { } other)
        {
            throw new ArgumentException($"An element of this array of {type} is {other.Type}.", nameof(elements));
        }
        var bytes = new byte[12 + elements.Sum(element => element.Bytes.Length)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)type);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(4), elements.Count);
        int at = 12;
        foreach (GgufValue element in elements)
        {
            element.Bytes.Span.CopyTo(bytes.AsSpan(at));
            at += element.Bytes.Length;
        }
        return new(GgufValueType.Array, bytes);
    }

    /// <summary>A value of any type from its bytes in a file.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="bytes">Its bytes, lengths in front.</param>
    /// <exception cref="ModelFormatException">The bytes are no value of that type.</exception>
    public static GgufValue FromBytes(GgufValueType type, ReadOnlyMemory<byte> bytes)
    {
        var cursor = new GgufCursor(ByteSource.Of(bytes, "value"));
        cursor.SkipValue(type);
        return cursor.Position == bytes.Length
            ? new(type, bytes)
            : throw new ModelFormatException("value", $"{bytes.Length} bytes; the {type} in them takes {cursor.Position}.");
    }

    /// <summary>The text of a string.</summary>
    /// <exception cref="InvalidOperationException">It is no string.</exception>
    public string AsString() => Type == GgufValueType.String ? Encoding.UTF8.GetString(Bytes.Span[8..]) : throw Not("a string");

    /// <summary>A whole number that fits 64 signed bits.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public long AsInteger() =>
        Type switch
        {
            GgufValueType.UInt8 => Bytes.Span[0],
            GgufValueType.Int8 => (sbyte)Bytes.Span[0],
            GgufValueType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(Bytes.Span),
            GgufValueType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(Bytes.Span),
            GgufValueType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(Bytes.Span),
            GgufValueType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(Bytes.Span),
            GgufValueType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(Bytes.Span),
            GgufValueType.UInt64 when BinaryPrimitives.ReadUInt64LittleEndian(Bytes.Span) is <= long.MaxValue and var value => (long)value,
            _ => throw Not("a whole number of at most 63 bits"),
        };

    /// <summary>A number, whole or not.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public double AsNumber() =>
        Type switch
        {
            GgufValueType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(Bytes.Span),
            GgufValueType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(Bytes.Span),
            GgufValueType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(Bytes.Span),
            _ => AsInteger(),
        };

    /// <summary>A truth value.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public bool AsBool() => Type == GgufValueType.Bool ? Bytes.Span[0] != 0 : throw Not("true or false");

    /// <summary>Type of the elements of an array.</summary>
    public GgufValueType ElementType =>
        Type == GgufValueType.Array ? (GgufValueType)BinaryPrimitives.ReadUInt32LittleEndian(Bytes.Span) : throw Not("an array");

    /// <summary>Number of elements of an array.</summary>
    public long Count => Type == GgufValueType.Array ? BinaryPrimitives.ReadInt64LittleEndian(Bytes.Span[4..]) : throw Not("an array");

    /// <summary>The elements of an array, one by one.</summary>
    public IEnumerable<GgufValue> Elements()
    {
        GgufValueType type = ElementType;
        long count = Count;
        var cursor = new GgufCursor(ByteSource.Of(Bytes, "array")) { Position = 12 };
        for (long i = 0; i < count; i++)
        {
            long start = cursor.Position;
            cursor.SkipValue(type);
            yield return new(type, Bytes[(int)start..(int)cursor.Position]);
        }
    }

    /// <summary>For people: strings as they are, numbers, the first elements of arrays.</summary>
    public override string ToString() =>
        Type switch
        {
            GgufValueType.String => AsString(),
            GgufValueType.Bool => AsBool() ? "true" : "false",
            GgufValueType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(Bytes.Span).ToString("R", CultureInfo.InvariantCulture),
            GgufValueType.Float64 => AsNumber().ToString("R", CultureInfo.InvariantCulture),
            GgufValueType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(Bytes.Span).ToString(CultureInfo.InvariantCulture),
            GgufValueType.Array => $"{Count} × {ElementType}: [{string.Join(", ", Elements().Take(4))}{(Count > 4 ? ", …" : "")}]",
            _ => AsInteger().ToString(CultureInfo.InvariantCulture),
        };

    private InvalidOperationException Not(string wanted) => new($"This value is {Type} and not {wanted}.");
}
