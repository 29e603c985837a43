using System.Runtime.InteropServices;
using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>What is written, read by the second reading of the specification and by the reader.</summary>
public sealed class GgufWritingTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private static GgmlType Type(string name) => GgmlTypes.All.Single(type => type.Name == name);

    private static GgufEntry Entry(string name, string type, long[] shape, byte[] bytes) =>
        new(name, Type(type), shape, stream => stream.Write(bytes));

    private static byte[] Pattern(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static GgufValue Value(GgufValueType type, params byte[] bytes) => GgufValue.FromBytes(type, bytes);

    [Fact]
    public void Every_field_reads_as_the_specification_says()
    {
        byte[] q4 = Pattern(3 * 2 * 18, 1),
            half = Pattern(2 * 5, 2),
            one = Pattern(4, 3);
        KeyValuePair<string, GgufValue>[] metadata =
        [
            new("general.architecture", GgufValue.Of("llama")),
            new("a.u8", Value(GgufValueType.UInt8, 200)),
            new("a.i8", Value(GgufValueType.Int8, 200)),
            new("a.u16", Value(GgufValueType.UInt16, 1, 255)),
            new("a.i16", Value(GgufValueType.Int16, 1, 255)),
            new("a.u32", GgufValue.Of(4_000_000_000)),
            new("a.i32", Value(GgufValueType.Int32, 254, 255, 255, 255)),
            new("a.f32", GgufValue.Of(1.5f)),
            new("a.bool", Value(GgufValueType.Bool, 1)),
            new("a.u64", Value(GgufValueType.UInt64, 255, 255, 255, 255, 255, 255, 255, 255)),
            new("a.i64", Value(GgufValueType.Int64, 255, 255, 255, 255, 255, 255, 255, 255)),
            new("a.f64", Value(GgufValueType.Float64, BitConverter.GetBytes(-0.1))),
            new("a.strings", GgufValue.OfArray(GgufValueType.String, GgufValue.Of("a"), GgufValue.Of(""), GgufValue.Of("héß"))),
            new(
                "a.nested",
                GgufValue.OfArray(
                    GgufValueType.Array,
                    GgufValue.OfArray(GgufValueType.UInt32, GgufValue.Of(1u), GgufValue.Of(2u)),
                    GgufValue.OfArray(GgufValueType.Bool)
                )
            ),
        ];
        GgufWriter.Write(
            _scratch["a.gguf"],
            [Entry("matrix", "q4_0", [3, 64], q4), Entry("half", "f16", [5], half), Entry("one", "f32", [], one)],
            metadata
        );

        var spec = new GgufSpec(File.ReadAllBytes(_scratch["a.gguf"]));
        Assert.Equal((0x46554747u, 3u), (spec.Magic, spec.Version));
        Assert.Equal(metadata.Select(entry => entry.Key), spec.Metadata.Keys);
        object[] expected =
        [
            "llama",
            (byte)200,
            (sbyte)-56,
            (ushort)65281,
            (short)-255,
            4_000_000_000u,
            -2,
            1.5f,
            true,
            ulong.MaxValue,
            -1L,
            -0.1,
        ];
        Assert.Equal(expected, spec.Metadata.Values.Take(12));
        Assert.Equal(["a", "", "héß"], (object[])spec.Metadata["a.strings"]);
        Assert.Equal([new object[] { 1u, 2u }, Array.Empty<object>()], (object[])spec.Metadata["a.nested"]);
        Assert.Equal([("matrix", 2u, 0UL), ("half", 1u, 128UL), ("one", 0u, 160UL)], spec.Tensors.Select(t => (t.Name, t.Type, t.Offset)));
        Assert.Equal([64UL, 3UL], spec.Tensors[0].Dimensions); // fastest first in the file
        Assert.Equal(q4, spec.Data[..q4.Length]);
        Assert.Equal(half, spec.Data[128..138]);
        Assert.Equal([.. one, .. new byte[28]], spec.Data[160..]); // padded at the end, as ggml writes it

        using GgufFile file = GgufFile.Open(_scratch["a.gguf"]);
        Assert.Equal(
            metadata.Select(entry => (entry.Key, entry.Value.Type)),
            file.Header.Metadata.Select(entry => (entry.Key, entry.Value.Type))
        );
        Assert.All(metadata.Zip(file.Header.Metadata), pair =>
            Assert.Equal(pair.First.Value.Bytes.ToArray(), pair.Second.Value.Bytes.ToArray())
        );
        Assert.Equal([3, 64], file["matrix"].Shape);
        var read = new byte[q4.Length - 5];
        file.ReadBytes(file["matrix"], 5, read);
        Assert.Equal(q4[5..], read);
        Assert.Equal("2 × Array: [2 × UInt32: [1, 2], 0 × Bool: []]", file.Header.Metadata[^1].Value.ToString());
    }

    [Fact]
    public void Alignment_follows_the_metadata()
    {
        GgufWriter.Write(
            _scratch["a.gguf"],
            [Entry("a", "i8", [3], [1, 2, 3]), Entry("b", "i8", [1], [4])],
            [new(GgufHeader.AlignmentKey, GgufValue.Of(4096u))]
        );
        byte[] bytes = File.ReadAllBytes(_scratch["a.gguf"]);
        Assert.Equal(3 * 4096, bytes.Length);
        Assert.Equal((1, 4), (bytes[4096], bytes[2 * 4096]));
        Assert.Equal([0UL, 4096UL], new GgufSpec(bytes).Tensors.Select(tensor => tensor.Offset));
    }

    [Fact]
    public void Types_that_are_not_known_are_passed_on()
    {
        byte[] later = new GgufBytes(tensors: 2).Tensor("new", 99, 0, 7, 3).Tensor("old", 0, 64, 1).WithData(68);
        later[^70] = 42; // two bytes before its data end would be header; this is data of 'new'
        byte[] file = [.. later[..^68], .. Pattern(68, 4)];
        GgufHeader header = GgufHeader.Parse(file, "later");
        GgufTensor unknown = header.Tensors[0];
        Assert.Equal((99u, false, 64L, 21L), (unknown.Type.Id, unknown.Type.IsKnown, unknown.Bytes, unknown.Count));
        GgufWriter.Write(
            _scratch["b.gguf"],
            [
                new("new", unknown.Type, unknown.Shape, stream => stream.Write(file.AsSpan((int)header.DataStart, 64)), unknown.Bytes),
                Entry("old", "f32", [1], file[^4..]),
            ]
        );
        var spec = new GgufSpec(File.ReadAllBytes(_scratch["b.gguf"]));
        Assert.Equal((99u, 64UL), (spec.Tensors[0].Type, spec.Tensors[1].Offset));
        Assert.Equal(file[^68..], spec.Data[..68]);
    }

    [Fact]
    public void What_cannot_be_written_is_refused_before_anything_is_written()
    {
        Refused("has 64 bytes; 1 to 63", Entry(new string('x', 64), "i8", [1], [0]));
        Refused("has 0 bytes; 1 to 63", Entry("", "i8", [1], [0]));
        Refused("names must be distinct", Entry("a", "i8", [1], [0]), Entry("a", "i8", [1], [0]));
        Refused("has 5 dimensions; GGUF has 4 at most", Entry("a", "i8", [1, 1, 1, 1, 1], [0]));
        Refused("its rows have 33 values; q4_0 stores whole blocks of 32", Entry("a", "q4_0", [33], [0]));
        Assert.Empty(_scratch.Files);
        Assert.Contains(
            "wrote 1 bytes; its type and shape take 2",
            Assert.Throws<InvalidOperationException>(() => GgufWriter.Write(_scratch["x"], [Entry("a", "i8", [2], [0])])).Message,
            StringComparison.Ordinal
        );
        Assert.Empty(_scratch.Files);

        void Refused(string words, params GgufEntry[] entries) =>
            Assert.Contains(
                words,
                Assert.Throws<ArgumentException>(() => GgufWriter.Write(_scratch["x"], entries)).Message,
                StringComparison.Ordinal
            );
    }

    [Fact]
    public void Bytes_of_every_type_survive_a_round_trip()
    {
        var random = new Random(5);
        (GgmlType Type, byte[] Bytes)[] golden =
        [
            .. GgmlTypes.All.Select(type =>
            {
                var bytes = new byte[4096 / type.Block * type.BlockBytes];
                random.NextBytes(bytes);
                return (type, bytes);
            }),
        ];
        Assert.True(golden.Length >= 19);
        GgufWriter.Write(
            _scratch["golden.gguf"],
            [
                .. golden.Select(entry =>
                    Entry(
                        entry.Type.Name,
                        entry.Type.Name,
                        [entry.Bytes.Length / entry.Type.BlockBytes * entry.Type.Block / 1024, 1024],
                        entry.Bytes
                    )
                ),
            ]
        );
        var spec = new GgufSpec(File.ReadAllBytes(_scratch["golden.gguf"]));
        using GgufFile file = GgufFile.Open(_scratch["golden.gguf"]);
        foreach (((GgmlType type, byte[] bytes), GgufSpec.TensorInfo info) in golden.Zip(spec.Tensors))
        {
            Assert.Equal((type.Id, type.Name), (info.Type, info.Name));
            Assert.True(MemoryExtensions.SequenceEqual<byte>(bytes, spec.Data.AsSpan((int)info.Offset, bytes.Length)), type.Name);
            var read = new byte[bytes.Length];
            file.ReadBytes(file[type.Name], 0, read);
            Assert.Equal(bytes, read);
        }
        Assert.Equal(1 << 12, MemoryMarshal.Cast<byte, float>(golden.Single(entry => entry.Type.Name == "bf16").Bytes).Length * 2);
    }
}
