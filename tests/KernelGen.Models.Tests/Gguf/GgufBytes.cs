using System.Text;

namespace KernelGen.Models.Tests;

/// <summary>GGUF files made by hand, independent of the writer under test.</summary>
internal sealed class GgufBytes
{
    private readonly MemoryStream _stream = new();
    private readonly BinaryWriter _writer;

    public GgufBytes(uint version = 3, ulong tensors = 0, ulong entries = 0)
    {
        _writer = new(_stream);
        Raw("GGUF"u8).U32(version).U64(tensors).U64(entries);
    }

    public GgufBytes Raw(ReadOnlySpan<byte> bytes)
    {
        _writer.Write(bytes);
        return this;
    }

    public GgufBytes U32(uint value)
    {
        _writer.Write(value);
        return this;
    }

    public GgufBytes U64(ulong value)
    {
        _writer.Write(value);
        return this;
    }

    public GgufBytes Text(string text) => U64((ulong)Encoding.UTF8.GetByteCount(text)).Raw(Encoding.UTF8.GetBytes(text));

    /// <summary>A tensor description; dimensions fastest first, as in the file.</summary>
    public GgufBytes Tensor(string name, uint type, ulong offset, params ulong[] dimensions)
    {
        Text(name).U32((uint)dimensions.Length);
        foreach (ulong length in dimensions)
        {
            U64(length);
        }
        return U32(type).U64(offset);
    }

    /// <summary>The file with zeros up to the data and so many bytes of data.</summary>
    public byte[] WithData(int bytes, int alignment = 32)
    {
        byte[] header = _stream.ToArray();
        return [.. header, .. new byte[(alignment - header.Length % alignment) % alignment], .. new byte[bytes]];
    }

    /// <summary>The bytes as they are.</summary>
    public byte[] Bare() => _stream.ToArray();
}
