using System.Text;

namespace KernelGen.Models.Tests;

/// <summary>
/// A second reading of the GGUF specification (ggml's docs/gguf.md), field by field as its structs are listed, which shares
/// nothing with the reader and writer under test. It believes the file.
/// </summary>
internal sealed class GgufSpec
{
    public sealed record TensorInfo(string Name, ulong[] Dimensions, uint Type, ulong Offset);

    public uint Magic { get; }

    public uint Version { get; }

    public Dictionary<string, object> Metadata { get; } = [];

    public List<TensorInfo> Tensors { get; } = [];

    /// <summary>tensor_data, behind the padding.</summary>
    public byte[] Data { get; }

    public GgufSpec(byte[] file)
    {
        using var reader = new BinaryReader(new MemoryStream(file), Encoding.UTF8);
        Magic = reader.ReadUInt32();
        Version = reader.ReadUInt32();
        ulong tensorCount = reader.ReadUInt64(),
            metadataCount = reader.ReadUInt64();
        for (ulong i = 0; i < metadataCount; i++)
        {
            string key = ReadString(reader);
            Metadata.Add(key, ReadValue(reader, reader.ReadUInt32()));
        }
        for (ulong i = 0; i < tensorCount; i++)
        {
            string name = ReadString(reader);
            uint dimensions = reader.ReadUInt32();
            ulong[] lengths = [.. Enumerable.Range(0, (int)dimensions).Select(_ => reader.ReadUInt64())];
            uint type = reader.ReadUInt32();
            Tensors.Add(new(name, lengths, type, reader.ReadUInt64()));
        }
        ulong alignment = Metadata.TryGetValue("general.alignment", out object? value) ? (uint)value : 32u,
            at = (ulong)reader.BaseStream.Position;
        // uint8_t _padding[]: "0x00 bytes to the next multiple of general.alignment"
        ulong start = at + (alignment - at % alignment) % alignment;
        Assert.All(file[(int)at..(int)start], padding => Assert.Equal(0, padding));
        Data = file[(int)start..];
        Assert.All(Tensors, tensor => Assert.Equal(0UL, tensor.Offset % alignment));
    }

    private static string ReadString(BinaryReader reader) => Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadUInt64()));

    private static object ReadValue(BinaryReader reader, uint type) =>
        type switch
        {
            0 => reader.ReadByte(),
            1 => reader.ReadSByte(),
            2 => reader.ReadUInt16(),
            3 => reader.ReadInt16(),
            4 => reader.ReadUInt32(),
            5 => reader.ReadInt32(),
            6 => reader.ReadSingle(),
            7 => reader.ReadByte() == 1,
            8 => ReadString(reader),
            9 => ReadArray(reader),
            10 => reader.ReadUInt64(),
            11 => reader.ReadInt64(),
            12 => reader.ReadDouble(),
            _ => throw new InvalidDataException($"value type {type}"),
        };

    private static object[] ReadArray(BinaryReader reader)
    {
        uint type = reader.ReadUInt32();
        ulong count = reader.ReadUInt64();
        return [.. Enumerable.Range(0, (int)count).Select(_ => ReadValue(reader, type))];
    }
}
