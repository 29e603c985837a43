using System.Buffers.Binary;
using System.Text.Unicode;

namespace KernelGen.Models;

/// <summary>
/// Reads the parts of a GGUF header one after the other. No matter what the bytes say, a count is compared with the bytes that are
/// left before anything is read or allocated for it, and nesting ends at <see cref="Deepest"/>.
/// </summary>
internal sealed class GgufCursor(ByteSource source)
{
    /// <summary>Arrays in arrays; real files have none or one.</summary>
    public const int Deepest = 8;

    private readonly byte[] _buffer = new byte[(int)Math.Clamp(source.Length, 8, 1 << 14)];
    private readonly long _length = source.Length;
    private long _start;
    private int _filled;

    /// <summary>Where the next byte is read.</summary>
    public long Position { get; set; }

    /// <summary>Bytes after <see cref="Position"/>.</summary>
    public long Left => _length - Position;

    public uint UInt32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, what));

    public ulong UInt64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, what));

    /// <summary>A number of things of which each takes some bytes at least.</summary>
    public long Count(string what, int fewestBytes)
    {
        ulong count = UInt64(what);
        return count <= (ulong)(Left / fewestBytes)
            ? (long)count
            : throw Wrong($"{what} is {count}, but the {Left} bytes that follow have room for {Left / fewestBytes} at most.");
    }

    /// <summary>The bytes of a name, which must be UTF-8.</summary>
    public byte[] String(string what, int longest)
    {
        long length = Length(what, longest);
        var bytes = new byte[length];
        Fill(bytes);
        return Utf8.IsValid(bytes) ? bytes : throw Wrong($"{what} is not valid UTF-8.");
    }

    /// <summary>A metadata value of a known type.</summary>
    public GgufValue Value(GgufValueType type)
    {
        // Walked first, so that exactly the bytes it has are allocated.
        long start = Position;
        SkipValue(type);
        long bytes = Position - start;
        if (bytes > Array.MaxLength)
        {
            throw Wrong($"a metadata value has {bytes} bytes; at most {Array.MaxLength} are read.");
        }
        var value = new byte[bytes];
        Position = start;
        Fill(value);
        return new(type, value);
    }

    /// <summary>Checks a value and goes behind it.</summary>
    public void SkipValue(GgufValueType type, int depth = 0)
    {
        switch (type)
        {
            case GgufValueType.String:
                SkipString();
                break;
            case GgufValueType.Array:
                SkipArray(depth);
                break;
            case GgufValueType.Bool:
                SkipBool();
                break;
            default:
                Require(type.Bytes(), "a metadata value");
                Position += type.Bytes();
                break;
        }
    }

    /// <summary>A type number.</summary>
    public GgufValueType ValueType(string what)
    {
        uint type = UInt32(what);
        return type < GgufValueTypes.Count
            ? (GgufValueType)type
            : throw Wrong($"{what} is {type}; types go from 0 to {GgufValueTypes.Count - 1}.");
    }

    public ModelFormatException Wrong(string problem) => new(source.Path, $"byte {Position}: {problem}");

    private void SkipArray(int depth)
    {
        if (depth == Deepest)
        {
            throw Wrong($"arrays are nested deeper than {Deepest}.");
        }
        GgufValueType type = ValueType("the type of array elements");
        long count = Count("the length of an array", type.FewestBytes());
        if (type.Bytes() > 0 && type != GgufValueType.Bool)
        {
            Position += count * type.Bytes();
            return;
        }
        for (long i = 0; i < count; i++)
        {
            SkipValue(type, depth + 1);
        }
    }

    private void SkipBool()
    {
        byte value = Take(1, "a truth value")[0];
        if (value > 1)
        {
            throw Wrong($"a truth value is {value}; it is 0 or 1.");
        }
    }

    /// <summary>Values may hold any bytes: vocabularies have tokens that are parts of characters. They are passed on as they are.</summary>
    private void SkipString()
    {
        long length = Length("a string", long.MaxValue);
        Position += length;
    }

    private long Length(string what, long longest)
    {
        ulong length = UInt64($"the length of {what}");
        if (length > (ulong)Left)
        {
            throw Wrong($"{what} is {length} bytes long, but {Left} bytes follow. The file is cut off or damaged.");
        }
        return length <= (ulong)longest ? (long)length : throw Wrong($"{what} is {length} bytes long; at most {longest} are allowed.");
    }

    private ReadOnlySpan<byte> Take(int count, string what)
    {
        Require(count, what);
        ReadOnlySpan<byte> bytes = Peek(count);
        Position += count;
        return bytes;
    }

    private void Require(int count, string what)
    {
        if (Left < count)
        {
            throw Wrong($"{what} takes {count} bytes, but {Left} bytes follow. The file is cut off or damaged.");
        }
    }

    private void Fill(Span<byte> bytes)
    {
        source.ReadExactly(bytes, Position);
        Position += bytes.Length;
    }

    /// <summary>Bytes at <see cref="Position"/>, no more than the buffer has; they must be there.</summary>
    private ReadOnlySpan<byte> Peek(int count)
    {
        if (Position < _start || Position + count > _start + _filled)
        {
            _start = Position;
            _filled = (int)Math.Min(_buffer.Length, Left);
            source.ReadExactly(_buffer.AsSpan(0, _filled), _start);
        }
        return _buffer.AsSpan((int)(Position - _start), count);
    }
}
