using KernelGen.Tests;

namespace KernelGen.Models.Tests;

public sealed class WritingTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private static SafetensorsEntry Bytes(string name, SafetensorsDtype dtype, long[] shape, params byte[] bytes) =>
        new(name, dtype, shape, stream => stream.Write(bytes));

    [Fact]
    public void What_is_written_is_read_and_the_bytes_are_the_expected_ones()
    {
        string path = _scratch["a.safetensors"];
        SafetensorsWriter.Write(
            path,
            [Bytes("b", SafetensorsDtype.U8, [3], 1, 2, 3), Bytes("a", SafetensorsDtype.F32, [1, 1], 0, 0, 0x80, 0x3F)],
            new Dictionary<string, string> { ["k"] = "v" }
        );
        const string header =
            """{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[3],"data_offsets":[4,7]}}""";
        byte[] expected = SafetensorsBytes.Of(header.PadRight((header.Length + 7) / 8 * 8), 0, 0, 0x80, 0x3F, 1, 2, 3);
        Assert.Equal(expected, File.ReadAllBytes(path));
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal([1f], file.ReadSingles(file["a"]));
        Assert.Equal(["a.safetensors"], _scratch.Files);
    }

    [Fact]
    public void Nothing_is_replaced_unless_asked_for()
    {
        string path = _scratch.Write("a.safetensors", [42]);
        Assert.Contains("exists", Assert.Throws<IOException>(() => SafetensorsWriter.Write(path, [])).Message, StringComparison.Ordinal);
        Assert.Equal([42], File.ReadAllBytes(path));
        SafetensorsWriter.Write(path, [], overwrite: true);
        Assert.NotEqual([42], File.ReadAllBytes(path));
    }

    [Fact]
    public void A_failure_leaves_nothing_behind_and_the_old_file_whole()
    {
        string path = _scratch.Write("a.safetensors", [42]);
        SafetensorsEntry bad = new("t", SafetensorsDtype.U8, [3], stream => stream.Write([1, 2]));
        Assert.Contains(
            "wrote 2 bytes; its type and shape take 3",
            Assert.Throws<InvalidOperationException>(() => SafetensorsWriter.Write(path, [bad], overwrite: true)).Message,
            StringComparison.Ordinal
        );
        using var cancelled = new CancellationTokenSource();
        SafetensorsEntry cancels = new("t", SafetensorsDtype.U8, [1], stream =>
        {
            stream.Write([1]);
            cancelled.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() =>
            SafetensorsWriter.Write(path, [cancels], overwrite: true, cancellation: cancelled.Token)
        );
        Assert.Equal(["a.safetensors"], _scratch.Files);
        Assert.Equal([42], File.ReadAllBytes(path));
    }

    [Fact]
    public void Names_must_be_distinct()
    {
        SafetensorsEntry entry = Bytes("t", SafetensorsDtype.U8, [0]);
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(_scratch["a"], [entry, entry]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(_scratch["a"], [entry with { Name = "__metadata__" }]));
        Assert.Empty(_scratch.Files);
    }

    [Fact]
    public void Raw_floats_are_little_endian_and_whole()
    {
        string path = _scratch["a.f32"];
        using (OutputFile file = OutputFile.Create(path, overwrite: false))
        {
            RawFloatFile.Write(file.Stream, [1f, -2f, float.NaN]);
            Assert.Matches(@"^a\.f32\..+\.partial$", Assert.Single(_scratch.Files));
            file.Commit();
        }
        Assert.Equal([0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0], File.ReadAllBytes(path)[..8]);
        Assert.Equal([1f, -2f, float.NaN], RawFloatFile.Read(path));
        var failure = Assert.Throws<ModelFormatException>(() => RawFloatFile.Read(_scratch.Write("b.f32", new byte[7])));
        Assert.Contains("7 bytes are no whole number of float32 values: 4 or 8 would be", failure.Message, StringComparison.Ordinal);
    }
}
