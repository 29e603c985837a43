using System.Text;

namespace KernelGen.Models;

/// <summary>A protocol buffer as it is written: a key and a value for each field.</summary>
internal sealed class ProtocolBuffer
{
    private readonly MemoryStream _stream = new();

    public ProtocolBuffer Number(int field, long value)
    {
        Variable((ulong)field << 3);
        Variable((ulong)value);
        return this;
    }

    public ProtocolBuffer Float(int field, float value)
    {
        Variable((ulong)field << 3 | 5);
        _stream.Write(BitConverter.GetBytes(value));
        return this;
    }

    public ProtocolBuffer Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    public ProtocolBuffer Nested(int field, ProtocolBuffer message) => Bytes(field, message.ToArray());

    public ProtocolBuffer Bytes(int field, byte[] bytes)
    {
        Variable((ulong)field << 3 | 2);
        Variable((ulong)bytes.Length);
        _stream.Write(bytes);
        return this;
    }

    public byte[] ToArray() => _stream.ToArray();

    private void Variable(ulong value)
    {
        for (; value >= 128; value >>= 7)
        {
            _stream.WriteByte((byte)(value | 128));
        }
        _stream.WriteByte((byte)value);
    }
}
